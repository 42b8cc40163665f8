import { yieldToEventLoop } from "../../runtime/next-task";
import type { NewEvent } from "../../webhooks/event-catalogue";
import type { Account } from "../core/account/account";
import {
  type ApiKey,
  type Authentication,
  type Caller,
  type KeyExists,
  keyExists,
  MAX_KEYS,
  type NoSuchKey,
  noSuchKey,
} from "../core/account/api-keys";
import type { Organization } from "../core/account/organization";
import { inOrder, type OwnNumber, withNumber } from "../core/account/own-numbers";
import { type Book, spendableMicros } from "../core/book";
import { decideAcceptParked } from "../core/calls/accept-parked";
import type { KnownCall, LiveCall } from "../core/calls/call";
import type { CallAnswer, CallCommand, Place } from "../core/calls/commands";
import { authorizeOf } from "../core/calls/placed-call";
import {
  type CardMissing,
  cardMissing,
  changedOnly,
  type TopUpAnswer,
  type TopUpCard,
  type TopUpFacts,
  type TopUpSettings,
  topUpView,
} from "../core/credit/auto-top-up";
import {
  closeTopUp,
  pausedTopUp,
  topUpAfterPost,
  topUpAfterRestore,
  withMismatch,
  withoutMismatch,
  withoutTopUpCard,
  withTopUpCard,
  withTopUpSettings,
} from "../core/credit/auto-top-up-transitions";
import {
  type AlertFacts,
  type AlertThreshold,
  sameAlerts,
  withThresholds,
} from "../core/credit/balance-alerts";
import type { Post, PostAnswer, ReverseCredit, ReverseCreditAnswer } from "../core/credit/commands";
import type { Entry } from "../core/credit/entry";
import { decidePost } from "../core/credit/post";
import { type DatedRate, type Rate, rateInForce } from "../core/credit/rating";
import { decideReversals } from "../core/credit/reverse-credit";
import { voiceRateOfCard } from "../core/credit/standard-voice-rate";
import { decideCall } from "../core/decide";
import { purchaseKey } from "../core/entry-keys";
import {
  type NoSuchOrganization,
  noSuchOrganization,
  notFound,
  notInTime,
  type TooMany,
  tooMany,
} from "../core/refusals";
import type { LedgerDecision } from "../store/changes";
import type { Subscription } from "../store/event-outbox";
import type { StoppedCall } from "../store/stopped-calls";
import { type Authenticated, type Components, LedgerEngine } from "./engine";
import { needsLedgerEvents } from "./event-relay";
import { newEvent } from "./events/event-payloads";
import { endedEvent } from "./events/top-up-pause-events";
import type { LedgerMemory } from "./memory";
import { type AfterCall, nodeCalls } from "./node-calls";
import { RejectedCallLimit } from "./rejected-call-limit";
import { RequestLocks } from "./request-locks";
import {
  releasedCalls,
  type VerifyCursor,
  type VerifyPortion,
  verifiedRange,
  verifyPortion,
  verifyTotals,
} from "./verify";

export type { Authenticated } from "./engine";

/** What an organization may have of what memory holds all of. */
const MAX_NUMBERS = 10_000;
const MAX_RATES = 500;

export interface AlertsAnswer {
  outcome: "alerts";
  alerts: AlertFacts;
}

/** A call that the ledger knows. */
export interface KnownId {
  call_id: string;
  is_live: boolean;
}

/**
 * The ledger of one organization: the only writer of its balance. Every mutation is synchronous inside one
 * transaction, expected refusals are values, and the runtime holds each answer back until its rows are durable.
 */
export class OrganizationLedger extends LedgerEngine {
  private readonly request_locks = new RequestLocks();
  private readonly rejected_call_limit = new RejectedCallLimit();

  /** Opens the ledger. The same profile again changes nothing; no other method works before this one. */
  create(profile: Organization, first_key: ApiKey | null): { outcome: "created" } {
    if (this.open) return { outcome: "created" };
    this.write([{ created: profile, ...(first_key && { api_key: first_key }), hold_id: 0, notice_seq: 0 }]);
    this.load();
    return { outcome: "created" };
  }

  /**
   * Takes what nodes say about calls, in order. Each command stands alone: one that fails undoes no other. None is carried
   * out when their turn has not come within `patience_ms`.
   */
  operate(commands: CallCommand[], patience_ms?: number): Promise<CallAnswer[]> {
    const givenUp = () => commands.map(() => notInTime());
    return this.commits.run(
      () => this.answer(commands),
      patience_ms === undefined ? undefined : { patience_ms, givenUp },
    );
  }

  /**
   * Holds credit for a call that one of the organization's own keys asks for, from one of its own numbers. Where there is
   * nobody to dial it, `only_ask`: answers what it would be answered, and holds and writes nothing.
   */
  place(caller: Caller, call: Place, only_ask = false): Promise<Authenticated<CallAnswer>> {
    return this.commits.run(() => this.authenticated(caller, (state) => this.placed(state, call, only_ask)));
  }

  /** Whether the request of this token may be worked on now, for `lease_ms`: not while another with its key is. */
  beginRequest(
    key: string,
    token: string,
    lease_ms: number,
  ): { outcome: "begun" | "in_progress" } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const now_ms = Date.now();
    const is_alone = this.request_locks.acquire(key, { token, until_ms: now_ms + lease_ms }, now_ms);
    return { outcome: is_alone ? "begun" : "in_progress" };
  }

  endRequest(key: string, token: string): { outcome: "ended" } {
    this.request_locks.release(key, token);
    return { outcome: "ended" };
  }

  /** Posts credit that is not a call's, once per key. */
  post(command: Post): PostAnswer {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.unlessStopped(open, "post", () => this.posted(open, command));
  }

  private posted(open: Components, command: Post): PostAnswer {
    return this.transact(open.state, (book) => {
      const { answer, changes } = decidePost(book, command, this.store.earlierUse(command.key));
      const { top_up: before } = open.state;
      const after = topUpAfterPost(before, command, open.state.topUpNeed(book.now_ms));
      const top_up = changedOnly(before, after);
      return { answer, changes: changes && { ...changes, top_up } };
    });
  }

  /** Takes the credit of refunds and disputes, or gives it back, as is known of them now; see `decideReversals`. */
  takeBack(command: ReverseCredit): ReverseCreditAnswer {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.unlessStopped(open, "take_back", () => this.reversed(open, command));
  }

  private reversed(open: Components, command: ReverseCredit): ReverseCreditAnswer {
    return this.transact(open.state, (book) => {
      const known = this.store.reversals(command.purchase.id);
      const decided = decideReversals(book, command, known, (key) => this.store.postedUnder(key));
      const { answer, changes, more, posts } = decided;
      const { top_up: before } = open.state;
      const need = open.state.topUpNeed(book.now_ms);
      const after = posts.reduce((facts, post) => topUpAfterPost(facts, post, need), before);
      return { answer, changes: changes && { ...changes, top_up: changedOnly(before, after) }, more };
    });
  }

  /** What was posted under each of these keys and those numbered after it; keys without entries are left out. */
  postedAmounts(
    keys: readonly string[],
  ): { outcome: "amounts"; posted: { key: string; amount_micros: number }[] } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const posted = keys.map((key) => ({ key, ...this.store.postedUnder(key) }));
    return { outcome: "amounts", posted: posted.filter(({ count }) => count > 0) };
  }

  /**
   * An operator accepts a call that was parked, or has the report of a call written that an invariant has stopped: once, and in
   * spite of that. Any other call answers its receipt.
   */
  release(call_id: string): CallAnswer {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.unlessStopped(open, "release", () => {
      const stopped = this.store.stopped.get(call_id);
      return this.transact(open.state, (book) => {
        const known = open.state.known(call_id);
        const released =
          stopped?.released_at_ms === null ? releasedDecision(book, known, stopped) : undefined;
        return released ?? decideAcceptParked(book, known);
      });
    });
  }

  admit(caller: Caller): Authentication | NoSuchOrganization {
    return this.open ? this.authenticate(this.open.state, caller) : noSuchOrganization();
  }

  account(
    caller: Caller | null,
    standard_voice: Rate,
  ): Authenticated<{ outcome: "account"; account: Account }> {
    return this.authenticated(caller, (state) => {
      if (this.open) this.rememberStandardRate(this.open, standard_voice);
      return { outcome: "account", account: this.accountOf(state, standard_voice) };
    });
  }

  /** Entries, the newest first. */
  entries(
    caller: Caller | null,
    page: { before_seq: number | null; limit: number },
  ): Authenticated<{ outcome: "entries"; entries: Entry[]; next_before_seq: number | null }> {
    return this.authenticated(caller, () => {
      const entries = this.store.entriesBefore(page.before_seq ?? Number.MAX_SAFE_INTEGER, page.limit);
      const last = entries.at(-1);
      const is_oldest = !last || last.seq === 1 || last.kind === "checkpoint";
      return { outcome: "entries", entries, next_before_seq: is_oldest ? null : last.seq };
    });
  }

  /** Live calls, the newest first. */
  calls(caller: Caller | null): Authenticated<{ outcome: "calls"; live: LiveCall[] }> {
    return this.authenticated(caller, (state) => ({
      outcome: "calls",
      live: [...state.live.values()].sort((a, b) => b.authorized_at_ms - a.authorized_at_ms),
    }));
  }

  /** Live calls of a node, the oldest first, from the one that follows `after`. */
  nodeCalls(
    node: string,
    after: AfterCall | null,
    limit: number,
  ): { outcome: "node_calls"; live: LiveCall[]; has_more: boolean } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    return { outcome: "node_calls", ...nodeCalls(this.open.state.live.values(), node, after, limit) };
  }

  /** `some_left`: a call that is unknown here may be one that is no longer kept. */
  call(
    caller: Caller | null,
    call_id: string,
  ): Authenticated<{ outcome: "call"; known: KnownCall; some_left: boolean }> {
    return this.authenticated(caller, (state) => ({
      outcome: "call",
      known: state.known(call_id),
      some_left: state.archived_until_ms !== null,
    }));
  }

  /** Which of these calls it knows, and how they stand. */
  knownCalls(call_ids: readonly string[]): { outcome: "known"; known: KnownId[] } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const { state } = this.open;
    const known = call_ids.flatMap((call_id): KnownId[] => {
      if (state.live.has(call_id)) return [{ call_id, is_live: true }];
      return this.store.hasResolved(call_id) ? [{ call_id, is_live: false }] : [];
    });
    return { outcome: "known", known };
  }

  keys(caller: Caller | null): Authenticated<{ outcome: "keys"; keys: ApiKey[]; has_room: boolean }> {
    return this.authenticated(caller, ({ keys }) => ({
      outcome: "keys",
      keys: keys.list(),
      has_room: keys.hasRoom,
    }));
  }

  key(key_id: string): { outcome: "key"; key: ApiKey } | NoSuchOrganization | NoSuchKey {
    if (!this.open) return noSuchOrganization();
    const key = this.open.state.keys.get(key_id);
    return key ? { outcome: "key", key } : noSuchKey();
  }

  /**
   * Puts a new key in force, unless there are too many. The same again changes nothing, also when it was revoked meanwhile; of
   * two that were made under one id the second is refused.
   */
  addKey(key: ApiKey): { outcome: "changed" } | NoSuchOrganization | KeyExists | TooMany {
    if (!this.open) return noSuchOrganization();
    const { keys } = this.open.state;
    const known = keys.get(key.key_id) ?? this.rows.organization.key(key.key_id);
    if (known) return known.hash === key.hash ? { outcome: "changed" } : keyExists();
    return keys.hasRoom ? this.putKey(key) : tooMany("keys", MAX_KEYS, " Revoke one first.");
  }

  revokeKey(key_id: string): { outcome: "changed" } | NoSuchOrganization | NoSuchKey {
    if (!this.open) return noSuchOrganization();
    const key = this.open.state.keys.get(key_id);
    if (!key) return noSuchKey();
    return this.putKey({ ...key, revoked_at_ms: key.revoked_at_ms ?? Date.now() });
  }

  rates(): { outcome: "rates"; rates: DatedRate[] } | NoSuchOrganization {
    return this.open ? { outcome: "rates", rates: this.open.state.rates } : noSuchOrganization();
  }

  putRate(rate: DatedRate): { outcome: "changed" } | NoSuchOrganization | TooMany {
    const rates = this.open?.state.rates ?? [];
    const { name, effective_from_ms } = rate;
    const is_known = rates.some((each) => each.name === name && each.effective_from_ms === effective_from_ms);
    if (!is_known && rates.length >= MAX_RATES) return tooMany("versions of rates", MAX_RATES);
    return this.change({ rate });
  }

  /** The operator's rate card: the price of a voice call, now and later, is what credit is measured by. */
  hearOfCard(card: readonly DatedRate[]): { outcome: "changed" } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const known = this.open.state.standard_voice_rate;
    const voice = voiceRateOfCard(card, Date.now());
    if (JSON.stringify(voice) !== JSON.stringify(known)) this.setStandardRate(this.open, voice);
    return { outcome: "changed" };
  }

  /** Its numbers, the oldest first. */
  numbers(caller: Caller | null): Authenticated<{ outcome: "numbers"; numbers: OwnNumber[] }> {
    return this.authenticated(caller, ({ numbers }) => ({
      outcome: "numbers",
      numbers: inOrder(numbers.values()),
    }));
  }

  hasRoomForNumber(e164: string): { outcome: "room" } | NoSuchOrganization | TooMany {
    if (!this.open) return noSuchOrganization();
    const { numbers } = this.open.state;
    const has_room = numbers.has(e164) || numbers.size < MAX_NUMBERS;
    return has_room ? { outcome: "room" } : tooMany("numbers", MAX_NUMBERS);
  }

  /** A number is the organization's. Whether calls come from it that name none stays as it is when that is not said. */
  putNumber(
    e164: string,
    { since_ms = Date.now(), is_default }: { since_ms?: number; is_default?: boolean } = {},
  ): { outcome: "changed" } | NoSuchOrganization | TooMany {
    const room = this.hasRoomForNumber(e164);
    if (room.outcome === "refused") return room;
    return this.change(({ numbers }) => ({
      numbers: withNumber(numbers, { e164, since_ms, is_default }, Date.now()),
    }));
  }

  removeNumber(e164: string): { outcome: "changed" } | NoSuchOrganization {
    return this.change({ removed_number: e164 });
  }

  setProfile(
    patch: Partial<Pick<Organization, "company_name" | "email" | "language" | "state">>,
  ): { outcome: "profile"; profile: Organization } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const profile = { ...open.state.profile, ...patch };
    this.change({ organization: { organization: profile, epoch: open.state.epoch } });
    return { outcome: "profile", profile };
  }

  /**
   * After a restore from a point in time: later entries must not take the projected ids of those that were lost.
   * Answers the epoch in force, which is a later one when that was begun before.
   */
  beginEpoch(asked: number): { outcome: "epoch"; epoch: number } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const epoch = Math.max(open.state.epoch, asked);
    if (epoch > open.state.epoch)
      this.changeTopUp((facts) => topUpAfterRestore(facts, open.state.topUpNeed(Date.now())));
    this.change({ organization: { organization: open.state.profile, epoch } }, false);
    return { outcome: "epoch", epoch };
  }

  /** Auto top-up as it is set and as it stands. */
  autoTopUp(caller: Caller | null): Authenticated<TopUpAnswer> {
    return this.authenticated(caller, (state) => topUpAnswer(state));
  }

  /** Turns auto top-up on with these settings, or off with null. On needs a saved card. */
  setAutoTopUp(settings: TopUpSettings | null): TopUpAnswer | NoSuchOrganization | CardMissing {
    if (settings && this.open && !this.open.state.top_up.card) return cardMissing();
    return this.changeTopUp((facts) => withTopUpSettings(facts, settings));
  }

  /** The card that auto top-up charges from now on, unless a later one is known. */
  putTopUpCard(card: TopUpCard): TopUpAnswer | NoSuchOrganization {
    return this.changeTopUp((facts) => withTopUpCard(facts, card));
  }

  /** No card is charged any more, and auto top-up is off. Null: whichever card it is. */
  removeTopUpCard(payment_method_id: string | null): TopUpAnswer | NoSuchOrganization {
    return this.changeTopUp((facts) => withoutTopUpCard(facts, payment_method_id));
  }

  /** The purchase of a claim has failed for good. Of one that is not claimed, or not any more, it changes nothing. */
  closeTopUp(
    purchase_id: string,
    failure: { code: string; message: string },
  ): TopUpAnswer | NoSuchOrganization {
    const claim = this.open?.state.top_up.claim;
    const answer = this.changeTopUp((facts) => closeTopUp(facts, purchase_id, failure, Date.now()));
    if (claim?.purchase_id === purchase_id && answer.outcome === "auto_top_up") {
      const { net_cents } = claim;
      this.noteEvent({ ...newEvent("auto_top_up.failed"), data: { purchase_id, net_cents, ...failure } });
    }
    return answer;
  }

  /**
   * A refund or dispute was heard of: nothing more is bought until a person turns auto top-up on again. Once for each `key`:
   * whoever has turned it on since is not stopped by a repeat.
   */
  pauseTopUp(
    key: `refund:${string}` | `dispute:${string}`,
    reason: "refund" | "dispute",
  ): TopUpAnswer | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.transact(open.state, ({ now_ms }) => {
      const answer = topUpAnswer(open.state);
      if (this.store.earlierUse(key)) return { answer };
      const top_up = changedOnly(open.state.top_up, pausedTopUp(open.state.top_up, reason, now_ms));
      return { answer, changes: { top_up, key: { key, fingerprint: reason, answer: null } } };
    });
  }

  /** Money came for a purchase otherwise than it was asked for: nothing is bought until that is resolved. */
  openMismatch(purchase_id: string): TopUpAnswer | NoSuchOrganization {
    const is_credited = this.open && this.store.earlierUse(purchaseKey(purchase_id)) !== undefined;
    return this.changeTopUp((facts) => (is_credited ? facts : withMismatch(facts, purchase_id)));
  }

  /**
   * A person has resolved a mismatch without credit; one that is credited ends with its entry. Money that was given back is not
   * charged again by itself, either.
   */
  closeMismatch(purchase_id: string, by: "refunded" | "closed"): TopUpAnswer | NoSuchOrganization {
    return this.changeTopUp((before) => {
      // One that the ledger has not heard of may still be claimed: the claim ends with it.
      const is_claimed = before.claim?.purchase_id === purchase_id;
      const facts = withoutMismatch(is_claimed ? withMismatch(before, purchase_id) : before, purchase_id);
      const is_charged_back = facts !== before && by === "refunded";
      return is_charged_back ? pausedTopUp(facts, "refund", Date.now()) : facts;
    });
  }

  /** The alerts that are set, and which of them have gone off. */
  alerts(caller: Caller | null): Authenticated<AlertsAnswer> {
    return this.authenticated(caller, ({ alerts }) => ({ outcome: "alerts", alerts }));
  }

  /**
   * Other alerts from now on. One that is below its threshold goes off at once. With `instead_of` only if these are the
   * present ones: of two people who change them at once, neither undoes what the other has done.
   */
  setAlerts(thresholds: AlertThreshold[], instead_of?: AlertThreshold[]): AlertsAnswer | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const { alerts } = open.state;
    if (instead_of && !sameAlerts(alerts.thresholds, instead_of)) return { outcome: "alerts", alerts };
    const facts = withThresholds(open.state.alerts, thresholds);
    this.commit({ alerts: facts });
    this.raiseDueAlerts(open, false);
    return { outcome: "alerts", alerts: open.state.alerts };
  }

  /** Notes an event that happened outside the ledger, to be told with its own. */
  noteEvent(event: NewEvent): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    this.commit({ events: [event] });
    this.relaySoon(open);
    return { outcome: "changed" };
  }

  /** Which events somebody listens to. What happened while nobody did is not told afterwards. */
  setWanted(wanted: Subscription): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const { state } = open;
    const here = { entry_seq: state.last_entry?.seq ?? 0, notice_seq: state.last_resolution_seq };
    const event_cursor = {
      ...(needsLedgerEvents(state.event_cursor.wanted) ? state.event_cursor : here),
      wanted,
    };
    this.commit({ event_cursor });
    return { outcome: "changed" };
  }

  /** One portion of a check of everything; pass null to begin, then the cursor of the answer until it is null. */
  verifyPortion(cursor: VerifyCursor | null): VerifyPortion | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const { state } = this.open;
    const until_seq = state.last_entry?.seq ?? 0;
    const from = cursor ?? { until_seq, seq: 0, balance_micros: 0, call_id: null };
    const { posted_micros, held_micros } = state;
    const totals = { posted_micros, held_micros };
    const wrong = cursor ? null : verifyTotals(this.store, state.live, totals);
    const portion = wrong ? { cursor: null, first_difference: wrong } : verifyPortion(this.store, from);
    const released = releasedCalls(this.store);
    return {
      outcome: "portion",
      ...portion,
      ...totals,
      ...verifiedRange(this.store, from.until_seq),
      ...released,
    };
  }

  /**
   * As `verifyPortion`, portion after portion for about `budget_ms`, with a turn for everything else after each: a check of
   * millions of calls takes few requests.
   */
  async verifyFor(
    cursor: VerifyCursor | null,
    budget_ms: number,
  ): Promise<VerifyPortion | NoSuchOrganization> {
    const until_ms = Date.now() + budget_ms;
    for (let next = cursor; ; ) {
      const portion = this.verifyPortion(next);
      if (portion.outcome === "refused" || portion.cursor === null) return portion;
      next = portion.cursor;
      await yieldToEventLoop();
      if (Date.now() >= until_ms) return portion;
    }
  }

  /** What memory says that its rows do not, null as a rule: the first part of a check, and cheap. */
  memoryDifference(): { outcome: "compared"; difference: string | null } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const { state } = this.open;
    return { outcome: "compared", difference: verifyTotals(this.store, state.live, state) };
  }

  /** How much was written so far: the same numbers again say that nothing was written since. */
  written(): { outcome: "written"; entry_seq: number; notice_seq: number } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    const { last_entry, last_resolution_seq } = this.open.state;
    return { outcome: "written", entry_seq: last_entry?.seq ?? 0, notice_seq: last_resolution_seq };
  }

  /**
   * How far D1 lags behind. Also sets the projection and auto top-up going again when they stand still, and tells the
   * operator's rate card.
   */
  health(
    card: readonly DatedRate[] | null = null,
  ): { outcome: "health"; outbox: number; oldest_age_ms: number } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    this.resume();
    if (card) this.hearOfCard(card);
    this.startDueTopUp(this.open);
    const { count, oldest_at_ms } = this.open.projector.outbox();
    return {
      outcome: "health",
      outbox: count,
      oldest_age_ms: oldest_at_ms ? Math.max(0, Date.now() - oldest_at_ms) : 0,
    };
  }

  private placed(state: LedgerMemory, call: Place, only_ask: boolean): CallAnswer {
    const known = state.known(call.call_id);
    const command = authorizeOf(state.numbers, known, call);
    if ("outcome" in command) return command;
    const { now_ms } = state.clock;
    const is_new = known.state === "unknown";
    if (only_ask || (is_new && !this.rejected_call_limit.hasRoom(now_ms))) {
      const { answer } = decideCall(state.book(now_ms, this.settings), known, command, undefined);
      if (only_ask || answer.outcome === "rejected") return answer;
    }
    const answer = this.answer([command])[0] ?? notFound();
    if (is_new && answer.outcome === "rejected") this.rejected_call_limit.count();
    return answer;
  }

  private putKey(key: ApiKey): { outcome: "changed" } | NoSuchOrganization {
    return this.change({ api_key: key });
  }

  /** Changes what is known of auto top-up, and tells of it when that ends it. */
  private changeTopUp(change: (facts: TopUpFacts) => TopUpFacts): TopUpAnswer | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    this.transact(open.state, ({ now_ms }) => {
      const { top_up: before } = open.state;
      const top_up = changedOnly(before, change(before));
      const event = top_up && endedEvent(before, top_up, now_ms);
      return { answer: undefined, changes: top_up && { top_up, ...(event && { events: [event] }) } };
    });
    return topUpAnswer(open.state);
  }

  private accountOf(state: LedgerMemory, standard_voice: Rate): Account {
    const { now_ms } = state.clock;
    const { posted_micros, held_micros } = state;
    return {
      ...state.profile,
      epoch: state.epoch,
      posted_micros,
      held_micros,
      spendable_micros: spendableMicros({ posted_micros, held_micros }),
      remaining_micros: state.remaining_micros,
      voice_rate: rateInForce(state.rates, "voice", now_ms) ?? standard_voice,
      month_seconds: state.monthSeconds(now_ms),
      burn_micros_per_minute: state.burnMicrosPerMinute(now_ms),
      active_calls: state.live.size,
      active_numbers: state.numbers.size,
    };
  }
}

function topUpAnswer({ top_up, profile }: LedgerMemory): TopUpAnswer {
  return { outcome: "auto_top_up", top_up: topUpView(top_up, profile.state, Date.now()) };
}

/** What a stopped report comes to now, marked as released; undefined when it would change nothing any more. */
function releasedDecision(
  book: Book,
  known: KnownCall,
  stopped: StoppedCall,
): LedgerDecision<CallAnswer> | undefined {
  const { answer, changes, more } = decideCall(book, known, stopped.command, undefined);
  if (!changes || answer.outcome !== "receipt") return undefined;
  const entry_seq = changes.entry?.seq ?? null;
  return {
    answer,
    changes: { ...changes, stopped: { ...stopped, released_at_ms: book.now_ms, entry_seq } },
    more,
  };
}
