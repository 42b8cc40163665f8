import { ConcurrencyLimit } from "../../runtime/concurrency-limit";
import { SECOND_MS } from "../../units/duration";

/** How many lists of one organization are read at a time in one isolate: D1 serves all organizations one after the other. */
const MOST_AT_ONCE = 4;

/** How often, and how many times, one looks whether it is its turn: two seconds in all. */
const LOOK_MS = 25;
const MOST_LOOKS = 80;

/** What began longer ago has ended, whatever became of its request: D1 ends a query after that. */
const LONGEST_MS = 30 * SECOND_MS;

/** Of each organization of which lists are being read. */
const reading = new Map<string, ConcurrencyLimit>();

/** More lists of one organization are being read than can be served in a moment. */
export class TooManyReads extends Error {
  override readonly name = "TooManyReads";
}

/**
 * Reads a list when few others of the same organization are being read, after a wait if need be.
 * @throws TooManyReads when it does not come to its turn
 */
export async function readList<Read>(organization_id: string, read: () => Promise<Read>): Promise<Read> {
  const leave = await turnOf(organization_id);
  try {
    return await read();
  } finally {
    leave();
  }
}

async function turnOf(organization_id: string): Promise<() => void> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const limit = reading.get(organization_id) ?? new ConcurrencyLimit(MOST_AT_ONCE);
    const leave = limit.acquire(Date.now(), Date.now() + LONGEST_MS);
    if (leave) {
      reading.set(organization_id, limit);
      return () => {
        leave();
        if (limit.isEmpty) reading.delete(organization_id);
      };
    }
    await scheduler.wait(LOOK_MS);
  }
  throw new TooManyReads("Too many lists of one organization are read at once.");
}
