import type { ObjectAlarm } from "../../../runtime/alarm";
import { yieldToEventLoop } from "../../../runtime/next-task";
import type { AuditFact } from "../../../units/audit-fact";
import { sha256HexNow } from "../../../units/digest";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../../units/duration";
import { newId } from "../../../units/id";
import { log } from "../../../units/log";
import { eventId } from "../../../webhooks/event-id";
import type { LedgerChanges } from "../../store/changes";
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

/** What differs later than this after a rebuild may have come after it. */
const SETTLING_MS = MINUTE_MS;

/** Differences that are remembered as told. */
const TOLD_KEPT = 1_200;

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
    const { rebuild, check, settling } = this.#facts;
    return [rebuild, check, settling].some(isUnfinished);
  }

  /** Whether entries and calls must stay for now: a portion would not find them. While D1 is away nothing waits for it. */
  get needsRows(): boolean {
    return this.isPending && this.#failures === 0;
  }

  /** Begins to make the projection anew, unless that is under way. */
  startRebuild(asked_by?: AuditFact): void {
    if (isUnfinished(this.#facts.rebuild)) return;
    this.#put({ ...this.#facts, rebuild: newRebuild(null, Date.now()) }, { asked_by });
  }

  /** Begins to compare the projection with the ledger, unless that, or a rebuild, is under way. */
  startCheck(): void {
    const { rebuild, check: earlier } = this.#facts;
    if (isUnfinished(rebuild) || isUnfinished(earlier)) return;
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
      log.error("projection_upkeep_failed", { organization_id, error });
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
      else await this.#compare();
      await yieldToEventLoop();
      if (Date.now() >= until_ms) return;
    }
  }

  async #rebuild(before: Rebuild): Promise<void> {
    const rebuild = await rebuildPortion(before, this.#options.context);
    const { finished_at_ms: asked_at_ms } = rebuild;
    if (asked_at_ms === null) return this.#put({ ...this.#facts, rebuild });
    const { check } = this.#facts;
    const settles = rebuild.difference !== null && check !== null;
    const settling = settles
      ? { ...check, asked_at_ms, attempts: 0, finished_at_ms: null }
      : this.#facts.settling;
    this.#put({ ...this.#facts, rebuild, settling });
    const { organization_id } = this.#options.context.state.profile;
    const { restored, hours_rewritten, unknown, difference } = rebuild;
    const counts = { ...restored, hours_rewritten, unknown_calls: unknown.calls };
    const detail = { organization_id, report_id: difference?.report_id, ...counts };
    log.info("projection_rebuilt", { ...detail, unknown_entries: unknown.entries });
  }

  async #compare(): Promise<void> {
    const under_way = this.#underWay();
    if (!under_way) return;
    const { check, name } = under_way;
    if (!this.#comparison) {
      const is_late = name === "settling" && Date.now() > check.asked_at_ms + SETTLING_MS;
      if (is_late) return this.#put({ ...this.#facts, settling: null });
      if (check.attempts >= MAX_ATTEMPTS) return this.#giveUp(check);
      const since_ms = check.is_full ? 0 : check.asked_at_ms - RECENT_MS;
      this.#put({ ...this.#facts, [name]: { ...check, attempts: check.attempts + 1 } });
      this.#comparison = new Comparison(this.#options.context, since_ms);
    }
    const compared = await this.#comparison.portion();
    if (!compared) return;
    this.#comparison = undefined;
    if (name === "settling") this.#settle(check, compared);
    else await this.#conclude(check, compared);
  }

  /** The comparison that is to go on. */
  #underWay() {
    const { check, settling } = this.#facts;
    if (isUnfinished(settling)) return { name: "settling", check: settling } as const;
    return isUnfinished(check) ? ({ name: "check", check } as const) : null;
  }

  /** Remembers what the rebuild has left: operators know of it. */
  #settle({ is_full }: ProjectionCheck, { differences }: Compared): void {
    // What is older than a check of the latest goes back to is still there.
    const known = is_full ? [] : (this.#facts.told ?? []);
    const told = [...new Set([...known, ...differences.map(shortDigest)])];
    this.#put({ ...this.#facts, settling: null, told: told.slice(-TOLD_KEPT) });
  }

  async #conclude(check: ProjectionCheck, { differences, ...compared }: Compared): Promise<void> {
    const now_ms = Date.now();
    const finished = { ...check, ...compared, finished_at_ms: now_ms };
    const { first_difference, differing_hours } = compared;
    const full_check_at_ms = check.is_full ? check.asked_at_ms : this.#facts.full_check_at_ms;
    const is_clean = check.is_full && first_difference === null;
    const told = is_clean ? [] : (this.#facts.told ?? []);
    const checked = { ...this.#facts, check: finished, full_check_at_ms, told };
    const is_told = differences.every((difference) => told.includes(shortDigest(difference)));
    if (first_difference === null || is_told) return this.#put(checked);
    await this.#tell(checked, { first_difference, differing_hours });
  }

  /** Tells a difference, and begins to mend it. */
  async #tell(
    checked: ProjectionUpkeep,
    { first_difference, differing_hours }: { first_difference: string; differing_hours: number },
  ): Promise<void> {
    const now_ms = Date.now();
    const { organization_id } = this.#options.context.state.profile;
    const report_id = newId("chk");
    log.error("projection_difference", { organization_id, report_id, first_difference, differing_hours });
    const type = "ops.ledger_difference" as const;
    const id = await eventId(organization_id, `${type}:${report_id}`, now_ms);
    const rebuild = newRebuild({ report_id, first_difference, differing_hours }, now_ms);
    const data = { organization_id, report_id, first_difference };
    const events = [{ id, type, occurred_at_ms: now_ms, data } as const];
    this.#put({ ...checked, rebuild }, { events });
    this.#options.relaySoon();
  }

  /** It is as old as its first portion, and rows may leave while nothing goes on: it begins anew. */
  #dropComparison(): void {
    const under_way = this.#underWay();
    if (!this.#comparison || !under_way) return;
    this.#comparison = undefined;
    const { check, name } = under_way;
    this.#put({ ...this.#facts, [name]: { ...check, attempts: check.attempts - 1 } });
  }

  #giveUp(check: ProjectionCheck): void {
    const { organization_id } = this.#options.context.state.profile;
    log.error("projection_check_given_up", { organization_id, attempts: check.attempts });
    const given_up = isUnfinished(this.#facts.settling)
      ? { settling: null }
      : { check: { ...check, finished_at_ms: Date.now() } };
    this.#put({ ...this.#facts, ...given_up });
  }

  #put(facts: ProjectionUpkeep, told: Pick<LedgerChanges, "events" | "asked_by"> = {}): void {
    this.#options.commit({ projection_upkeep: facts, ...told });
    this.#facts = facts;
  }

  #runAgainIn(ms: number): void {
    this.#options.alarm.scheduleBy(Date.now() + ms);
  }
}

function isUnfinished<Work extends { finished_at_ms: number | null }>(
  work: Work | null | undefined,
): work is Work {
  return work?.finished_at_ms === null;
}

/** Enough to know a difference again. */
function shortDigest(difference: string): string {
  return sha256HexNow(difference).slice(0, 16);
}
