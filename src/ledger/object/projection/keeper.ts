import type { ObjectAlarm } from "../../../runtime/alarm";
import { yieldToEventLoop } from "../../../runtime/next-task";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../../units/duration";
import { newId } from "../../../units/id";
import { log } from "../../../units/log";
import type { NewEvent } from "../../../webhooks/event-catalogue";
import { eventId } from "../../../webhooks/event-id";
import type { ProjectionCheck, ProjectionUpkeep, Rebuild } from "../../store/projection-store";
import type { Commit } from "../memory";
import { type Compared, Comparison } from "./comparison";
import type { ProjectionContext } from "./context";
import { newRebuild, rebuildPortion } from "./rebuild";

/**
 * What a check compares unless it is a full one: D1 can be put back by 30 days (developers.cloudflare.com/d1/reference/time-travel),
 * and a call is reported up to 30 days after it began.
 */
const RECENT_MS = 62 * DAY_MS;

/** Calls of all time are compared this often. */
const FULL_EVERY_MS = 7 * DAY_MS;

/** Portions of one turn, and how long it takes at most before others have theirs. */
const PORTIONS_A_TURN = 100;
export const TURN_MS = 2 * SECOND_MS;

/** Between two turns: holds expire and events leave by the same alarm. */
const NEXT_TURN_MS = SECOND_MS / 2;

const FIRST_RETRY_MS = 5 * SECOND_MS;
const MAX_RETRY_MS = 5 * MINUTE_MS;

/** A check that was lost with the object so often is not begun again: it may be what the object is lost by. */
const MAX_ATTEMPTS = 5;

interface KeeperOptions {
  context: ProjectionContext;
  commit: Commit;
  alarm: ObjectAlarm;
  /** Sets events going that were just written. */
  relaySoon(): void;
}

/**
 * Keeps the copy in D1 equal to the ledger where copying in order is not enough: when D1 was put back in time, or changed by
 * hand. Compares and rebuilds in portions, by turns of the alarm; what it is at outlives the object.
 */
export class ProjectionKeeper {
  readonly #options: KeeperOptions;
  #facts: ProjectionUpkeep;
  #comparison: Comparison | undefined;
  #is_running = false;
  #failures = 0;
  #rests_until_ms = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#facts = options.context.state.store.projection.upkeep();
  }

  get facts(): ProjectionUpkeep {
    return this.#facts;
  }

  get isPending(): boolean {
    return isUnfinished(this.#facts.rebuild) || isUnfinished(this.#facts.check);
  }

  /** Whether entries and calls must stay for now: a portion would not find them. While D1 is away nothing waits for it. */
  get needsRows(): boolean {
    return this.isPending && this.#failures === 0;
  }

  /** Begins to make the projection anew, unless that is under way. */
  startRebuild(): void {
    if (isUnfinished(this.#facts.rebuild)) return;
    this.#put({ ...this.#facts, rebuild: newRebuild(null, Date.now()) });
  }

  /** Begins to compare the projection with the ledger, unless that, or a rebuild, is under way. */
  startCheck(): void {
    if (this.isPending) return;
    const now_ms = Date.now();
    const is_full = (this.#facts.full_check_at_ms ?? 0) <= now_ms - FULL_EVERY_MS;
    const check = { is_full, asked_at_ms: now_ms, attempts: 0, finished_at_ms: null };
    this.#put({ ...this.#facts, check: { ...check, first_difference: null, differing_hours: 0 } });
  }

  /** Sees to it that what is cut off goes on. */
  resume(): void {
    if (this.isPending && !this.#is_running) this.#runAgainIn(NEXT_TURN_MS);
  }

  /** Does portions for about `budget_ms`; what is left is for the alarm. What fails is tried again; never throws. */
  async run(budget_ms: number): Promise<void> {
    if (this.#is_running || !this.isPending) return;
    const rest_ms = Math.min(MAX_RETRY_MS, this.#rests_until_ms - Date.now());
    if (rest_ms > 0) return this.#runAgainIn(rest_ms);
    this.#is_running = true;
    try {
      await this.#doPortions(Date.now() + budget_ms);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#dropComparison();
      const { organization_id } = this.#options.context.state.profile;
      log.error("projection_upkeep_failed", { organization_id, error: String(error) });
    }
    this.#is_running = false;
    if (!this.isPending) return;
    const retry_ms = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10));
    this.#rests_until_ms = this.#failures === 0 ? 0 : Date.now() + retry_ms;
    this.#runAgainIn(this.#failures === 0 ? NEXT_TURN_MS : retry_ms);
  }

  async #doPortions(until_ms: number): Promise<void> {
    for (let portion = 0; portion < PORTIONS_A_TURN && this.isPending; portion++) {
      if (isUnfinished(this.#facts.rebuild)) await this.#rebuild(this.#facts.rebuild);
      else if (isUnfinished(this.#facts.check)) await this.#compare(this.#facts.check);
      await yieldToEventLoop();
      if (Date.now() >= until_ms) return;
    }
  }

  async #rebuild(before: Rebuild): Promise<void> {
    const rebuild = await rebuildPortion(before, this.#options.context);
    this.#put({ ...this.#facts, rebuild });
    if (rebuild.finished_at_ms === null) return;
    const { organization_id } = this.#options.context.state.profile;
    const { restored, hours_rewritten, unknown, difference } = rebuild;
    const counts = { ...restored, hours_rewritten, unknown_calls: unknown.calls };
    const detail = { organization_id, report_id: difference?.report_id, ...counts };
    log.info("projection_rebuilt", { ...detail, unknown_entries: unknown.entries });
  }

  async #compare(check: ProjectionCheck): Promise<void> {
    if (!this.#comparison) {
      if (check.attempts >= MAX_ATTEMPTS) return this.#giveUp(check);
      const since_ms = check.is_full ? 0 : check.asked_at_ms - RECENT_MS;
      this.#put({ ...this.#facts, check: { ...check, attempts: check.attempts + 1 } });
      this.#comparison = new Comparison(this.#options.context, since_ms);
    }
    const compared = await this.#comparison.portion();
    if (!compared) return;
    this.#comparison = undefined;
    await this.#conclude(check, compared);
  }

  async #conclude(check: ProjectionCheck, compared: Compared): Promise<void> {
    const now_ms = Date.now();
    const finished = { ...check, ...compared, finished_at_ms: now_ms };
    const { first_difference, differing_hours } = compared;
    const full_check_at_ms = check.is_full ? check.asked_at_ms : this.#facts.full_check_at_ms;
    const checked = { ...this.#facts, check: finished, full_check_at_ms };
    if (first_difference === null) return this.#put(checked);
    const { organization_id } = this.#options.context.state.profile;
    const report_id = newId("chk");
    log.error("projection_difference", { organization_id, report_id, first_difference, differing_hours });
    const type = "ops.ledger_difference" as const;
    const id = await eventId(organization_id, `${type}:${report_id}`, now_ms);
    const rebuild = newRebuild({ report_id, first_difference, differing_hours }, now_ms);
    const data = { organization_id, report_id, first_difference };
    const events = [{ id, type, occurred_at_ms: now_ms, data } as const];
    this.#put({ ...checked, rebuild }, events);
    this.#options.relaySoon();
  }

  /** It is as old as its first portion, and rows may leave while nothing goes on: it begins anew. */
  #dropComparison(): void {
    const { check } = this.#facts;
    if (!this.#comparison || !check) return;
    this.#comparison = undefined;
    this.#put({ ...this.#facts, check: { ...check, attempts: check.attempts - 1 } });
  }

  #giveUp(check: ProjectionCheck): void {
    const { organization_id } = this.#options.context.state.profile;
    log.error("projection_check_given_up", { organization_id, attempts: check.attempts });
    this.#put({ ...this.#facts, check: { ...check, finished_at_ms: Date.now() } });
  }

  #put(facts: ProjectionUpkeep, events: readonly NewEvent[] = []): void {
    this.#options.commit({ projection_upkeep: facts, ...(events.length > 0 && { events }) });
    this.#facts = facts;
  }

  #runAgainIn(ms: number): void {
    this.#options.alarm.scheduleBy(Date.now() + ms);
  }
}

function isUnfinished<Work extends { finished_at_ms: number | null }>(work: Work | null): work is Work {
  return work !== null && work.finished_at_ms === null;
}
