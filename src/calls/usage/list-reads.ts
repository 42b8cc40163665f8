import { ConcurrencyLimit } from "../../runtime/concurrency-limit";
import { SECOND_MS } from "../../units/duration";

/** How many lists of one organization are read at a time in one isolate: D1 serves all organizations one after the other. */
const MOST_AT_ONCE = 4;

/** How many more wait for their turn: each looks whether it has come, which costs time of the isolate that all share. */
const MOST_WAITING = 8;

/** How often, and how many times, one looks whether it is its turn: two seconds in all. */
const LOOK_MS = 50;
const MOST_LOOKS = 40;

/** What began longer ago has ended, whatever became of its request: D1 ends a query after that. */
const LONGEST_MS = 30 * SECOND_MS;

/** Those that read and those that wait. */
interface Places {
  reading: ConcurrencyLimit;
  waiting: ConcurrencyLimit;
}

/** Of each organization of which lists are being read. */
const taken = new Map<string, Places>();

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
  const leave = acquire(organization_id, "reading");
  if (leave) return leave;
  const leaveQueue = acquire(organization_id, "waiting");
  if (!leaveQueue) throw new TooManyReads(TOO_MANY);
  try {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      await scheduler.wait(LOOK_MS);
      const leave = acquire(organization_id, "reading");
      if (leave) return leave;
    }
  } finally {
    leaveQueue();
  }
  throw new TooManyReads(TOO_MANY);
}

const TOO_MANY = "Too many lists of one organization are read at once.";

/** Takes a place and answers how to leave it; null while there is none. */
function acquire(organization_id: string, which: keyof Places): (() => void) | null {
  const places = taken.get(organization_id) ?? {
    reading: new ConcurrencyLimit(MOST_AT_ONCE),
    waiting: new ConcurrencyLimit(MOST_WAITING),
  };
  const leave = places[which].acquire(Date.now(), Date.now() + LONGEST_MS);
  if (!leave) return null;
  taken.set(organization_id, places);
  return () => {
    leave();
    if (places.reading.isEmpty && places.waiting.isEmpty) taken.delete(organization_id);
  };
}
