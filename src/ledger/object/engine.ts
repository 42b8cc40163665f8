import { readLedgerSettings } from "../../env";
import { ObjectAlarm } from "../../runtime/alarm";
import { AUDIT_GUARANTEE_MS, AuditRelay } from "../../runtime/audit-outbox";
import { yieldToEventLoop } from "../../runtime/next-task";
import { migrateTables } from "../../runtime/object-migrations";
import type { AuditFact } from "../../units/audit-fact";
import { SECOND_MS } from "../../units/duration";
import { newId } from "../../units/id";
import { log } from "../../units/log";
import type { ApiKey } from "../core/account/api-keys";
import type { Organization } from "../core/account/organization";
import type { Book } from "../core/book";
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
import { InvariantViolated, violationOf } from "../core/invariants";
import type { LedgerSettings } from "../core/settings";
import type { LedgerChanges, LedgerDecision, NumberedChanges } from "../store/changes";
import type { LedgerStore } from "../store/ledger-store";
import { ObjectStore } from "../store/object-store";
import { LEDGER_SCHEMA } from "../store/schema";
import type { StoppedCall } from "../store/stopped-calls";
import type { Components } from "./components";
import { EventRelay } from "./event-relay";
import { balanceEvent } from "./events/event-payloads";
import { eventContext, withEvents } from "./events/of-changes";
import { withPauseEvent } from "./events/top-up-pause-events";
import { Expiry } from "./expiry";
import { type Commit, LedgerMemory } from "./memory";
import { ProjectionKeeper, TURN_MS } from "./projection/keeper";
import { Projector } from "./projector";
import { Archiver } from "./retention";
import { SkewWatch } from "./skew-watch";
import { TopUpTrigger } from "./top-up-trigger";
import { verifyAtStart } from "./verify";
import { asReleased, Violations } from "./violations";

/** What a decision needs besides the book, and how it is written. */
interface TransactOptions {
  /** Calls that this edge key has settled here without authorization in this hour. */
  unauthorized_calls?: number;
  /** The stopped report that an operator has released, and that this writes. */
  released?: StoppedCall | null;
  /** Who asked for it: written with the changes, and not when there are none. */
  asked_by?: AuditFact | undefined;
}

/** An alarm that is this much later than needed will do: setting an earlier one delays the commit and costs a row. */
const ALARM_SLACK_MS = 30 * SECOND_MS;

/** An alarm that runs this late means that the object was away, and that renewals may be waiting outside. */
const ALARM_LATE_MS = 30 * SECOND_MS;

/** When the next portions leave, while more is due. */
const NEXT_ARCHIVE_DELAY_MS = SECOND_MS;

/** How long a request sets the upkeep of the projection to work; the alarm does the rest. */
const PROJECTION_UPKEEP_MS = 20 * SECOND_MS;

/** How long the projection waits for its alarm when nothing sooner calls it. */
const PROJECTION_GUARANTEE_MS = 30 * SECOND_MS;

/**
 * How the ledger works: each change is decided and written in one transaction, memory follows, and what comes of it by
 * itself (expiry, copies to D1, alerts, events, top-ups) is set going. What can be asked of it is in OrganizationLedger.
 */
export class LedgerEngine {
  readonly #ctx: DurableObjectState;

  readonly #env: Env;

  readonly settings: LedgerSettings;

  readonly rows: ObjectStore;

  readonly store: LedgerStore;

  open: Components | undefined;

  readonly #object_alarm: ObjectAlarm;

  readonly #skews = new SkewWatch();

  readonly violations = new Violations(this);

  readonly #expiry = new Expiry(this);

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    this.#env = env;
    this.settings = readLedgerSettings(env);
    this.rows = new ObjectStore(ctx.storage.sql);
    this.store = this.rows.ledger;
    this.#object_alarm = new ObjectAlarm(ctx, ALARM_SLACK_MS);
  }

  /** Reads what an earlier life of the object has left, and sets it going again. */
  async start(): Promise<void> {
    await this.#object_alarm.read(Date.now());
    this.#load();
    this.resume();
  }

  /**
   * Resolves holds whose node has fallen silent, copies to D1 what it lacks, lets leave what was kept long enough, and
   * sets itself again as needed.
   */
  async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const now_ms = Date.now();
    const late = now_ms - this.#object_alarm.fired(info?.scheduledTime, now_ms) > ALARM_LATE_MS;
    if (!this.open) return;
    try {
      while (this.#expiry.expireBatch(this.open, late)) await yieldToEventLoop();
      this.raiseDueAlerts(this.open, false);
      this.startDueTopUp(this.open);
      this.open.top_up_trigger.start();
      if (this.open.audit_relay.hasPending) await this.open.audit_relay.flush();
      await this.open.event_relay.flush();
      const is_copied = await this.open.projector.flush();
      await this.open.projection_keeper.run(TURN_MS);
      const may_archive = is_copied && !this.open.projection_keeper.needsRows;
      if (may_archive && (await this.open.archiver.archiveDue()))
        this.#object_alarm.scheduleBy(Date.now() + NEXT_ARCHIVE_DELAY_MS);
    } catch (error) {
      // The platform drops an alarm whose handler has thrown six times: better to try again later, for ever.
      log.error("alarm_failed", { error });
      this.#object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    }
    this.#setAlarm(this.open.state);
  }

  /** Makes the ledger of a new object; of one that is there it changes nothing. */
  create(organization: Organization, first_key: ApiKey | null): void {
    if (this.open) return;
    this.#write([
      { created: organization, ...(first_key && { api_key: first_key }), hold_id: 0, notice_seq: 0 },
    ]);
    this.#load();
  }

  #load(): void {
    if (!migrateTables(this.#ctx.storage, LEDGER_SCHEMA)) return;
    const { profile, epoch } = this.rows.organization.organization();
    const state = new LedgerMemory(this.rows, profile, epoch);
    const { commit } = this;
    const env = this.#env;
    const alarm = this.#object_alarm;
    const { storage } = this.#ctx;
    const projector = new Projector(commit, env.DB, state, alarm);
    const context = { state, projector, d1: env.DB };
    const relaySoon = () => this.open && this.relaySoon(this.open);
    const projection_keeper = new ProjectionKeeper({ context, commit, alarm, relaySoon });
    const archiver = new Archiver(storage, state, this.settings, commit);
    const top_up_trigger = new TopUpTrigger(this.#ctx, state, alarm);
    const event_relay = new EventRelay({ env, storage, state, commit, alarm });
    const audit_relay = new AuditRelay({
      outbox: this.rows.audit,
      storage,
      d1: env.DB,
      forget: (audited) => commit({ audited }),
      retryBy: (at_ms) => alarm.scheduleBy(at_ms),
    });
    this.open = { state, projector, projection_keeper, event_relay, audit_relay, archiver, top_up_trigger };
    const detail = verifyAtStart(this.store, state);
    if (detail !== null)
      this.violations.report(
        this.open,
        { invariant: "memory_equals_rows", call_id: null, key: null, detail, also: [] },
        { operation: "start" },
      );
  }

  /**
   * The one way to write: the rows of all these changes in one transaction, or of none of them, and then memory.
   * @throws InvariantViolated before anything is written
   */
  readonly commit: Commit = (...all) => this.#commit(all, null);

  /** As `commit`; of a report that an operator has released, the invariant that stopped it is not asserted. */
  #commit(all: LedgerChanges[], released: StoppedCall | null): void {
    const state = this.open?.state;
    if (!state) throw new Error("A ledger that was not created cannot be written to.");
    const { now_ms } = state.clock;
    const standing = state.standing();
    const numbered = state.withRowNumbers(all);
    const written = released ? asReleased(numbered, released, standing) : numbered;
    const violation = violationOf(standing, written, released ? [released.invariant, ...released.also] : []);
    if (violation) throw new InvariantViolated(violation);
    this.#write(written);
    for (const changes of written) state.apply(changes, now_ms);
    if (written.some(({ asked_by }) => asked_by)) this.#auditSoon();
  }

  #write(all: readonly NumberedChanges[]): void {
    this.#ctx.storage.transactionSync(() => {
      for (const changes of all) this.rows.apply(changes);
    });
  }

  /** Decides, commits, and starts what follows. Synchronous: no other command runs between the read and the write. */
  transact<Answer>(
    state: LedgerMemory,
    decide: (book: Book) => LedgerDecision<Answer>,
    { unauthorized_calls = 0, released = null, asked_by }: TransactOptions = {},
  ): Answer {
    const { now_ms } = state.clock;
    const { answer, changes, more = [] } = decide(state.book(now_ms, this.settings, unauthorized_calls));
    if (!changes) return answer;
    const all = [{ ...changes, asked_by }, ...more].map((each) =>
      withEvents(each, { state, skews: this.#skews, now_ms }),
    );
    this.#commit(all, released);
    for (const { skew, hold } of all) {
      if (skew) this.#skews.markReported(skew, now_ms);
      if (hold) this.#object_alarm.scheduleBy(hold.expires_at_ms);
    }
    const is_projected = all.some(({ entry, resolved }) => entry || resolved);
    if (is_projected) this.#projectSoon();
    if (!this.open) return answer;
    const added = all.flatMap(({ entry }) => (entry?.call_id === null ? entry.amount_micros : []));
    this.raiseDueAlerts(this.open, added.reduce((sum, micros) => sum + micros, 0) > 0);
    const is_loss = all.some(({ entry }) => entry && isLoss(entry));
    this.startDueTopUp(this.open, !is_loss);
    if (is_projected || all.some(({ events }) => events && events.length > 0)) this.relaySoon(this.open);
    return answer;
  }

  /** Notes what is to be told of the balance, in the same turn as what changed it and so in the same commit. */
  raiseDueAlerts(open: Components, credit_was_added: boolean): void {
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
  rememberStandardRate(open: Components, rate: Rate): void {
    this.setStandardRate(open, standardRateAfter(open.state.standard_voice_rate, rate, Date.now()));
  }

  /** Costs a row only when it is another one; credit that is low at the new price is told of at once. */
  setStandardRate(open: Components, voice: StandardVoiceRate): void {
    const { state } = open;
    if (voice === state.standard_voice_rate) return;
    this.commit({ standard_voice_rate: voice });
    this.pricesChanged(open);
  }

  /** What credit is worth has changed, now or at a time that the alarm must not miss. */
  pricesChanged(open: Components): void {
    this.raiseDueAlerts(open, false);
    this.#scheduleForPriceChange(open.state);
  }

  #scheduleForPriceChange({ rates, standard_voice_rate }: LedgerMemory): void {
    const next_ms = nextVoiceRateChangeMs(rates, standard_voice_rate, Date.now());
    if (next_ms !== null) this.#object_alarm.scheduleBy(next_ms);
  }

  /** Copies what is audited in the background; the alarm does it when that is cut off. */
  #auditSoon(): void {
    if (!this.open?.audit_relay.hasPending) return;
    this.#object_alarm.scheduleBy(Date.now() + AUDIT_GUARANTEE_MS);
    this.#ctx.waitUntil(this.open.audit_relay.flush());
  }

  /** Tells in the background; the alarm does it when that is cut off. */
  relaySoon(open: Components): void {
    if (!open.event_relay.hasPending) return;
    if (!this.#object_alarm.isSet) this.#object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    this.#ctx.waitUntil(open.event_relay.flush());
  }

  /**
   * Claims a purchase of credit when it is due, in a transaction of its own, and sets the Worker going; tells of it when
   * nothing is bought from now on. `may_buy` false: credit has just gone that was not used.
   */
  startDueTopUp({ state, top_up_trigger }: Components, may_buy = true): void {
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

  /** Works on the projection in the background; the alarm does it when that is cut off. */
  keepProjectionSoon({ projection_keeper }: Components): void {
    if (!projection_keeper.isPending) return;
    projection_keeper.resume();
    this.#ctx.waitUntil(projection_keeper.run(PROJECTION_UPKEEP_MS));
  }

  #projectSoon(): void {
    if (!this.#object_alarm.isSet) this.#object_alarm.scheduleBy(Date.now() + PROJECTION_GUARANTEE_MS);
    if (this.open) this.#ctx.waitUntil(this.open.projector.flush());
  }

  /** Mends what a lost or stuck alarm would leave standing. */
  resume(): void {
    if (!this.open) return;
    this.#object_alarm.clearIfLost(Date.now());
    if (!this.#object_alarm.isSet) this.#setAlarm(this.open.state);
    this.raiseDueAlerts(this.open, false);
    if (this.open.projector.outbox().count > 0) this.#projectSoon();
    this.#auditSoon();
    this.relaySoon(this.open);
    this.keepProjectionSoon(this.open);
    this.open.top_up_trigger.start();
  }

  #setAlarm(state: LedgerMemory): void {
    let first_ms = Number.POSITIVE_INFINITY;
    for (const call of state.live.values()) first_ms = Math.min(first_ms, this.#expiry.atMs(call));
    this.#scheduleForPriceChange(state);
    if (first_ms === Number.POSITIVE_INFINITY) return;
    // Nothing expires before the machine's clock has caught up with the ledger's.
    const { behind_ms, now_ms } = state.clock;
    this.#object_alarm.scheduleBy(behind_ms > 0 ? Math.max(first_ms, now_ms) : first_ms);
  }
}

/** Whether credit has gone that no call has used. */
function isLoss({ call_id, amount_micros }: Entry): boolean {
  return call_id === null && amount_micros < 0;
}
