/** A column: its heading and what stands in it. */
export type Column<Record> = readonly [
  heading: string,
  cell: (record: Record) => string | number | boolean | null,
];

const ROWS_AT_ONCE = 1_000;

/**
 * Text that begins like this would be run as a formula by spreadsheet programs, also behind what some of them take for the
 * end of a cell, whatever the quotes: in Dutch and German ones that is the semicolon.
 */
const FORMULA = /(^|[;,|\t\r\n])(?=[=+\-@\t\r])/g;

/**
 * All pages as one stream of CSV (RFC 4180), each page read when the reader has taken the one before. The first one is
 * read at once, so that storage that cannot be asked is an answer and not a file that breaks off.
 */
export async function csvOf<Row, Record>(
  columns: readonly Column<Record>[],
  recordOf: (row: Row) => Record,
  pageAfter: (last: Row | null, limit: number) => Promise<Row[]>,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const lineOf = (row: Row) => lineOfCells(columns.map(([, cell]) => cell(recordOf(row))));
  let page = await pageAfter(null, ROWS_AT_ONCE);
  let text = lineOfCells(columns.map(([heading]) => heading));
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(encoder.encode(text + page.map(lineOf).join("")));
      text = "";
      const last = page.at(-1);
      if (last === undefined || page.length < ROWS_AT_ONCE) return controller.close();
      page = await pageAfter(last, ROWS_AT_ONCE);
    },
  });
}

function lineOfCells(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

/** One cell. Only text can be a formula: our own numbers stay numbers. */
function cellText(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const safe = value.replace(FORMULA, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
