import { SECOND_MS } from "../units/duration";

/** The other system is not asked now, since it did not answer the last requests. */
class NotAsked extends Error {
  override readonly name = "NotAsked";
}

/** Requests in a row that are never answered, with no other answer in between, until the breaker opens. */
const MAX_TIMEOUTS = 3;

/** How long the breaker is open before one request tries again. */
const OPEN_MS = 30 * SECOND_MS;

/**
 * A circuit breaker in front of another system that may stop answering. After some requests in a row without an answer the
 * others do not wait any more: each is refused at once, but for one every half a minute that tries. Its answer, whatever it
 * says, closes the breaker. An error that comes quickly is an answer. A system that has answered another request in between is
 * not silent: one thing that it never answers refuses no request for others.
 */
export class Breaker {
  private silences = 0;
  private answers = 0;
  private probe_at_ms = 0;

  /** How long it is until a request may try again, in ms; 0 when that is now. */
  restMs(now_ms: number): number {
    return this.silences < MAX_TIMEOUTS ? 0 : Math.max(0, this.probe_at_ms - now_ms);
  }

  /**
   * Asks, unless that is pointless now. `isSilence` says of a failure whether it is the lack of an answer.
   * @throws NotAsked
   */
  async ask<Answer>(work: () => Promise<Answer>, isSilence: (error: unknown) => boolean): Promise<Answer> {
    const now_ms = Date.now();
    if (this.restMs(now_ms) > 0) throw new NotAsked("It has not answered the last times and is left alone.");
    // While this one tries, the others do not.
    this.probe_at_ms = now_ms + OPEN_MS;
    const answers_before = this.answers;
    try {
      const answer = await work();
      this.heard();
      return answer;
    } catch (error) {
      if (!isSilence(error)) this.heard();
      else if (this.answers === answers_before) this.silences += 1;
      this.probe_at_ms = Date.now() + OPEN_MS;
      throw error;
    }
  }

  private heard(): void {
    this.silences = 0;
    this.answers += 1;
  }
}
