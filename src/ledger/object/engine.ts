import { DurableObject } from "cloudflare:workers";
import { readLedgerSettings } from "../../env";
import { ObjectAlarm } from "../../runtime/alarm";
import { yieldToEventLoop } from "../../runtime/next-task";
import { migrateTables } from "../../runtime/object-migrations";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../units/duration";
import { newId } from "../../units/id";
import { log } from "../../units/log";
import { refuse } from "../../units/refusal";
import type { Authentication, Caller, KeyRefusal, RateLimit } from "../core/account/api-keys";
import type { Book } from "../core/book";
import type { LiveCall } from "../core/calls/call";
import type { CallAnswer, CallCommand } from "../core/calls/commands";
import { decideExpiry, decidePostponement } from "../core/calls/expire";
import { topUpIsDue } from "../core/credit/auto-top-up";
import { claimTopUp } from "../core/credit/auto-top-up-transitions";
import { alertsAfter } from "../core/credit/balance-alerts";
import type { Entry } from "../core/credit/entry";
import type { Rate } from "../core/credit/rating";
import {
  nextVoiceRateChangeMs,
  type StandardVoiceRate,
  standardRateAfter,
} from "../core/credit/standard-voice-rate";
import { decideCall } from "../core/decide";
import { correctionKey, type EarlierUse } from "../core/entry-keys";
import { InvariantViolated, type Violation, violationOf } from "../core/invariants";
import { type NoSuchOrganization, noSuchOrganization } from "../core/refusals";
import type { LedgerSettings } from "../core/settings";
import type { LedgerChanges, LedgerDecision, PlacedChanges } from "../store/changes";
import type { LedgerStore } from "../store/ledger-store";
import { ObjectStore } from "../store/object-store";
import { LEDGER_SCHEMA } from "../store/schema";
import type { StoppedCall } from "../store/stopped-calls";
import { EventRelay } from "./event-relay";
import { balanceEvent, type EventContext, operatorEvents, skewEvent } from "./events/event-payloads";
import { withFinalUnitEvent } from "./events/final-unit";
import { withPauseEvent } from "./events/top-up-pause-events";
import { GroupCommit } from "./group-commit";
import { type Commit, LedgerMemory } from "./memory";
import { Projector } from "./projector";
import { Archiver } from "./retention";
import { SkewWatch } from "./skew-watch";
import { TopUpTrigger } from "./top-up-trigger";
import { verifyAtStart } from "./verify";
import { ViolationLog } from "./violation-log";

/** An answer to an organization's own key, or why the key is not let in. */
export type Authenticated<Answer> =
  | (Answer & { rate_limit: RateLimit | null })
  | KeyRefusal
  | NoSuchOrganization;

/** What the object works with once it was created. */
export interface Components {
  state: LedgerMemory;
  projector: Projector;
  event_relay: EventRelay;
  archiver: Archiver;
  top_up_trigger: TopUpTrigger;
}

/** An alarm that is this much later than needed will do: setting an earlier one delays the commit and costs a row. */
const ALARM_SLACK_MS = 30 * SECOND_MS;

/** An alarm that runs this late means that the object was away, and that renewals may be waiting outside. */
const ALARM_LATE_MS = 30 * SECOND_MS;

/** Holds that expire in one turn, so that calls never wait long for an alarm. */
const EXPIRY_BATCH_SIZE = 250;

/** When the next portions leave, while more is due. */
const NEXT_ARCHIVE_DELAY_MS = SECOND_MS;

/** When the expiry of a hold is tried again that an invariant has stopped. */
const STOPPED_EXPIRY_DELAY_MS = 5 * MINUTE_MS;

/** How long the projection waits for its alarm when nothing sooner calls it. */
const PROJECTION_GUARANTEE_MS = 30 * SECOND_MS;

/**
 * How the ledger works: each change is decided and written in one transaction, memory follows, and what comes of it by
 * itself (expiry, copies to D1, alerts, events, top-ups) is set going. What can be asked of it is in OrganizationLedger.
 */
export abstract class LedgerEngine extends DurableObject<Env> {
  protected readonly settings: LedgerSettings;

  protected readonly rows: ObjectStore;

  protected readonly store: LedgerStore;

  protected open: Components | undefined;

  private readonly object_alarm: ObjectAlarm;

  protected readonly commits: GroupCommit;

  private readonly skews = new SkewWatch();

  private readonly violations = new ViolationLog();

  /** Calls whose expiry was stopped, and when it is tried again. */
  private readonly expiry_stopped_until_ms = new Map<string, number>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.settings = readLedgerSettings(env);
    this.rows = new ObjectStore(ctx.storage.sql);
    this.store = this.rows.ledger;
    this.object_alarm = new ObjectAlarm(ctx, ALARM_SLACK_MS);
    this.commits = new GroupCommit(ctx.storage);
    ctx.blockConcurrencyWhile(async () => {
      await this.object_alarm.read(Date.now());
      this.load();
      this.resume();
    });
  }

  /**
   * Resolves holds whose node has fallen silent, copies to D1 what it lacks, lets leave what was kept long enough, and
   * sets itself again as needed.
   */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const now_ms = Date.now();
    const late = now_ms - this.object_alarm.fired(info?.scheduledTime, now_ms) > ALARM_LATE_MS;
    if (!this.open) return;
    try {
      while (this.expire(this.open.state, late) === EXPIRY_BATCH_SIZE) await yieldToEventLoop();
      this.raiseDueAlerts(this.open, false);
      this.startDueTopUp(this.open);
      this.open.top_up_trigger.start();
      await this.open.event_relay.flush();
      if ((await this.open.projector.flush()) && (await this.open.archiver.archiveDue()))
        this.object_alarm.scheduleBy(Date.now() + NEXT_ARCHIVE_DELAY_MS);
    } catch (error) {
      // The platform drops an alarm whose handler has thrown six times: better to try again later, for ever.
      log.error("alarm_failed", { error: String(error) });
      this.object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    }
    this.setAlarm(this.open.state);
  }

  protected load(): void {
    if (!migrateTables(this.ctx.storage, LEDGER_SCHEMA)) return;
    const { profile, epoch } = this.rows.organization.organization();
    const state = new LedgerMemory(this.rows, profile, epoch);
    const { env, commit, object_alarm: alarm } = this;
    const { storage } = this.ctx;
    const projector = new Projector(commit, env.DB, state, alarm);
    const archiver = new Archiver(storage, state, this.settings, commit);
    const top_up_trigger = new TopUpTrigger(this.ctx, state, alarm);
    const event_relay = new EventRelay({ env, storage, state, commit, alarm });
    this.open = { state, projector, event_relay, archiver, top_up_trigger };
    const detail = verifyAtStart(this.store, state);
    if (detail !== null)
      this.reportStopped(this.open, { invariant: "memory_equals_rows", call_id: null, detail }, "start");
  }

  protected answer(commands: CallCommand[]): CallAnswer[] {
    const open = this.open;
    if (!open) return commands.map(() => noSuchOrganization());
    return commands.map((command) => {
      try {
        return this.decide(open, command);
      } catch (error) {
        if (error instanceof InvariantViolated)
          this.reportStopped(open, error.violation, command.op, command);
        else log.error("command_failed", { op: command.op, error: String(error) });
        return failed();
      }
    });
  }

  /** Answers what `work` does, or that it was stopped by an invariant. */
  protected unlessStopped<Answer>(
    open: Components,
    operation: string,
    work: () => Answer,
  ): Answer | ReturnType<typeof failed> {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InvariantViolated)) throw error;
      this.reportStopped(open, error.violation, operation);
      return failed();
    }
  }

  /** Tells operators what was stopped, and keeps a call's report for them to release. Never throws: calls go on. */
  protected reportStopped(
    open: Components,
    violation: Violation,
    operation: string,
    command?: CallCommand,
  ): void {
    const { state } = open;
    const { now_ms } = state.clock;
    const { organization_id } = state.profile;
    try {
      const events = this.violations.eventsOf(violation, { organization_id, operation, now_ms });
      const stopped =
        command && stoppedCall(command, violation, now_ms, this.store.stopped.get(command.call_id));
      if (events.length === 0 && !stopped) return;
      this.commit({ events, ...(stopped && { stopped }) });
      this.relaySoon(open);
    } catch (error) {
      log.error("violation_not_kept", { organization_id, error: String(error) });
    }
  }

  private decide(open: Components, command: CallCommand): CallAnswer {
    const { state } = open;
    if (command.op === "authorize" && command.rate_name === "voice" && command.standard_rate)
      this.rememberStandardRate(open, command.standard_rate);
    const earlier: EarlierUse | undefined =
      command.op === "correct"
        ? this.store.earlierUse(correctionKey(command.call_id, command.correction_id))
        : undefined;
    const unauthorized =
      command.op === "settle" && command.unauthorized
        ? this.store.unauthorizedCalls(command.edge_key_id, Math.floor(state.clock.now_ms / HOUR_MS))
        : 0;
    return this.transact(
      state,
      (book) => decideCall(book, state.known(command.call_id), command, earlier),
      unauthorized,
    );
  }

  /**
   * The one way to write: the rows of all these changes in one transaction, or of none of them, and then memory.
   * @throws InvariantViolated before anything is written, unless an operator has released what is to be
   */
  protected readonly commit: Commit = (...all) => {
    const state = this.open?.state;
    if (!state) throw new Error("A ledger that was not created cannot be written to.");
    const { now_ms } = state.clock;
    const placed = state.placed(all);
    const is_released = placed.some(({ stopped }) => stopped && stopped.released_at_ms !== null);
    const violation = is_released ? null : violationOf(state.standing(), placed);
    if (violation) throw new InvariantViolated(violation);
    this.write(placed);
    for (const changes of placed) state.apply(changes, now_ms);
  };

  protected write(all: readonly PlacedChanges[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const changes of all) this.rows.apply(changes);
    });
  }

  /** Decides, commits, and sets going what comes of it. In one turn: nothing is read that is not written on. */
  protected transact<Answer>(
    state: LedgerMemory,
    decide: (book: Book) => LedgerDecision<Answer>,
    unauthorized = 0,
  ): Answer {
    const { now_ms } = state.clock;
    const { answer, changes, more = [] } = decide(state.book(now_ms, this.settings, unauthorized));
    if (!changes) return answer;
    const all = [changes, ...more].map((each) => this.withEvents(state, each, now_ms));
    this.commit(...all);
    for (const { skew, hold } of all) {
      if (skew) this.skews.markReported(skew, now_ms);
      if (hold) this.object_alarm.scheduleBy(hold.expires_at_ms);
    }
    const is_projected = all.some(({ entry, resolved }) => entry || resolved);
    if (is_projected) this.projectSoon();
    if (!this.open) return answer;
    const added = all.flatMap(({ entry }) => (entry?.call_id === null ? entry.amount_micros : []));
    this.raiseDueAlerts(this.open, added.reduce((sum, micros) => sum + micros, 0) > 0);
    const is_loss = all.some(({ entry }) => entry && isLoss(entry));
    this.startDueTopUp(this.open, !is_loss);
    if (is_projected || all.some(({ events }) => events && events.length > 0)) this.relaySoon(this.open);
    return answer;
  }

  /** The changes with what is to be told of them: to the customer, of last seconds; to operators, of a call and its clock. */
  private withEvents(state: LedgerMemory, changes: LedgerChanges, now_ms: number): LedgerChanges {
    const hold = changes.hold && state.withClock(changes.hold);
    const told = withFinalUnitEvent({ ...changes, hold }, state.event_cursor.wanted, now_ms);
    const { resolved, closes_hold, skew, events = [] } = told;
    const context = eventContext(state, now_ms);
    const of_call =
      resolved && (closes_hold || resolved.version === 1) ? operatorEvents(context, resolved) : [];
    const of_clock = skew && this.skews.isUnreported(skew, now_ms) ? [skewEvent(context, skew)] : [];
    return { ...told, events: [...of_call, ...events, ...of_clock] };
  }

  /** Notes what is to be told of the balance, in the same turn as what changed it and so in the same commit. */
  protected raiseDueAlerts(open: Components, credit_was_added: boolean): void {
    const { state } = open;
    const { now_ms } = state.clock;
    const credit = state.credit(now_ms, this.settings);
    const { facts, events } = alertsAfter(state.alerts, credit, credit_was_added);
    if (facts === state.alerts) return;
    const context = eventContext(state, now_ms);
    this.commit({ alerts: facts, events: events.map((event) => balanceEvent(context, event, credit)) });
    if (events.length > 0) this.relaySoon(open);
  }

  /** Remembers the operator's voice rate as a request has said it. */
  protected rememberStandardRate(open: Components, rate: Rate): void {
    this.setStandardRate(open, standardRateAfter(open.state.standard_voice_rate, rate, Date.now()));
  }

  /** Costs a row only when it is another one; credit that is low at the new price is told of at once. */
  protected setStandardRate(open: Components, voice: StandardVoiceRate): void {
    const { state } = open;
    if (voice === state.standard_voice_rate) return;
    this.commit({ standard_voice_rate: voice });
    this.pricesChanged(open);
  }

  /** What credit is worth has changed, now or at a time that the alarm must not miss. */
  private pricesChanged(open: Components): void {
    this.raiseDueAlerts(open, false);
    this.scheduleForPriceChange(open.state);
  }

  private scheduleForPriceChange({ rates, standard_voice_rate }: LedgerMemory): void {
    const next_ms = nextVoiceRateChangeMs(rates, standard_voice_rate, Date.now());
    if (next_ms !== null) this.object_alarm.scheduleBy(next_ms);
  }

  /** Tells in the background; the alarm does it when that is cut off. */
  protected relaySoon(open: Components): void {
    if (!open.event_relay.hasPending) return;
    if (!this.object_alarm.isSet) this.object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    this.ctx.waitUntil(open.event_relay.flush());
  }

  /**
   * Claims a purchase of credit when it is due, in a transaction of its own, and sets the Worker going; tells of it when
   * nothing is bought from now on. `may_buy` false: credit has just gone that was not used.
   */
  protected startDueTopUp({ state, top_up_trigger }: Components, may_buy = true): void {
    if (!state.top_up.settings?.enabled) return;
    const { now_ms } = state.clock;
    const need = state.topUpNeed(now_ms);
    const { facts, event } = withPauseEvent(state.top_up, need);
    const is_due = may_buy && topUpIsDue(facts, need);
    const top_up = is_due ? claimTopUp(facts, newId("pur"), now_ms) : facts;
    if (top_up === state.top_up) return;
    this.transact(state, () => ({
      answer: undefined,
      changes: { top_up, ...(event && { events: [event] }) },
    }));
    if (is_due) top_up_trigger.start();
  }

  /** Changes the account, and measures credit anew by it. */
  protected change(
    changes: LedgerChanges | ((state: LedgerMemory) => LedgerChanges),
    may_buy = true,
  ): { outcome: "changed" } | NoSuchOrganization {
    const open = this.open;
    if (!open) return noSuchOrganization();
    this.commit(typeof changes === "function" ? changes(open.state) : changes);
    this.pricesChanged(open);
    this.startDueTopUp(open, may_buy);
    return { outcome: "changed" };
  }

  protected authenticated<Answer extends object>(
    caller: Caller | null,
    answer: (state: LedgerMemory) => Answer,
  ): Authenticated<Answer> {
    if (!this.open) return noSuchOrganization();
    const { state } = this.open;
    const admission = caller && this.authenticate(state, caller);
    if (admission?.outcome === "refused") return admission;
    return { ...answer(state), rate_limit: admission?.rate_limit ?? null };
  }

  /** Checks one of the organization's own keys, and notes that it was used. */
  protected authenticate({ keys }: LedgerMemory, caller: Caller): Authentication {
    const now_ms = Date.now();
    const admission = keys.authenticate(caller, now_ms, this.settings);
    const used = admission.outcome === "admitted" ? keys.withLastUse(caller.key_id, now_ms) : undefined;
    if (used) this.commit({ api_key: used });
    return admission;
  }

  /**
   * Resolves, or postpones once, a portion of the holds that are due; answers how many. None while the ledger's time
   * stands still: it may be ahead of that of a node which is in time.
   */
  private expire(state: LedgerMemory, late: boolean): number {
    if (state.clock.behind_ms > 0) return 0;
    const { now_ms } = state.clock;
    let count = 0;
    for (const call of state.live.values()) {
      if (this.expiryAtMs(call) > now_ms) continue;
      this.expireOne(state, call, late && !call.postponed);
      if (++count === EXPIRY_BATCH_SIZE) break;
    }
    return count;
  }

  /** One that is stopped by an invariant holds up no other, and is tried again later. */
  private expireOne(state: LedgerMemory, call: LiveCall, is_postponed: boolean): void {
    try {
      if (is_postponed) this.transact(state, (book) => decidePostponement(book, call));
      else this.transact(state, (book) => decideExpiry(book, call));
    } catch (error) {
      if (!(error instanceof InvariantViolated) || !this.open) throw error;
      this.expiry_stopped_until_ms.set(call.call_id, state.clock.now_ms + STOPPED_EXPIRY_DELAY_MS);
      this.reportStopped(this.open, error.violation, "expire");
    }
  }

  /** When the call's hold expires, or is tried again to. */
  private expiryAtMs({ call_id, expires_at_ms }: LiveCall): number {
    if (this.expiry_stopped_until_ms.size === 0) return expires_at_ms;
    return Math.max(expires_at_ms, this.expiry_stopped_until_ms.get(call_id) ?? 0);
  }

  private projectSoon(): void {
    if (!this.object_alarm.isSet) this.object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    if (this.open) this.ctx.waitUntil(this.open.projector.flush());
  }

  /** Mends what a lost or stuck alarm would leave standing. */
  protected resume(): void {
    if (!this.open) return;
    this.object_alarm.clearIfLost(Date.now());
    if (!this.object_alarm.isSet) this.setAlarm(this.open.state);
    this.raiseDueAlerts(this.open, false);
    if (this.open.projector.outbox().count > 0) this.projectSoon();
    this.relaySoon(this.open);
    this.open.top_up_trigger.start();
  }

  private setAlarm(state: LedgerMemory): void {
    let first_ms = Number.POSITIVE_INFINITY;
    for (const call of state.live.values()) first_ms = Math.min(first_ms, this.expiryAtMs(call));
    this.scheduleForPriceChange(state);
    if (first_ms === Number.POSITIVE_INFINITY) return;
    // Nothing expires before the machine's clock has caught up with the ledger's.
    const { behind_ms, now_ms } = state.clock;
    this.object_alarm.scheduleBy(behind_ms > 0 ? Math.max(first_ms, now_ms) : first_ms);
  }
}

/** What whoever asks is answered when something was stopped, or has failed for a reason of its own. */
function failed() {
  return refuse("failed", { message: "The ledger could not carry this out." });
}

/**
 * What is kept of a command that was stopped: the report of a call's end, unless it is kept already or was released. What else
 * a node says it says again.
 */
function stoppedCall(
  command: CallCommand,
  { invariant, detail }: Violation,
  stopped_at_ms: number,
  known: StoppedCall | undefined,
): StoppedCall | undefined {
  if (command.op !== "settle" && command.op !== "void") return undefined;
  if (known && (known.released_at_ms !== null || JSON.stringify(known.command) === JSON.stringify(command)))
    return undefined;
  const { call_id } = command;
  return { call_id, command, invariant, detail, stopped_at_ms, released_at_ms: null, entry_seq: null };
}

/** Whether credit has gone that no call has used. */
function isLoss({ call_id, amount_micros }: Entry): boolean {
  return call_id === null && amount_micros < 0;
}

/** Where and when an event happens, for its body. */
function eventContext({ profile, posted_micros }: LedgerMemory, now_ms: number): EventContext {
  return { organization_id: profile.organization_id, posted_micros, now_ms };
}
