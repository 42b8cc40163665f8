/**
 * How much of a shared database one organization may have read at a time: D1 answers one query after the other, so that
 * a long one makes every organization wait, and nothing can end it.
 */

/** The most calls that one query may go through. */
export const QUERY_ROWS = 4_000;

/** The most that all queries of one request may go through together; a file goes on, query after query. */
export const REQUEST_ROWS = 16_000;

/** What was asked for cannot be read within the bounds. `field`: what is to be asked for otherwise. */
export class ReadTooLarge extends Error {
  override readonly name = "ReadTooLarge";

  constructor(
    readonly field: "start_date" | "offset" | "number",
    message: string,
  ) {
    super(message);
  }
}
