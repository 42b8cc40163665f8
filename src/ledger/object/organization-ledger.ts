import { DurableObject } from "cloudflare:workers";
import type { AuditFact } from "../../units/audit-fact";
import type { RequestRecord } from "../../units/repeatable";
import type { NewEvent } from "../../webhooks/event-catalogue";
import type { Account } from "../core/account/account";
import type {
  ApiKey,
  Authentication,
  Caller,
  KeyRefusal,
  NoSuchKey,
  RateLimit,
} from "../core/account/api-keys";
import type { Organization, OrganizationChange } from "../core/account/organization";
import type { NumberPage, OwnNumber } from "../core/account/own-numbers";
import type { LiveCall } from "../core/calls/call";
import type { CallAnswer, CallCommand, Place } from "../core/calls/commands";
import type { LiveAsked, LivePage } from "../core/calls/live-page";
import type { CardMissing, TopUpAnswer, TopUpCard, TopUpSettings } from "../core/credit/auto-top-up";
import type { AlertThreshold } from "../core/credit/balance-alerts";
import type { Post, PostAnswer, ReverseCredit, ReverseCreditAnswer } from "../core/credit/commands";
import type { DatedRate, Rate } from "../core/credit/rating";
import { type NoSuchOrganization, noSuchOrganization, notInTime, type TooMany } from "../core/refusals";
import type { Subscription } from "../store/event-outbox";
import type { GivenNumber } from "./commands/account";
import { type Commands, commandsOf } from "./commands/all";
import type { KnownId, KnownOrLeft, WrittenUpTo } from "./commands/calls";
import type {
  ChainedAt,
  CopiedPage,
  Difference,
  NewestCopies,
  ProjectionStatus,
  Written,
} from "./commands/checks";
import type { EntryPage } from "./commands/credit";
import type { AlertsAnswer } from "./commands/events";
import { LedgerEngine } from "./engine";
import { GroupCommit } from "./group-commit";
import type { AfterCall } from "./node-calls";
import { RequestLocks } from "./request-locks";
import type { VerifyCursor, VerifyPortion } from "./verify";

/** An answer to an organization's own key, or why the key is not let in. */
export type Authenticated<Answer> =
  | (Answer & { rate_limit: RateLimit | null })
  | KeyRefusal
  | NoSuchOrganization;

type Changed = { outcome: "changed" };

/**
 * The ledger of one organization: the only writer of its balance. Here are its RPC methods and nothing else: each asks one of
 * `commands/`, which says what it does, and answers `no_such_organization` before `create`. Expected refusals are values; `fact`
 * is the row of the audit for what is changed, written with it (none when nothing changes); the
 * runtime holds each answer back until its rows are durable.
 *
 * To read the ledger aloud in ten minutes, follow one settle through the functions that it runs:
 * 1. `operate` below, then `#decide` in commands/calls: one turn for each command
 * 2. core/decide `decideCall`, its case `settle`: which decision answers which report
 * 3. core/calls/settle `decideSettle`, core/calls/charge-call `chargeCall`: a live call becomes a receipt and an entry
 * 4. core/calls/charge `chargeFor`, core/credit/next-entry `nextEntry`: what it costs, and the balance after it
 * 5. core/invariants `Invariant`: what is asserted before anything is written
 * 6. engine `transact` and `commit`: decide, assert, write the rows, then let memory follow
 *
 * Then, as needed:
 * - core/book: all that a decision may know and may change
 * - calls: core/calls/call (the nouns), commands (what is asked), one file a command: authorize (with quota and grant), answered,
 *   renew, void, correct, expire, accept-parked; take-over and rated-by-report for calls that a customer placed;
 *   repeated-settle and settle-unauthorized for the other two ways of a settle; resolved-call, receipt, call-times and idempotency
 *   for all
 * - credit: core/credit/post, reverse-credit (refunds and disputes), balance-alerts, auto-top-up and its transitions
 * - the object: group-commit (many commands, one commit), memory, store/changes (all that a commit may change), commands/
 * - what goes on by itself: expiry, projector, projection/ (compared and made anew), event-relay, top-up-trigger, retention; verify proves all of it
 */
export class OrganizationLedger extends DurableObject<Env> {
  readonly #engine: LedgerEngine;
  readonly #group_commit: GroupCommit;
  readonly #request_locks = new RequestLocks();
  #commands: Commands | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#engine = new LedgerEngine(ctx, env);
    this.#group_commit = new GroupCommit(ctx.storage);
    ctx.blockConcurrencyWhile(() => this.#engine.start());
  }

  /** Expiry, copies, events and archiving; see `LedgerEngine.alarm`. */
  override alarm(info?: AlarmInvocationInfo): Promise<void> {
    return this.#engine.alarm(info);
  }

  /** Opens the ledger. The same profile again changes nothing; no other method works before this one. */
  create(profile: Organization, first_key: ApiKey | null): { outcome: "created" } {
    this.#engine.create(profile, first_key);
    return { outcome: "created" };
  }

  /**
   * Takes what nodes say about calls, in order. Each command stands alone: one that fails undoes no other. None is carried
   * out when their turn has not come within `patience_ms`.
   */
  operate(commands: CallCommand[], patience_ms?: number): Promise<CallAnswer[]> {
    const answer = (): CallAnswer[] => {
      const answers = this.#opened(({ calls }) => calls.answer(commands));
      return "outcome" in answers ? commands.map(() => answers) : answers;
    };
    const givenUp = () => commands.map(() => notInTime());
    return this.#group_commit.run(answer, patience_ms === undefined ? undefined : { patience_ms, givenUp });
  }

  /**
   * Holds credit for a call that one of the organization's own keys asks for, from one of its own numbers. Where there is
   * nobody to dial it, `only_ask`: answers what it would be answered, and holds and writes nothing.
   */
  place(caller: Caller, call: Place, only_ask = false): Promise<Authenticated<CallAnswer>> {
    return this.#group_commit.run(() =>
      this.#authenticated(caller, ({ calls }) => calls.place(call, only_ask)),
    );
  }

  /** Whether the request of this token may be worked on now, for `lease_ms`: not while another with its key is. */
  beginRequest(
    key: string,
    token: string,
    lease_ms: number,
  ): { outcome: "begun" | "in_progress" } | NoSuchOrganization {
    return this.#opened(() => {
      const now_ms = Date.now();
      const is_alone = this.#request_locks.acquire(key, { token, until_ms: now_ms + lease_ms }, now_ms);
      return { outcome: is_alone ? "begun" : "in_progress" };
    });
  }

  endRequest(key: string, token: string): { outcome: "ended" } {
    this.#request_locks.release(key, token);
    return { outcome: "ended" };
  }

  release(call_id: string, fact?: AuditFact): CallAnswer {
    return this.#opened(({ calls }) => calls.release(call_id, fact));
  }

  post(command: Post, fact?: AuditFact): PostAnswer {
    return this.#opened(({ credit }) => credit.post(command, fact));
  }

  takeBack(command: ReverseCredit): ReverseCreditAnswer {
    return this.#opened(({ credit }) => credit.takeBack(command));
  }

  postedAmounts(
    keys: readonly string[],
  ): { outcome: "amounts"; posted: { key: string; amount_micros: number }[] } | NoSuchOrganization {
    return this.#opened(({ credit }) => credit.postedAmounts(keys));
  }

  admit(caller: Caller): Authentication | NoSuchOrganization {
    return this.#opened(({ account }) => account.authenticate(caller));
  }

  account(
    caller: Caller | null,
    standard_voice: Rate,
  ): Authenticated<{ outcome: "account"; account: Account }> {
    return this.#authenticated(caller, ({ account }) => account.account(standard_voice));
  }

  entries(
    caller: Caller | null,
    page: { before_seq: number | null; limit: number },
  ): Authenticated<EntryPage> {
    return this.#authenticated(caller, ({ credit }) => credit.entries(page));
  }

  calls(
    caller: Caller | null,
    asked?: LiveAsked,
  ): Authenticated<{ outcome: "calls"; written: WrittenUpTo } & LivePage> {
    return this.#authenticated(caller, ({ calls }) => calls.calls(asked));
  }

  nodeCalls(
    node: string,
    after: AfterCall | null,
    limit: number,
  ): { outcome: "node_calls"; live: LiveCall[]; has_more: boolean } | NoSuchOrganization {
    return this.#opened(({ calls }) => calls.nodeCalls(node, after, limit));
  }

  call(caller: Caller | null, call_id: string): Authenticated<KnownOrLeft> {
    return this.#authenticated(caller, ({ calls }) => calls.call(call_id));
  }

  knownCalls(call_ids: readonly string[]): { outcome: "known"; known: KnownId[] } | NoSuchOrganization {
    return this.#opened(({ calls }) => calls.knownCalls(call_ids));
  }

  keys(caller: Caller | null, request_key?: string): Authenticated<ReturnType<Commands["account"]["keys"]>> {
    return this.#authenticated(caller, ({ account }) => account.keys(request_key));
  }

  key(key_id: string): { outcome: "key"; key: ApiKey } | NoSuchOrganization | NoSuchKey {
    return this.#opened(({ account }) => account.key(key_id));
  }

  addKey(
    key: ApiKey,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): NoSuchOrganization | ReturnType<Commands["account"]["addKey"]> {
    return this.#opened(({ account }) => account.addKey(key, request, fact));
  }

  revokeKey(key_id: string, fact?: AuditFact): Changed | NoSuchOrganization | NoSuchKey {
    return this.#opened(({ account }) => account.revokeKey(key_id, fact));
  }

  rates(): { outcome: "rates"; rates: DatedRate[] } | NoSuchOrganization {
    return this.#opened(({ account }) => account.rates());
  }

  putRate(rate: DatedRate, fact?: AuditFact): Changed | NoSuchOrganization | TooMany {
    return this.#opened(({ account }) => account.putRate(rate, fact));
  }

  hearOfCard(card: readonly DatedRate[]): Changed | NoSuchOrganization {
    return this.#opened(({ account }) => account.hearOfCard(card));
  }

  numbers(
    caller: Caller | null,
    page?: NumberPage,
  ): Authenticated<{ outcome: "numbers"; numbers: OwnNumber[] }> {
    return this.#authenticated(caller, ({ account }) => account.numbers(page));
  }

  hasRoomForNumber(e164: string): { outcome: "room" } | NoSuchOrganization | TooMany {
    return this.#opened(({ account }) => account.hasRoomForNumber(e164));
  }

  putNumber(e164: string, given: GivenNumber = {}): Changed | NoSuchOrganization | TooMany {
    return this.#opened(({ account }) => account.putNumber(e164, given));
  }

  removeNumber(e164: string): Changed | NoSuchOrganization {
    return this.#opened(({ account }) => account.removeNumber(e164));
  }

  setProfile(
    patch: OrganizationChange,
    fact?: AuditFact,
  ): { outcome: "profile"; profile: Organization } | NoSuchOrganization {
    return this.#opened(({ account }) => account.setProfile(patch, fact));
  }

  /** See `AccountCommands.learnExternalId`. */
  learnExternalId(external_id: string | null): Changed | NoSuchOrganization {
    return this.#opened(({ account }) => account.learnExternalId(external_id));
  }

  beginEpoch(asked: number, fact?: AuditFact): { outcome: "epoch"; epoch: number } | NoSuchOrganization {
    return this.#opened(({ account }) => account.beginEpoch(asked, fact));
  }

  autoTopUp(caller: Caller | null): Authenticated<TopUpAnswer> {
    return this.#authenticated(caller, ({ top_up }) => top_up.autoTopUp());
  }

  setAutoTopUp(
    settings: TopUpSettings | null,
    fact?: AuditFact,
  ): TopUpAnswer | NoSuchOrganization | CardMissing {
    return this.#opened(({ top_up }) => top_up.setAutoTopUp(settings, fact));
  }

  putTopUpCard(card: TopUpCard): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.putTopUpCard(card));
  }

  removeTopUpCard(payment_method_id: string | null, fact?: AuditFact): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.removeTopUpCard(payment_method_id, fact));
  }

  closeTopUp(
    purchase_id: string,
    failure: { code: string; message: string },
  ): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.closeTopUp(purchase_id, failure));
  }

  pauseTopUp(
    key: `refund:${string}` | `dispute:${string}`,
    reason: "refund" | "dispute",
  ): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.pauseTopUp(key, reason));
  }

  openMismatch(purchase_id: string): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.openMismatch(purchase_id));
  }

  closeMismatch(purchase_id: string, by: "refunded" | "closed"): TopUpAnswer | NoSuchOrganization {
    return this.#opened(({ top_up }) => top_up.closeMismatch(purchase_id, by));
  }

  alerts(caller: Caller | null): Authenticated<AlertsAnswer> {
    return this.#authenticated(caller, ({ events }) => events.alerts());
  }

  setAlerts(
    thresholds: AlertThreshold[],
    instead_of?: AlertThreshold[],
    fact?: AuditFact,
  ): AlertsAnswer | NoSuchOrganization {
    return this.#opened(({ events }) => events.setAlerts(thresholds, { instead_of, fact }));
  }

  noteEvent(event: NewEvent): Changed | NoSuchOrganization {
    return this.#opened(({ events }) => events.noteEvent(event));
  }

  setWanted(wanted: Subscription): Changed | NoSuchOrganization {
    return this.#opened(({ events }) => events.setWanted(wanted));
  }

  verifyPortion(cursor: VerifyCursor | null): VerifyPortion | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.verifyPortion(cursor));
  }

  async verifyFor(
    cursor: VerifyCursor | null,
    budget_ms: number,
  ): Promise<VerifyPortion | NoSuchOrganization> {
    return this.#opened(({ checks }) => checks.verifyFor(cursor, budget_ms));
  }

  memoryDifference(): Difference | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.memoryDifference());
  }

  written(): Written | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.written());
  }

  projection(): ProjectionStatus | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.projection());
  }

  rebuildProjection(fact?: AuditFact): ProjectionStatus | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.rebuildProjection(fact));
  }

  checkProjection(): ProjectionStatus | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.checkProjection());
  }

  chainedAt(seq: number): ChainedAt | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.chainedAt(seq));
  }

  copied(after_seq: number, limit: number): CopiedPage | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.copied(after_seq, limit));
  }

  missing(copies: NewestCopies): Difference | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.missing(copies));
  }

  health(
    card: readonly DatedRate[] | null = null,
  ): ReturnType<Commands["checks"]["health"]> | NoSuchOrganization {
    return this.#opened(({ checks }) => checks.health(card));
  }

  /** Asks the commands, unless the ledger was never created. */
  #opened<Answer>(ask: (commands: Commands) => Answer): Answer | NoSuchOrganization {
    const { open } = this.#engine;
    if (!open) return noSuchOrganization();
    this.#commands ??= commandsOf(this.#engine, open);
    return ask(this.#commands);
  }

  /** Asks the commands for whoever has one of the organization's own keys; null: for the platform itself. */
  #authenticated<Answer extends object>(
    caller: Caller | null,
    ask: (commands: Commands) => Answer,
  ): Authenticated<Answer> {
    return this.#opened((commands) => {
      const authentication = caller && commands.account.authenticate(caller);
      if (authentication?.outcome === "refused") return authentication;
      return { ...ask(commands), rate_limit: authentication?.rate_limit ?? null };
    });
  }
}
