import { dayText, type InvoiceDocument, type InvoiceParty, moneyText, rateText } from "./invoice-document.ts";
import { INNER_WIDTH, MARGIN, Sheet, type SheetFonts, type TextStyle } from "./pdf-sheet.ts";

export type * from "./invoice-document.ts";

/** Where the columns of the table of lines begin, and how wide they are. */
const COLUMNS = {
  description: { x: MARGIN, width: 230 },
  quantity: { x: MARGIN + 238, width: 50, align: "right" },
  unit: { x: MARGIN + 296, width: 86, align: "right" },
  net: { x: MARGIN + 390, width: INNER_WIDTH - 390, align: "right" },
} as const;

const BODY: TextStyle = { x: MARGIN, width: INNER_WIDTH, size: 9.5 };
const LABEL: TextStyle = { ...BODY, size: 8.5, muted: true };
const TOTALS_X = MARGIN + 238;
const TOTALS_LABEL_WIDTH = 148;
const HALF_WIDTH = (INNER_WIDTH - 24) / 2;

/**
 * An invoice or a credit note as a PDF of A4 pages. Runs in Node and in workerd. `fonts` are two TrueType files with
 * Latin, Greek and Cyrillic; only the letters used are embedded. The same document gives the same bytes.
 */
export async function renderInvoicePdf(document: InvoiceDocument, fonts: SheetFonts): Promise<Uint8Array> {
  const sheet = await Sheet.open(fonts);
  describeFile(sheet, document);
  writeHead(sheet, document);
  sheet.skip(26);
  writeParties(sheet, document);
  sheet.skip(28);
  sheet.write(summaryText(document), { ...BODY, size: 14, bold: true });
  sheet.skip(18);
  writeLines(sheet, document);
  sheet.skip(6);
  writeTotals(sheet, document);
  sheet.skip(26);
  for (const note of document.notes) {
    sheet.write(note, BODY);
    sheet.skip(6);
  }
  sheet.writeFeet(`${document.seller.name} · ${titleText(document)} ${document.number}`);
  return sheet.pdf.save();
}

function titleText({ kind }: InvoiceDocument): string {
  return kind === "credit_note" ? "Credit note" : "Invoice";
}

function describeFile({ pdf }: Sheet, document: InvoiceDocument): void {
  const issued_at = new Date(document.issued_at_ms);
  pdf.setTitle(`${titleText(document)} ${document.number}`, { showInWindowTitleBar: true });
  pdf.setAuthor(document.seller.name);
  pdf.setLanguage("en");
  pdf.setCreationDate(issued_at);
  pdf.setModificationDate(issued_at);
}

function writeHead(sheet: Sheet, document: InvoiceDocument): void {
  const title = titleText(document);
  const { corrects } = document;
  const facts: [label: string, text: string][] = [
    [`${title} number`, document.number],
    ["Date of issue", dayText(document.issued_at_ms)],
    ...paymentFacts(document),
  ];
  if (corrects) facts.push(["Corrects invoice", `${corrects.number} of ${dayText(corrects.issued_at_ms)}`]);
  sheet.writeBeside([
    () => sheet.write(title, { ...BODY, width: 200, size: 24, bold: true }),
    () => {
      sheet.skip(9);
      const x = MARGIN + 208;
      sheet.write(document.seller.name, {
        x,
        width: INNER_WIDTH - 208,
        size: 12,
        bold: true,
        muted: true,
        align: "right",
      });
    },
  ]);
  sheet.skip(12);
  for (const [label, text] of facts)
    sheet.writeBeside([
      () => sheet.write(label, { ...BODY, width: 110, muted: true }),
      () => sheet.write(text, { ...BODY, x: MARGIN + 116, width: INNER_WIDTH - 116 }),
    ]);
}

function paymentFacts({ payment }: InvoiceDocument): [label: string, text: string][] {
  if (payment.state === "paid") return [["Date paid", dayText(payment.paid_at_ms)]];
  if (payment.state === "due") return [["Date due", dayText(payment.due_at_ms)]];
  if (payment.state === "refunded") return [["Date refunded", dayText(payment.refunded_at_ms)]];
  return [];
}

function writeParties(sheet: Sheet, { seller, buyer }: InvoiceDocument): void {
  sheet.writeBeside([
    () => writeParty(sheet, "From", seller, MARGIN),
    () => writeParty(sheet, "Bill to", buyer, MARGIN + HALF_WIDTH + 24),
  ]);
}

function writeParty(sheet: Sheet, label: string, party: InvoiceParty, x: number): void {
  const style = { ...BODY, x, width: HALF_WIDTH };
  sheet.write(label, { ...LABEL, x });
  sheet.skip(2);
  sheet.write(party.name, { ...style, bold: true });
  for (const line of party.address_lines) sheet.write(line, style);
  if (party.email) sheet.write(party.email, style);
  if (party.vat_id) sheet.write(`VAT ID ${party.vat_id}`, style);
}

function summaryText(document: InvoiceDocument): string {
  const { payment } = document;
  const amount = moneyText(document.gross_cents, document.currency);
  if (payment.state === "paid") return `${amount} paid on ${dayText(payment.paid_at_ms)}`;
  if (payment.state === "due") return `${amount} due on ${dayText(payment.due_at_ms)}`;
  if (payment.state === "refunded") return `${amount} refunded on ${dayText(payment.refunded_at_ms)}`;
  return payment.state === "void" ? `${amount}, void` : `${amount} credited`;
}

function writeLines(sheet: Sheet, { lines, currency }: InvoiceDocument): void {
  const writeTableHead = () => {
    writeRow(sheet, LABEL, ["Description", "Quantity", "Unit price", "Net amount"]);
    sheet.skip(4);
    sheet.rule();
    sheet.skip(6);
  };
  sheet.makeRoom(60);
  writeTableHead();
  for (const { description, quantity, unit_net_cents, net_cents } of lines) {
    if (sheet.makeRoom(BODY.size * 3)) writeTableHead();
    const unit = moneyText(unit_net_cents, currency);
    writeRow(
      sheet,
      BODY,
      [description, String(quantity), unit, moneyText(net_cents, currency)],
      writeTableHead,
    );
    sheet.skip(5);
  }
  sheet.rule();
}

/** The description comes last: it alone may go on over the end of a page. */
function writeRow(
  sheet: Sheet,
  style: TextStyle,
  [description, quantity, unit, net]: [string, string, string, string],
  onNewPage?: () => void,
): void {
  const top = sheet.y;
  sheet.writeBeside([
    () => sheet.write(quantity, { ...style, ...COLUMNS.quantity }),
    () => sheet.write(unit, { ...style, ...COLUMNS.unit }),
    () => sheet.write(net, { ...style, ...COLUMNS.net }),
  ]);
  const below_amounts = sheet.y;
  sheet.y = top;
  sheet.write(description, { ...style, ...COLUMNS.description }, onNewPage);
  if (sheet.y < top) sheet.y = Math.min(sheet.y, below_amounts);
}

function writeTotals(sheet: Sheet, document: InvoiceDocument): void {
  const { currency, reverse_charge, tax_rate_basis_points } = document;
  const total = document.kind === "credit_note" ? "Total credited" : "Total including VAT";
  const vat = tax_rate_basis_points > 0 ? `VAT ${rateText(tax_rate_basis_points)}` : "No VAT due";
  const rows: [label: string, cents: number, style?: Partial<TextStyle>][] = [
    ["Total excluding VAT", document.net_cents],
    [reverse_charge ? "VAT 0%, reverse charge" : vat, document.tax_cents],
    [total, document.gross_cents, { bold: true, size: 10.5 }],
  ];
  if (document.payment.state === "paid") rows.push(["Amount paid", document.gross_cents]);
  if (document.payment.state === "due") rows.push(["Amount due", document.gross_cents]);
  sheet.makeRoom(rows.length * 26);
  for (const [index, [label, cents, style]] of rows.entries()) {
    if (index > 0) sheet.rule(TOTALS_X);
    sheet.skip(4);
    sheet.writeBeside([
      () => sheet.write(label, { ...BODY, ...style, x: TOTALS_X, width: TOTALS_LABEL_WIDTH }),
      () => sheet.write(moneyText(cents, currency), { ...BODY, ...style, ...COLUMNS.net }),
    ]);
    sheet.skip(4);
  }
}
