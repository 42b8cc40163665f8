import { DirectoryUnavailable } from "../../organizations/directory";
import { within } from "../../runtime/deadline";
import { log } from "../../units/log";
import { type DeckContent, openContent } from "./content";

/** How long KV is waited for: one that hangs must not make a call set-up hang. */
const PATIENCE_MS = 1_000;

/** Content never changes, so that KV's places may keep it for a day. */
const KEPT_SECONDS = 86_400;

/** All that an isolate keeps: a fifth of the memory that it may have. */
const MOST_BYTES = 24 * 1_024 * 1_024;

/** The version that was used last stands last. */
const kept = new Map<string, DeckContent>();
let kept_bytes = 0;

/** A version that is in force cannot be read: no price is known, which must not be answered by another one. */
export class DeckUnavailable extends DirectoryUnavailable {}

/** The key of a version's content in KV. */
export function contentKey(deck_id: string): string {
  return `deck:${deck_id}`;
}

/** Reads the contents of versions. One for each request: what it asks for many times at once is read once. */
export class DeckReader {
  private readonly pending = new Map<string, Promise<DeckContent>>();

  constructor(private readonly env: Pick<Env, "DIRECTORY">) {}

  /**
   * The content of a version: from this isolate's memory, else from KV.
   * @throws DeckUnavailable
   */
  async content(deck_id: string): Promise<DeckContent> {
    const known = kept.get(deck_id);
    if (known) return used(deck_id, known);
    const reading = this.pending.get(deck_id) ?? this.read(deck_id);
    this.pending.set(deck_id, reading);
    return reading;
  }

  private async read(deck_id: string): Promise<DeckContent> {
    try {
      const content = await readContent(this.env.DIRECTORY, deck_id);
      keep(deck_id, content);
      return content;
    } catch (error) {
      log.error("deck_unavailable", { deck_id, error });
      throw new DeckUnavailable("A rate deck cannot be read.", { cause: error });
    }
  }
}

/**
 * Forgets all, as a new isolate would.
 *
 * @internal exported for tests
 */
export function forgetContent(): void {
  kept.clear();
  kept_bytes = 0;
}

async function readContent(store: KVNamespace, deck_id: string): Promise<DeckContent> {
  const bytes = await within(
    PATIENCE_MS,
    () => store.get(contentKey(deck_id), { type: "arrayBuffer", cacheTtl: KEPT_SECONDS }),
    () => new Error(`No answer within ${PATIENCE_MS} ms.`),
  );
  if (bytes === null) throw new Error("KV does not have it.");
  return openContent(bytes);
}

function used(deck_id: string, content: DeckContent): DeckContent {
  kept.delete(deck_id);
  kept.set(deck_id, content);
  return content;
}

function keep(deck_id: string, content: DeckContent): void {
  if (kept.has(deck_id)) return;
  kept.set(deck_id, content);
  kept_bytes += content.byte_length;
  for (const [oldest, { byte_length }] of kept) {
    if (kept_bytes <= MOST_BYTES || oldest === deck_id) break;
    kept.delete(oldest);
    kept_bytes -= byte_length;
  }
}
