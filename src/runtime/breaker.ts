import { SECOND_MS } from "../units/duration";

/** Somebody is not asked now, since the last answers never came. */
export class NotAsked extends Error {
  override readonly name = "NotAsked";
}

/** How many answers in a row fail to come, with no other answer meanwhile, before nobody is asked any more. */
const MAX_TIMEOUTS = 3;

/** How long whoever was silent is left alone before one request tries again. */
const OPEN_MS = 30 * SECOND_MS;

/**
 * Stands in front of somebody outside who may fall silent. After some silences in a row nobody waits for him any more: each
 * request is refused at once, but for one every half a minute that tries. Its answer, whatever it says, opens the way again.
 * An error that comes quickly is an answer. Whoever has answered somebody else meanwhile is not silent: one thing that he
 * never answers shuts out nobody who asks for others.
 */
export class Breaker {
  private silences = 0;
  private answers = 0;
  private probe_at_ms = 0;

  /** How long it is until somebody is asked again, 0 when that is now. */
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
