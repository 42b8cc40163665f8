/** A column: its heading and what stands in it. */
export type Column<Record> = readonly [
  heading: string,
  cell: (record: Record) => string | number | boolean | null,
];

/** Some rows of a file, and where it goes on; null at its end. */
export interface Portion<Row, Place> {
  rows: Row[];
  next: Place | null;
}

/**
 * Text that begins like this would be run as a formula by spreadsheet programs, also behind what some of them take for the
 * end of a cell, whatever the quotes: in Dutch and German ones that is the semicolon.
 */
const FORMULA = /(^|[;,|\t\r\n])(?=[=+\-@\t\r])/g;

/**
 * All portions as one stream of CSV (RFC 4180), each read when the reader has taken the one before. The first one is read
 * at once, so that storage that cannot be asked is an answer and not a file that breaks off.
 */
export async function csvOf<Row, Record, Place>(
  columns: readonly Column<Record>[],
  recordOf: (row: Row) => Record,
  portionAfter: (place: Place | null) => Promise<Portion<Row, Place>>,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const lineOf = (row: Row) => lineOfCells(columns.map(([, cell]) => cell(recordOf(row))));
  let portion = await portionAfter(null);
  let text = lineOfCells(columns.map(([heading]) => heading));
  return new ReadableStream({
    async pull(controller) {
      // A portion may have no rows: only then is nothing handed on before the next one.
      text += portion.rows.map(lineOf).join("");
      while (text === "" && portion.next !== null) {
        portion = await portionAfter(portion.next);
        text = portion.rows.map(lineOf).join("");
      }
      if (text !== "") controller.enqueue(encoder.encode(text));
      text = "";
      if (portion.next === null) return controller.close();
      portion = await portionAfter(portion.next);
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
