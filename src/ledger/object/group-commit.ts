import { yieldToEventLoop } from "../../runtime/next-task";

/** The most requests that wait for one commit: bounds how long the first of them waits. */
const MAX_GROUP_SIZE = 128;

interface PendingRequest {
  run: () => void;
  giveUp: () => void;
  /** When the caller stops waiting. */
  until_ms: number;
}

/** How long a caller waits for its turn, and the answer, with nothing done, when its turn comes too late. */
interface WaitLimit<Answer> {
  patience_ms: number;
  givenUp: () => Answer;
}

/**
 * Lets requests that overlap share one commit: one fsync instead of one each.
 *
 * A request that comes alone runs at once. While a commit is on its way to disk, others gather; then all of them
 * run one after the other in one turn, which the runtime commits as one, and holds every answer back until that is
 * durable. Each runs in a transaction of its own, so that one that fails undoes nothing of its neighbours.
 */
export class GroupCommit {
  private waiting: PendingRequest[] = [];
  private committing = false;
  private last_group = 0;

  constructor(private readonly storage: DurableObjectStorage) {}

  /**
   * Runs `request` in the next group; rejects with what it throws. A request whose caller has stopped waiting is
   * not run: it would only delay the requests behind it.
   */
  run<Answer>(request: () => Answer, patience?: WaitLimit<Answer>): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      const run = () => {
        try {
          resolve(request());
        } catch (error) {
          reject(error);
        }
      };
      const giveUp = () => patience && resolve(patience.givenUp());
      const until_ms = patience ? Date.now() + patience.patience_ms : Number.POSITIVE_INFINITY;
      this.waiting.push({ run, giveUp, until_ms });
    });
    if (!this.committing) void this.commitGroups();
    return answer;
  }

  private async commitGroups(): Promise<void> {
    this.committing = true;
    try {
      while (this.waiting.length > 0) {
        if (this.last_group > 1) await this.waitForPeers();
        const group = this.waiting.splice(0, MAX_GROUP_SIZE);
        this.last_group = group.length;
        const now_ms = Date.now();
        for (const { run, giveUp, until_ms } of group) (until_ms > now_ms ? run : giveUp)();
        await this.storage.sync();
        if (this.waiting.length > MAX_GROUP_SIZE) await yieldToEventLoop();
      }
    } finally {
      this.committing = false;
    }
  }

  /** Under load: lets more requests in as long as they keep coming. `sync` with nothing written is a bare turn. */
  private async waitForPeers(): Promise<void> {
    let before: number;
    do {
      before = this.waiting.length;
      await this.storage.sync();
    } while (this.waiting.length > before && this.waiting.length < MAX_GROUP_SIZE);
  }
}
