import type { Place } from "../../storage/calls/calls";
import { QUERY_ROWS } from "../../storage/calls/read-bounds";
import type { Database } from "../../storage/database";
import { divideDays, type Span, type Survey } from "./survey";

/** Times that one query looks into, and days that are divided at once. */
const SPANS_A_QUERY = 200;
const DAYS_AT_ONCE = 16;

/** The spans of a survey, the latest first; days are divided into their quarter hours as far as it takes. */
export class Spans {
  #next = 0;
  readonly #spans: Span[];
  readonly #is_everything: boolean;

  constructor(
    private readonly db: Database,
    private readonly organization_id: string,
    private readonly survey: Survey,
  ) {
    this.#spans = [...survey.spans];
    const { direction, ending, charged, number } = survey.filter;
    this.#is_everything = !(direction || ending || charged || number !== undefined);
  }

  /** Passes over so many calls, as far as whole spans go, and answers how many are left to pass over in the next one. */
  async skip(count: number): Promise<number> {
    for (let left = count; ; ) {
      const span = this.#spans[this.#next];
      if (!span) return 0;
      if (left >= span.meant) {
        left -= span.meant;
        this.#next += 1;
      } else if (!span.is_day || left === 0) return left;
      else await this.#divide(this.#next, left + 1);
    }
  }

  /** The next spans in which calls follow a place, until they have so many or are as much as one query may read. */
  async take(place: Place | null, count: number): Promise<Span[]> {
    while (isPassed(this.#spans[this.#next], place)) this.#next += 1;
    const first = this.#spans[this.#next];
    if (!first) return [];
    // Where every call is meant, the index alone finds the next ones.
    if (this.#is_everything) return [{ ...first, from_ms: this.survey.filter.from_ms, rows: count }];
    const taken: Span[] = [];
    let [meant, rows] = [0, 0];
    for (let at = this.#next; meant < count && rows < QUERY_ROWS && taken.length < SPANS_A_QUERY; at += 1) {
      if (this.#spans[at]?.is_day) await this.#divide(at, count - meant);
      const span = this.#spans[at];
      if (!span || (taken.length > 0 && rows + span.rows > QUERY_ROWS)) break;
      if (isPassed(span, place)) continue;
      taken.push(span);
      meant += span.meant;
      rows += span.rows;
    }
    return taken;
  }

  /** Divides days from one on, until there are so many calls in them. */
  async #divide(at: number, count: number): Promise<void> {
    const days: Span[] = [];
    let meant = 0;
    for (let span = this.#spans[at]; span?.is_day && meant < count && days.length < DAYS_AT_ONCE; ) {
      days.push(span);
      meant += span.meant;
      span = this.#spans[at + days.length];
    }
    const divided = await divideDays(this.db, this.organization_id, this.survey, days);
    this.#spans.splice(at, days.length, ...divided);
  }
}

/** Whether all calls of a span come before a place in the list, or stand at it. */
function isPassed(span: Span | undefined, place: Place | null): boolean {
  if (!span || !place) return false;
  return span.from_ms > place.started_at_ms || (span.from_ms === place.started_at_ms && place.call_id === "");
}
