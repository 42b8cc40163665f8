import { ConcurrencyLimit } from "../runtime/concurrency-limit";
import { pause, within } from "../runtime/deadline";
import { yieldToEventLoop } from "../runtime/next-task";
import type { OrganizationRef } from "../units/organization-ref";
import { isRefused } from "../units/refusal";
import type { Organization } from "./core/account/organization";
import type { NoSuchOrganization } from "./core/refusals";
import type { OrganizationLedger } from "./object/organization-ledger";
import type { ReleasedCall, VerifyCursor, VerifyPortion } from "./object/verify";
import { isRetryable, retryDelayMs } from "./retry-policy";

/** The ledger could not be asked in time. Says nothing about credit: answered as 503, never as 402. */
export class LedgerUnavailable extends Error {}

/** Tries of one request: the commands carry the caller's id, so that a repeat after a lost reply does nothing twice. */
const MAX_ATTEMPTS = 2;

/** The part of the deadline that one request of a check works for: the rest is for what else the object has to do. */
const VERIFY_SHARE = 0.3;

/**
 * Requests of this isolate that one ledger may owe an answer at once: about a second of an object's work
 * (developers.cloudflare.com/durable-objects/platform/limits: 1,000 requests a second).
 */
const MAX_PENDING_REQUESTS = 1_000;

/** Of each ledger that owes an answer. */
const limits = new Map<string, ConcurrencyLimit>();

/** A way to the object for one try. */
export type LedgerStub = DurableObjectStub<OrganizationLedger>;

export interface LedgerVerification {
  outcome: "verified";
  ok: boolean;
  first_difference: string | null;
  posted_micros: number;
  held_micros: number;
  entries: number;
  /** The first entry that was checked one by one; the checkpoint before it, when there is one, as a sum. */
  proves_from_seq: number;
  /** The first entry that the chain of digests proves; absent when that is `proves_from_seq`. */
  chain_from_seq?: number;
  /** Calls that differ because an operator has released them; absent when there are none. */
  released?: ReleasedCall[];
  /** Calls whose report waits for an operator to release it; absent when there are none. */
  stopped?: { count: number; call_ids: string[] };
}

/** The way to one organization's ledger. */
export class LedgerHandle {
  constructor(
    private readonly organization_id: string,
    private readonly open: () => LedgerStub,
    private readonly deadline_ms: number,
  ) {}

  /**
   * Asks the ledger, within the deadline and with one repeat where that is safe. `request` is told how long its answer is
   * waited for. The deadline counts from `since_ms`: when whoever asks has been waiting already, from then.
   * @throws LedgerUnavailable when there was no answer in time, or cannot be with all that this ledger owes already
   */
  async ask<Answer>(
    request: (ledger: LedgerStub, patience_ms: number) => Promise<Answer>,
    since_ms?: number,
  ): Promise<Answer> {
    const now_ms = Date.now();
    const until_ms = Math.min(since_ms ?? now_ms, now_ms) + this.deadline_ms;
    if (until_ms <= now_ms) throw tooLate();
    const room = limits.get(this.organization_id) ?? new ConcurrencyLimit(MAX_PENDING_REQUESTS);
    const leave = room.acquire(now_ms, until_ms);
    if (!leave) throw new LedgerUnavailable("The ledger owes too many answers already.");
    limits.set(this.organization_id, room);
    try {
      const ask = (isLate: () => boolean) => this.askWithRetries(request, until_ms, isLate);
      return await within(until_ms - now_ms, ask, tooLate);
    } finally {
      leave();
      if (room.isEmpty) limits.delete(this.organization_id);
    }
  }

  /**
   * Checks the ledger from `cursor` on, the whole of it with null. Each request takes a part of the deadline, and lets calls
   * go on in between. `unfinished` when `until_ms` comes before the end: go on from its cursor.
   */
  async verify({
    cursor = null,
    until_ms = Number.POSITIVE_INFINITY,
  }: {
    cursor?: VerifyCursor | null;
    until_ms?: number;
  } = {}): Promise<
    LedgerVerification | { outcome: "unfinished"; cursor: VerifyCursor } | NoSuchOrganization
  > {
    const budget_ms = this.deadline_ms * VERIFY_SHARE;
    let from = cursor;
    for (;;) {
      const before: VerifyCursor | null = from;
      const portion: VerifyPortion | NoSuchOrganization = await this.ask(async (ledger) =>
        ledger.verifyFor(before, budget_ms),
      );
      if (isRefused(portion)) return portion;
      const { outcome: _, cursor: next, ...totals }: VerifyPortion = portion;
      if (next === null) return { outcome: "verified", ok: totals.first_difference === null, ...totals };
      await yieldToEventLoop();
      if (Date.now() >= until_ms) return { outcome: "unfinished", cursor: next };
      from = next;
    }
  }

  private async askWithRetries<Answer>(
    request: (ledger: LedgerStub, patience_ms: number) => Promise<Answer>,
    until_ms: number,
    isLate: () => boolean,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        // A stub that has failed once stays broken: each try opens its own.
        return await request(this.open(), until_ms - Date.now());
      } catch (error) {
        const unavailable = new LedgerUnavailable(String(error), { cause: error });
        if (attempt === MAX_ATTEMPTS || !isRetryable(error)) throw unavailable;
        await pause(retryDelayMs(this.deadline_ms));
        // Whoever asked has had an answer: a repeat would only make work.
        if (isLate()) throw unavailable;
      }
    }
  }
}

/** The ledger of an organization that exists. */
export function openLedger(env: Env, organization: OrganizationRef, deadline_ms: number): LedgerHandle {
  const { organization_id } = organization;
  const open = () => namespaceOf(env, organization).getByName(organization_id);
  return new LedgerHandle(organization_id, open, deadline_ms);
}

/** The ledger of an organization that is being created: the first request decides where the object lives. */
export function openNewLedger(env: Env, profile: Organization, deadline_ms: number): LedgerHandle {
  const options = profile.location_hint
    ? { locationHint: profile.location_hint as DurableObjectLocationHint }
    : {};
  const { organization_id } = profile;
  const open = () => namespaceOf(env, profile).getByName(organization_id, options);
  return new LedgerHandle(organization_id, open, deadline_ms);
}

function namespaceOf(env: Env, { jurisdiction }: Pick<OrganizationRef, "jurisdiction">) {
  return jurisdiction ? env.LEDGER.jurisdiction(jurisdiction as DurableObjectJurisdiction) : env.LEDGER;
}

function tooLate(): LedgerUnavailable {
  return new LedgerUnavailable("The ledger did not answer in time.");
}
