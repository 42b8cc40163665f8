import { DurableObject } from "cloudflare:workers";
import { HOUR_MS } from "../units/duration";
import { newId } from "../units/id";
import type { NewEvent } from "../webhooks/catalogue";
import type { Account, Profile } from "./account";
import { AccountStore } from "./account-store";
import { AlarmClock } from "./alarm-clock";
import { type AlertFacts, type AlertThreshold, alertsAfter, sameAlerts, withThresholds } from "./alerts";
import { Announcer, wantsRows } from "./announcer";
import {
  type CardMissing,
  cardMissing,
  changedOnly,
  type TopUpAnswer,
  type TopUpCard,
  type TopUpFacts,
  type TopUpSettings,
  topUpIsDue,
  topUpView,
} from "./auto-top-up";
import {
  claimTopUp,
  closeTopUp,
  topUpAfterPost,
  withoutTopUpCard,
  withTopUpCard,
  withTopUpSettings,
} from "./auto-top-up-changes";
import type { CallAnswer, CallCommand, NoSuchOrganization, Post, PostAnswer } from "./commands";
import { type EarlierUse, decideCall, decidePost } from "./decide";
import { holdLifeMs } from "./decide-life";
import { EventStore, type Wanted } from "./event-store";
import { balanceEvent, newEvent, operatorEvents, type Scene } from "./events";
import { correctionKey, decideExpiry, decideRelease } from "./decide-settle";
import { type Book, type Decision, spendableMicros } from "./decision";
import {
  type Admission,
  type ApiKey,
  type Caller,
  type KeyRefusal,
  type KeyExists,
  keyExists,
  type NoSuchKey,
  noSuchKey,
  type RateLimit,
} from "./keys";
import { Keeping } from "./keeping";
import { Projector } from "./projector";
import { type DatedRate, isSameRate, type Rate, rateInForce } from "./rating";
import { notFound } from "./refusals";
import { migrate } from "./schema";
import { type LedgerSettings, ledgerSettings } from "./settings";
import { SharedCommit } from "./shared-commit";
import { LedgerState } from "./state";
import { LedgerStore } from "./store";
import { TopUpStarter } from "./top-up-starter";
import type { Entry, KnownCall, LiveCall } from "./types";
import { type VerifyCursor, type VerifyPortion, verifiedRange, verifyPortion, verifyTotals } from "./verify";

/** An answer to an organization's own key, or why the key is not let in. */
export type Admitted<Answer> = (Answer & { rate_limit: RateLimit | null }) | KeyRefusal | NoSuchOrganization;

export interface AlertsAnswer {
  outcome: "alerts";
  alerts: AlertFacts;
}

/** What the object works with once it was created. */
interface Open {
  state: LedgerState;
  projector: Projector;
  announcer: Announcer;
  keeping: Keeping;
  top_ups: TopUpStarter;
}

/** An alarm that runs this late means that the object was away, and that renewals may be waiting outside. */
const ALARM_LATE_MS = 30_000;

/** Holds that expire in one turn, so that calls never wait long for an alarm. */
const EXPIRY_PORTION = 250;

/** When the next portions leave, while more is due. */
const LEAVE_AGAIN_MS = 1_000;

/** How long the projection waits for its alarm when nothing sooner calls it. */
const PROJECTION_GUARANTEE_MS = 30_000;

/**
 * The ledger of one organization: the only writer of its balance. Every mutation is synchronous inside one
 * transaction, expected refusals are values, and the runtime holds each answer back until its rows are durable.
 */
export class OrganizationLedger extends DurableObject<Env> {
  private readonly settings: LedgerSettings;
  private readonly store: LedgerStore;
  private readonly accounts: AccountStore;
  private readonly events: EventStore;
  private open: Open | undefined;
  private readonly alarm_clock: AlarmClock;
  private readonly commits: SharedCommit;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.settings = ledgerSettings(env);
    this.store = new LedgerStore(ctx.storage.sql);
    this.accounts = new AccountStore(ctx.storage.sql);
    this.events = new EventStore(ctx.storage.sql);
    this.alarm_clock = new AlarmClock(ctx);
    this.commits = new SharedCommit(ctx.storage);
    ctx.blockConcurrencyWhile(async () => {
      await this.alarm_clock.read(Date.now());
      this.load();
      this.wakeUp();
    });
  }

  /** Opens the ledger. The same profile again changes nothing; no other method works before this one. */
  create(profile: Profile, first_key: ApiKey | null): { outcome: "created" } {
    if (this.open) return { outcome: "created" };
    this.ctx.storage.transactionSync(() => {
      migrate(this.ctx.storage.sql, 0);
      this.accounts.insertOrganization(profile);
      if (first_key) this.accounts.putKey(first_key);
    });
    this.load();
    return { outcome: "created" };
  }

  /** Takes what nodes say about calls, in order. Each command stands alone: one that fails undoes no other. */
  operate(commands: CallCommand[]): Promise<CallAnswer[]> {
    return this.commits.join(() => this.answer(commands));
  }

  /** As `operate`, for one of the organization's own keys. */
  operateAs(caller: Caller, command: CallCommand): Promise<Admitted<CallAnswer>> {
    return this.commits.join(() => this.admitted(caller, () => this.answer([command])[0] ?? notFound()));
  }

  /** Posts credit that is not a call's, once per key. */
  post(command: Post): PostAnswer {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.transact(open.state, (book) => {
      const { answer, changes } = decidePost(book, command, this.store.earlierUse(command.key));
      const top_up = changedOnly(open.state.top_up, topUpAfterPost(open.state.top_up, command));
      return { answer, changes: changes && { ...changes, top_up } };
    });
  }

  /** What was posted under each of these keys; keys that nothing was posted under are left out. */
  postedAmounts(
    keys: readonly string[],
  ): { outcome: "amounts"; posted: { key: string; amount_micros: number }[] } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    return { outcome: "amounts", posted: keys.flatMap((key) => this.store.postedUnder(key) ?? []) };
  }

  /** An operator accepts a call that was parked. */
  release(call_id: string): CallAnswer {
    const open = this.open;
    if (!open) return noSuchOrganization();
    return this.transact(open.state, (book) => decideRelease(book, open.state.known(call_id)));
  }

  admit(caller: Caller): Admission | NoSuchOrganization {
    return this.open ? this.letIn(this.open.state, caller) : noSuchOrganization();
  }

  account(caller: Caller | null, standard_voice: Rate): Admitted<{ outcome: "account"; account: Account }> {
    return this.admitted(caller, (state) => ({
      outcome: "account",
      account: this.accountOf(state, standard_voice),
    }));
  }

  /** Entries, the newest first. */
  entries(
    caller: Caller | null,
    page: { before_seq: number | null; limit: number },
  ): Admitted<{ outcome: "entries"; entries: Entry[]; next_before_seq: number | null }> {
    return this.admitted(caller, () => {
      const entries = this.store.entriesBefore(page.before_seq ?? Number.MAX_SAFE_INTEGER, page.limit);
      const last = entries.at(-1);
      const is_oldest = !last || last.seq === 1 || last.kind === "checkpoint";
      return { outcome: "entries", entries, next_before_seq: is_oldest ? null : last.seq };
    });
  }

  /** Live calls, the newest first. */
  calls(caller: Caller | null): Admitted<{ outcome: "calls"; live: LiveCall[] }> {
    return this.admitted(caller, (state) => ({
      outcome: "calls",
      live: [...state.live.values()].sort((a, b) => b.authorized_at_ms - a.authorized_at_ms),
    }));
  }

  /** `some_left`: a call that is unknown here may be one that is no longer kept. */
  call(
    caller: Caller | null,
    call_id: string,
  ): Admitted<{ outcome: "call"; known: KnownCall; some_left: boolean }> {
    return this.admitted(caller, (state) => ({
      outcome: "call",
      known: state.known(call_id),
      some_left: state.left_until_ms !== null,
    }));
  }

  keys(caller: Caller | null): Admitted<{ outcome: "keys"; keys: ApiKey[] }> {
    return this.admitted(caller, (state) => ({ outcome: "keys", keys: state.keys.list() }));
  }

  /** Puts a new key in force. Of two that were made under one id at the same time the second is refused. */
  addKey(key: ApiKey): { outcome: "changed" } | NoSuchOrganization | KeyExists {
    const is_other = this.open && (this.open.state.keys.get(key.key_id)?.hash ?? key.hash) !== key.hash;
    return is_other ? keyExists() : this.putKey(key);
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

  putRate(rate: DatedRate): { outcome: "changed" } | NoSuchOrganization {
    return this.change((state) => {
      this.accounts.putRate(rate);
      return () => {
        state.rates = this.accounts.rates();
      };
    });
  }

  putNumber(e164: string): { outcome: "changed" } | NoSuchOrganization {
    return this.change((state) => {
      this.accounts.putNumber(e164, Date.now());
      return () => state.numbers.add(e164);
    });
  }

  removeNumber(e164: string): { outcome: "changed" } | NoSuchOrganization {
    return this.change((state) => {
      this.accounts.removeNumber(e164);
      return () => state.numbers.delete(e164);
    });
  }

  setProfile(
    patch: Partial<Pick<Profile, "company_name" | "email" | "language" | "state">>,
  ): { outcome: "profile"; profile: Profile } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const profile = { ...open.state.profile, ...patch };
    this.change((state) => {
      this.accounts.updateOrganization(profile, state.epoch);
      return () => {
        state.profile = profile;
      };
    });
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
    this.change((state) => {
      this.accounts.updateOrganization(state.profile, epoch);
      return () => {
        state.epoch = epoch;
      };
    });
    return { outcome: "epoch", epoch };
  }

  /** Auto top-up as it is set and as it stands. */
  autoTopUp(caller: Caller | null): Admitted<TopUpAnswer> {
    return this.admitted(caller, (state) => topUpAnswer(state));
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

  /** The alerts that are set, and which of them have gone off. */
  alerts(caller: Caller | null): Admitted<AlertsAnswer> {
    return this.admitted(caller, ({ alerts }) => ({ outcome: "alerts", alerts }));
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
    this.ctx.storage.transactionSync(() => this.events.putAlerts(facts));
    open.state.alerts = facts;
    this.alertWhenDue(open, false);
    return { outcome: "alerts", alerts: open.state.alerts };
  }

  /** Notes an event that happened outside the ledger, to be told with its own. */
  noteEvent(event: NewEvent): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    this.ctx.storage.transactionSync(() => this.events.insert(event));
    this.announceSoon(open);
    return { outcome: "changed" };
  }

  /** Which events somebody listens to. What happened while nobody did is not told afterwards. */
  setWanted(wanted: Wanted): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const { state } = open;
    const here = { entry_seq: state.last_entry?.seq ?? 0, notice_seq: state.last_notice_seq };
    const told = { ...(wantsRows(state.told.wanted) ? state.told : here), wanted };
    this.ctx.storage.transactionSync(() => this.events.putTold(told));
    state.told = told;
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
    return { outcome: "portion", ...portion, ...totals, ...verifiedRange(this.store, from.until_seq) };
  }

  /** How far D1 lags behind. Also sets the projection and auto top-up going again when they stand still. */
  health(): { outcome: "health"; outbox: number; oldest_age_ms: number } | NoSuchOrganization {
    if (!this.open) return noSuchOrganization();
    this.wakeUp();
    this.topUpWhenDue(this.open);
    const { count, oldest_at_ms } = this.open.projector.outbox();
    return { outcome: "health", outbox: count, oldest_age_ms: oldest_at_ms ? Date.now() - oldest_at_ms : 0 };
  }

  /**
   * Resolves holds whose node has fallen silent, copies to D1 what it lacks, lets leave what was kept long enough, and
   * sets itself again as needed.
   */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const now_ms = Date.now();
    const late = now_ms - this.alarm_clock.ring(info?.scheduledTime, now_ms) > ALARM_LATE_MS;
    if (!this.open) return;
    try {
      while (this.expire(this.open.state, late) === EXPIRY_PORTION) await this.ctx.storage.sync();
      this.topUpWhenDue(this.open);
      this.open.top_ups.start();
      await this.announce(this.open);
      if ((await this.flush()) && (await this.open.keeping.letLeave()))
        this.alarm_clock.ringBy(Date.now() + LEAVE_AGAIN_MS);
    } catch (error) {
      // The platform drops an alarm whose handler has thrown six times: better to try again later, for ever.
      console.error(JSON.stringify({ event: "alarm_failed", error: String(error) }));
      this.alarm_clock.ringBy(Date.now() + PROJECTION_GUARANTEE_MS);
    }
    this.setAlarmForHolds(this.open.state);
  }

  private load(): void {
    const found = this.accounts.organization();
    if (!found) return;
    this.ctx.storage.transactionSync(() => migrate(this.ctx.storage.sql, found.schema_version));
    const state = new LedgerState(this.store, this.events, this.accounts, found.profile, found.epoch);
    const projector = new Projector(this.ctx.storage, this.env.DB, state);
    const keeping = new Keeping(this.ctx.storage, state, this.settings);
    const top_ups = new TopUpStarter(this.ctx, state, this.alarm_clock);
    const announcer = new Announcer(this.env, this.ctx.storage, state);
    this.open = { state, projector, announcer, keeping, top_ups };
  }

  private answer(commands: CallCommand[]): CallAnswer[] {
    const open = this.open;
    if (!open) return commands.map(() => noSuchOrganization());
    return commands.map((command) => {
      try {
        return this.decide(open.state, command);
      } catch (error) {
        console.error(JSON.stringify({ event: "command_failed", op: command.op, error: String(error) }));
        return { outcome: "refused", code: "failed", message: "The ledger could not carry this out." };
      }
    });
  }

  private decide(state: LedgerState, command: CallCommand): CallAnswer {
    if (command.op === "authorize" && command.rate_name === "voice" && command.standard_rate)
      this.hearOfVoice(state, command.standard_rate);
    const earlier: EarlierUse | undefined =
      command.op === "correct" ? this.store.earlierUse(correctionKey(command)) : undefined;
    const unauthorized =
      command.op === "settle" && command.unauthorized
        ? this.store.unauthorizedCalls(command.edge_key_id, Math.floor(Date.now() / HOUR_MS))
        : 0;
    return this.transact(
      state,
      (book) => decideCall(book, state.known(command.call_id), command, earlier),
      unauthorized,
    );
  }

  /** Decides and writes in one transaction; memory follows only when it has returned. */
  private transact<Answer>(
    state: LedgerState,
    decide: (book: Book) => Decision<Answer>,
    unauthorized = 0,
  ): Answer {
    const now_ms = Date.now();
    const { answer, written } = this.ctx.storage.transactionSync(() => {
      const { answer, changes } = decide(state.book(now_ms, this.settings, unauthorized));
      const written = changes && state.number(changes, now_ms);
      if (written) this.store.apply(written);
      if (written?.resolved && written.entry?.kind !== "correction")
        for (const event of operatorEvents(sceneOf(state, now_ms), written.resolved))
          this.events.insert(event);
      return { answer, written };
    });
    if (!written) return answer;
    state.follow(written, now_ms);
    if (written.hold) this.alarm_clock.ringBy(written.hold.expires_at_ms);
    if (written.entry || written.resolved) this.projectSoon();
    const { entry } = written;
    if (!this.open) return answer;
    this.alertWhenDue(this.open, entry !== undefined && entry.call_id === null && entry.amount_micros > 0);
    this.topUpWhenDue(this.open);
    if (entry || written.resolved) this.announceSoon(this.open);
    return answer;
  }

  /** Notes what is to be told of the balance, in the same turn as what changed it and so in the same commit. */
  private alertWhenDue(open: Open, credit_was_added: boolean): void {
    const { state } = open;
    const now_ms = Date.now();
    const credit = state.credit(now_ms);
    const { facts, events } = alertsAfter(state.alerts, credit, credit_was_added);
    if (facts === state.alerts) return;
    this.ctx.storage.transactionSync(() => {
      this.events.putAlerts(facts);
      for (const event of events) this.events.insert(balanceEvent(sceneOf(state, now_ms), event, credit));
    });
    state.alerts = facts;
    if (events.length > 0) this.announceSoon(open);
  }

  /** Remembers the operator's voice rate; costs a row only when it is another one. */
  private hearOfVoice(state: LedgerState, rate: Rate): void {
    if (isSameRate(rate, state.standard_voice)) return;
    this.ctx.storage.transactionSync(() => this.events.putStandardVoice(rate));
    state.standard_voice = rate;
  }

  /** Tells in the background; the alarm does it when that is cut off. */
  private announceSoon(open: Open): void {
    if (!open.announcer.isBehind) return;
    if (!this.alarm_clock.isSet) this.alarm_clock.ringBy(Date.now() + PROJECTION_GUARANTEE_MS);
    this.ctx.waitUntil(this.announce(open));
  }

  private putKey(key: ApiKey): { outcome: "changed" } | NoSuchOrganization {
    return this.change((state) => {
      this.accounts.putKey(key);
      return () => state.keys.put(key);
    });
  }

  private async announce({ announcer }: Open): Promise<void> {
    if (!(await announcer.tell())) this.alarm_clock.ringBy(Date.now() + announcer.retryDelayMs());
  }

  /** Claims a purchase of credit when it is due, in a transaction of its own, and sets the Worker going. */
  private topUpWhenDue({ state, top_ups }: Open): void {
    const now_ms = Date.now();
    if (!topUpIsDue(state.top_up, state.topUpNeed(now_ms))) return;
    const claimed = claimTopUp(state.top_up, newId("pur"), now_ms);
    this.transact(state, () => ({ answer: undefined, changes: { top_up: claimed } }));
    top_ups.start();
  }

  private changeTopUp(change: (facts: TopUpFacts) => TopUpFacts): TopUpAnswer | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    this.transact(open.state, () => {
      const top_up = changedOnly(open.state.top_up, change(open.state.top_up));
      return { answer: undefined, changes: top_up && { top_up } };
    });
    return topUpAnswer(open.state);
  }

  /** Writes to the account; what `write` returns lets memory follow. */
  private change(write: (state: LedgerState) => () => unknown): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    const follow = this.ctx.storage.transactionSync(() => write(open.state));
    follow();
    this.topUpWhenDue(open);
    return { outcome: "changed" };
  }

  private admitted<Answer extends object>(
    caller: Caller | null,
    answer: (state: LedgerState) => Answer,
  ): Admitted<Answer> {
    if (!this.open) return noSuchOrganization();
    const { state } = this.open;
    const admission = caller && this.letIn(state, caller);
    if (admission?.outcome === "refused") return admission;
    return { ...answer(state), rate_limit: admission?.rate_limit ?? null };
  }

  /** Checks one of the organization's own keys, and notes that it was used. */
  private letIn({ keys }: LedgerState, caller: Caller): Admission {
    const now_ms = Date.now();
    const admission = keys.admit(caller, now_ms, this.settings);
    const used = admission.outcome === "admitted" ? keys.usedAnew(caller.key_id, now_ms) : undefined;
    if (used) {
      this.ctx.storage.transactionSync(() => this.accounts.putKey(used));
      keys.put(used);
    }
    return admission;
  }

  private accountOf(state: LedgerState, standard_voice: Rate): Account {
    const now_ms = Date.now();
    const { posted_micros, held_micros } = state;
    this.hearOfVoice(state, standard_voice);
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

  /** Resolves, or postpones once, a portion of the holds that are due; answers how many. */
  private expire(state: LedgerState, late: boolean): number {
    const now_ms = Date.now();
    let count = 0;
    for (const call of state.live.values()) {
      if (call.expires_at_ms > now_ms) continue;
      if (late && !call.postponed) this.transact(state, () => this.postpone(call, now_ms));
      else this.transact(state, (book) => decideExpiry(book, call));
      if (++count === EXPIRY_PORTION) break;
    }
    return count;
  }

  private postpone(call: LiveCall, now_ms: number): Decision<undefined> {
    const ringing = call.answered_at_ms === null;
    const life_ms = ringing
      ? this.settings.ring_seconds * 1_000
      : holdLifeMs(call.granted_seconds, call.elapsed_seconds);
    const hold = { ...call, version: call.version + 1, expires_at_ms: now_ms + life_ms, postponed: true };
    return { answer: undefined, changes: { hold } };
  }

  private projectSoon(): void {
    if (!this.alarm_clock.isSet) this.alarm_clock.ringBy(Date.now() + PROJECTION_GUARANTEE_MS);
    this.ctx.waitUntil(this.flush());
  }

  /** Answers whether D1 has taken what there was; else the alarm tries again. */
  private async flush(): Promise<boolean> {
    if (!this.open || (await this.open.projector.flush())) return true;
    this.alarm_clock.ringBy(Date.now() + this.open.projector.retryDelayMs());
    return false;
  }

  /** Mends what a lost or stuck alarm would leave standing. */
  private wakeUp(): void {
    if (!this.open) return;
    this.alarm_clock.dropStuck(Date.now());
    if (!this.alarm_clock.isSet) this.setAlarmForHolds(this.open.state);
    if (this.open.projector.outbox().count > 0) this.projectSoon();
    this.announceSoon(this.open);
    this.open.top_ups.start();
  }

  private setAlarmForHolds(state: LedgerState): void {
    let first_ms = Number.POSITIVE_INFINITY;
    for (const call of state.live.values()) first_ms = Math.min(first_ms, call.expires_at_ms);
    if (first_ms < Number.POSITIVE_INFINITY) this.alarm_clock.ringBy(first_ms);
  }
}

function sceneOf({ profile, posted_micros }: LedgerState, now_ms: number): Scene {
  return { organization_id: profile.organization_id, posted_micros, now_ms };
}

function topUpAnswer({ top_up, profile }: LedgerState): TopUpAnswer {
  return { outcome: "auto_top_up", top_up: topUpView(top_up, profile.state, Date.now()) };
}

function noSuchOrganization(): NoSuchOrganization {
  return { outcome: "refused", code: "no_such_organization", message: "There is no such organization." };
}
