import { within } from "../units/deadline";
import type { Profile } from "./account";
import type { NoSuchOrganization } from "./commands";
import { mayRepeat, pauseMs } from "./may-repeat";
import type { OrganizationLedger } from "./organization-ledger";
import type { VerifyCursor, VerifyPortion } from "./verify";

/** Which object keeps an organization's ledger: the same id in another jurisdiction would be another, empty one. */
export interface LedgerAddress {
  organization_id: string;
  jurisdiction: string | null;
}

/** The ledger could not be asked in time. Says nothing about credit: answered as 503, never as 402. */
export class LedgerUnavailable extends Error {}

/** Tries of one request: the commands carry the caller's id, so that a repeat after a lost reply does nothing twice. */
const TRIES = 2;

type Stub = DurableObjectStub<OrganizationLedger>;

export interface LedgerVerification {
  outcome: "verified";
  ok: boolean;
  first_difference: string | null;
  posted_micros: number;
  held_micros: number;
  entries: number;
  /** The first entry that was checked one by one; the checkpoint before it, when there is one, as a sum. */
  proves_from_seq: number;
}

/** The way to one organization's ledger. */
export class LedgerHandle {
  constructor(
    private readonly open: () => Stub,
    private readonly deadline_ms: number,
  ) {}

  /**
   * Asks the ledger, within the deadline and with one repeat where that is safe.
   * @throws LedgerUnavailable when there was no answer in time
   */
  ask<Answer>(request: (ledger: Stub) => Promise<Answer>): Promise<Answer> {
    return within(
      this.deadline_ms,
      (isLate) => this.askWithRepeats(request, isLate),
      () => new LedgerUnavailable("The ledger did not answer in time."),
    );
  }

  /** Checks the whole ledger in portions, each a request of its own, so that calls go on meanwhile. */
  async verify(): Promise<LedgerVerification | NoSuchOrganization> {
    let cursor: VerifyCursor | null = null;
    for (;;) {
      const before: VerifyCursor | null = cursor;
      const portion: VerifyPortion | NoSuchOrganization = await this.ask(async (ledger) =>
        ledger.verifyPortion(before),
      );
      if (portion.outcome === "refused") return portion;
      const { outcome: _, cursor: next, ...totals }: VerifyPortion = portion;
      if (next === null) return { outcome: "verified", ok: totals.first_difference === null, ...totals };
      cursor = next;
    }
  }

  private async askWithRepeats<Answer>(
    request: (ledger: Stub) => Promise<Answer>,
    isLate: () => boolean,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        // A stub that has failed once stays broken: each try opens its own.
        return await request(this.open());
      } catch (error) {
        const unavailable = new LedgerUnavailable(String(error), { cause: error });
        if (attempt === TRIES || !mayRepeat(error)) throw unavailable;
        await pause(pauseMs(this.deadline_ms));
        // Whoever asked has had an answer: a repeat would only make work.
        if (isLate()) throw unavailable;
      }
    }
  }
}

/** The ledger of an organization that exists. */
export function openLedger(env: Env, address: LedgerAddress, deadline_ms: number): LedgerHandle {
  return new LedgerHandle(() => namespaceOf(env, address).getByName(address.organization_id), deadline_ms);
}

/** The ledger of an organization that is being created: the first request decides where the object lives. */
export function openNewLedger(env: Env, profile: Profile, deadline_ms: number): LedgerHandle {
  const options = profile.location_hint
    ? { locationHint: profile.location_hint as DurableObjectLocationHint }
    : {};
  return new LedgerHandle(
    () => namespaceOf(env, profile).getByName(profile.organization_id, options),
    deadline_ms,
  );
}

function namespaceOf(env: Env, { jurisdiction }: Pick<LedgerAddress, "jurisdiction">) {
  return jurisdiction ? env.LEDGER.jurisdiction(jurisdiction as DurableObjectJurisdiction) : env.LEDGER;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
