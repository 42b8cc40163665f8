import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { askAdmin, type Platform, queryD1 } from "../../support/node/platform.ts";
import type { Call, Journal } from "./journal.ts";
import { answered, send } from "./node.ts";

const BATCH = 250;
const PROJECTION_LIMIT_MS = 20_000;

/** Says once more what was said last of each call. What was answered must be answered the same. */
export async function repeat(platform: Platform, journal: Journal, calls: readonly Call[]): Promise<void> {
  for (let from = 0; from < calls.length; from += BATCH) {
    const batch = calls.slice(from, from + BATCH);
    const answers = await send(
      platform,
      batch.map(({ last }) => last),
    );
    for (const [place, call] of batch.entries()) {
      const answer = answered(answers, place);
      if (call.answer === null) journal.answered(call, answer);
      else if (!isDeepStrictEqual(answer, call.answer))
        throw new Error(
          `LOST: ${JSON.stringify(call.last)} was answered ${JSON.stringify(call.answer)}, and after the restart ${JSON.stringify(answer)}`,
        );
    }
  }
}

/** A call that is over never starts again, however late its authorize comes a second time. */
export async function authorizeAgain(platform: Platform, calls: readonly Call[]): Promise<void> {
  for (let from = 0; from < calls.length; from += BATCH) {
    const batch = calls.slice(from, from + BATCH);
    const answers = await send(
      platform,
      batch.map(({ authorize }) => authorize),
    );
    for (const [place, call] of batch.entries())
      if (answered(answers, place).status !== 409)
        throw new Error(
          `${call.call_id} is over, and was authorized again: ${JSON.stringify(answers[place])}`,
        );
  }
}

interface Verified {
  ok: boolean;
  first_difference?: string | null;
  posted_micros: number;
  entries: number;
}

/** Every organization's ledger proves itself, and says what the node's own books say: to the micro, and each charge once. */
export async function checkBooks(
  platform: Platform,
  journal: Journal,
  credit_micros: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [id, credit] of credit_micros) {
    const verified = await askAdmin<Verified>(platform, `/organizations/${id}/verify`);
    const books = journal.booksOf(id);
    if (!verified.ok) throw new Error(`${id} does not verify: ${verified.first_difference}`);
    // The credit is the first entry.
    if (verified.entries !== books.charges + 1)
      throw new Error(`${id} has ${verified.entries - 1} charges for ${books.charges} settled calls`);
    if (verified.posted_micros !== credit - books.charged_micros)
      throw new Error(`${id} has posted ${verified.posted_micros}, not ${credit - books.charged_micros}`);
  }
}

interface Projected {
  organization_id: string;
  calls: number;
  charged_micros: number;
}

/** D1 comes to hold each resolved call once, with what it was charged. Answers how long that took. */
export async function checkProjection(
  platform: Platform,
  journal: Journal,
  organization_ids: Iterable<string>,
): Promise<number> {
  const began_ms = Date.now();
  const expected = new Map([...organization_ids].map((id) => [id, journal.booksOf(id)]));
  for (;;) {
    const rows = await queryD1<Projected>(
      platform.d1_url,
      "SELECT organization_id, count(*) AS calls, sum(charged_micros) AS charged_micros FROM calls GROUP BY organization_id",
    );
    const behind = [...expected].filter(([id, { resolved, charged_micros }]) => {
      const row = rows.find(({ organization_id }) => organization_id === id);
      return (row?.calls ?? 0) !== resolved || (row?.charged_micros ?? 0) !== charged_micros;
    });
    if (behind.length === 0) return Date.now() - began_ms;
    if (Date.now() - began_ms > PROJECTION_LIMIT_MS)
      throw new Error(`The projection has not caught up: ${JSON.stringify({ behind, rows })}`);
    await pause(10);
  }
}
