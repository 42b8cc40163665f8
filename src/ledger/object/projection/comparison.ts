import { yieldToEventLoop } from "../../../runtime/next-task";
import { type CallSums, differingHours, type HourSums, SumsByHour } from "../../../storage/calls/hour-sums";
import {
  type HoursInD1,
  projectedEntries,
  projectedSpan,
  readHours,
  wronglyCounted,
} from "../../../storage/calls/projected-rows";
import { HOUR_MS, isoTime } from "../../../units/duration";
import type { ProjectionCursor } from "../../store/ledger-store";
import { inTime } from "../projector";
import { keptFromHourMs, type ProjectionContext } from "./context";

/** Calls and entries of the ledger that are added up in one portion, small enough that calls never wait for it. */
const CALLS_A_PORTION = 500;
const ENTRIES_A_PORTION = 5_000;

/** Differing hours that are kept to be named; with more of them, the copy is made anew all the same. */
const HOURS_KEPT = 1_000;

/** The same of entries that the ledger has not. */
const ENTRIES_KEPT = 100;

/** Entries and notices that are looked through at once for what has changed meanwhile. */
const CHANGES_AT_ONCE = 1_000;

/** What a comparison has come to. */
export interface Compared {
  first_difference: string | null;
  differing_hours: number;
  /** All that differs, as far as it is kept to be named. */
  differences: string[];
}

/**
 * Compares a ledger with its copy in D1: calls by the sums of their hours, entries one by one, both as they were when the
 * comparison began. Hours whose calls have changed since are left to the next one. What it has added up is in memory alone.
 */
export class Comparison {
  readonly #context: ProjectionContext;
  readonly #from_ms: number;
  /** What D1 had when this began; all that has changed since is found behind it. */
  readonly #began: ProjectionCursor;
  readonly #sums = new SumsByHour();
  readonly #differences = new Map<number, string>();
  #entries = 0;
  #known_entries = 0;
  readonly #unknown_entries: string[] = [];
  #portions: AsyncGenerator<undefined, Compared> | undefined;

  /** Of calls that began before `since_ms`, and of those that may have left the ledger, nothing is compared. */
  constructor(context: ProjectionContext, since_ms: number) {
    this.#context = context;
    this.#began = context.state.store.cursors();
    this.#from_ms = Math.max(Math.floor(since_ms / HOUR_MS) * HOUR_MS, keptFromHourMs(context.state));
  }

  /** Does the next portion; answers what it has come to at the end, null before. */
  async portion(): Promise<Compared | null> {
    this.#portions ??= this.#compare();
    const { done, value } = await inTime(() => (this.#portions ?? this.#compare()).next());
    return done ? value : null;
  }

  async *#compare(): AsyncGenerator<undefined, Compared> {
    yield* this.#addUpCalls();
    yield* this.#addUpEntries();
    yield* this.#compareHours();
    yield* this.#compareEntries();
    for (const hour_ms of await this.#hoursChangedMeanwhile()) this.#differences.delete(hour_ms);
    const of_hours = [...this.#differences].sort(([hour_ms], [other_ms]) => hour_ms - other_ms);
    const differences = [...this.#entryDifferences(), ...of_hours.map(([, difference]) => difference)];
    return { first_difference: differences[0] ?? null, differing_hours: of_hours.length, differences };
  }

  async *#addUpCalls(): AsyncGenerator<undefined> {
    const { projection } = this.#context.state.store;
    let call_id = "";
    for (;;) {
      const page = projection.sumCallsAfter(call_id, CALLS_A_PORTION);
      if (!page) return;
      this.#sums.add(page.sums.filter(({ hour_ms }) => hour_ms >= this.#from_ms));
      call_id = page.last_call_id;
      yield;
    }
  }

  async *#addUpEntries(): AsyncGenerator<undefined> {
    const { projection } = this.#context.state.store;
    let seq = 0;
    for (;;) {
      const page = projection.sumEntriesAfter(seq, this.#began.entry_seq, ENTRIES_A_PORTION);
      if (page.last_seq === null) return;
      this.#entries += page.entries;
      seq = page.last_seq;
      yield;
    }
  }

  async *#compareHours(): AsyncGenerator<undefined> {
    const { state, d1 } = this.#context;
    const { organization_id } = state.profile;
    const span = await projectedSpan(d1, organization_id);
    const own = this.#sums.hours();
    const [first = Infinity, last = 0] = [own[0], own.at(-1)];
    const first_ms = Math.floor(Math.min(first, span?.first_ms ?? Infinity) / HOUR_MS) * HOUR_MS;
    const end_ms = Math.max(last, span?.last_ms ?? 0) + HOUR_MS;
    let from_ms = Math.max(first_ms, this.#from_ms);
    while (from_ms < end_ms) {
      const hours = await readHours(d1, organization_id, { from_ms, until_ms: end_ms });
      this.#compareSums(this.#sums.take(from_ms, hours.until_ms), hours);
      from_ms = hours.until_ms;
      yield;
    }
  }

  #compareSums(of_ledger: readonly CallSums[], found: HoursInD1): void {
    const { of_calls, stored } = found;
    for (const hour_ms of differingHours(of_ledger, of_calls))
      this.#note(hour_ms, `D1 has ${told(of_calls, hour_ms)}, the ledger ${told(of_ledger, hour_ms)}`);
    for (const hour_ms of wronglyCounted(found))
      this.#note(
        hour_ms,
        `its sums in D1 say ${told(stored, hour_ms)}, its calls ${told(of_calls, hour_ms)}`,
      );
  }

  #note(hour_ms: number, difference: string): void {
    if (this.#differences.size >= HOURS_KEPT || this.#differences.has(hour_ms)) return;
    this.#differences.set(hour_ms, `projection: hour ${isoTime(hour_ms)}: ${difference}`);
  }

  async *#compareEntries(): AsyncGenerator<undefined> {
    const { state, d1 } = this.#context;
    const left_seq = state.store.checkpoint()?.seq ?? 0;
    let after = { epoch: 0, seq: 0 };
    for (;;) {
      const { entries, has_more } = await projectedEntries(d1, state.profile.organization_id, after);
      const last_seq = state.last_entry?.seq ?? 0;
      // What was posted meanwhile is in neither count.
      const told = entries.filter(({ seq }) => seq <= this.#began.entry_seq || seq > last_seq);
      const { known, unknown } = state.store.projection.compareEntries(told, {
        left_seq,
        epoch: state.epoch,
      });
      this.#known_entries += known;
      this.#unknown_entries.push(...unknown.slice(0, ENTRIES_KEPT - this.#unknown_entries.length));
      const last = entries.at(-1);
      if (!last || !has_more) return;
      after = last;
      yield;
    }
  }

  #entryDifferences(): string[] {
    const missing = this.#entries - this.#known_entries;
    const of_missing = `projection: D1 lacks ${missing} of ${this.#entries} entries that are not a call's`;
    const of_unknown = this.#unknown_entries.map(
      (id) => `projection: D1 has entry ${id}, which the ledger has not`,
    );
    return [...(missing === 0 ? [] : [of_missing]), ...of_unknown];
  }

  async #hoursChangedMeanwhile(): Promise<Set<number>> {
    const { store } = this.#context.state;
    const hours = new Set<number>();
    const addHourOf = (call_id: string | null) => {
      const call = call_id === null ? undefined : store.resolvedCall(call_id);
      if (call) hours.add(Math.floor(call.started_at_ms / HOUR_MS) * HOUR_MS);
    };
    for (let seq = this.#began.entry_seq; ; ) {
      const page = store.entriesAfter(seq, CHANGES_AT_ONCE);
      for (const { call_id } of page) addHourOf(call_id);
      seq = page.at(-1)?.seq ?? seq;
      if (page.length < CHANGES_AT_ONCE) break;
      await yieldToEventLoop();
    }
    for (let seq = this.#began.notice_seq; ; ) {
      const page = store.resolutionsAfter(seq, CHANGES_AT_ONCE);
      for (const { call_id } of page) addHourOf(call_id);
      seq = page.at(-1)?.seq ?? seq;
      if (page.length < CHANGES_AT_ONCE) return hours;
      await yieldToEventLoop();
    }
  }
}

/** What some sums say of an hour, for people. */
function told(sums: readonly (HourSums & { versions?: number })[], hour_ms: number): string {
  const of_hour = sums.filter((each) => each.hour_ms === hour_ms);
  const calls = of_hour.reduce((sum, each) => sum + each.calls, 0);
  const charged = of_hour.reduce((sum, each) => sum + each.charged_micros, 0);
  const versions = of_hour.reduce((sum, each) => sum + (each.versions ?? 0), 0);
  const in_all = versions > 0 ? ` in ${versions} versions` : "";
  return `${calls} calls charged ${charged}${in_all}`;
}
