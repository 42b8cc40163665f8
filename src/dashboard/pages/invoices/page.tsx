import { Hono } from "hono";
import { documentPdf } from "../../../purchases/invoices";
import { openDatabase } from "../../../storage/database";
import { findInvoice, type InvoiceRow, listInvoices } from "../../../storage/purchases/invoices";
import { type PageContext, type PageEnv, readerOf } from "../../context";
import { limitedExport } from "../../export-limit";
import { answerPage, pathOf } from "../../layout";
import { PageError } from "../../page-error";
import { Pill, type PillKind } from "../../parts/figures";
import { Notice } from "../../parts/notice";
import { Empty, Pager, Table } from "../../parts/table";
import { invoicesWords } from "./words";

const PAGE = 50;

/** Where a page ends: the date of a document and its id. */
const PLACE = /^(\d{1,15})\.(\w{1,110})$/;

/** Invoices and credit notes, with their files. */
export const invoices = new Hono<PageEnv>()
  .get("/", async (c) => {
    const db = openDatabase(c.env);
    const { organization_id } = c.var.session;
    const asked = c.req.query("before");
    const place = asked === undefined ? null : PLACE.exec(asked);
    const before = place && { issued_at_ms: Number(place[1]), id: place[2] ?? "" };
    const is_nowhere = asked !== undefined && before === null;
    const found = is_nowhere ? [] : await listInvoices(db, organization_id, { before, limit: PAGE + 1 });
    const rows = found.slice(0, PAGE);
    const corrected = await Promise.all(
      rows.map(({ corrects_invoice_id: id }) => (id ? findInvoice(db, organization_id, id) : undefined)),
    );
    const t = invoicesWords[c.var.format.language];
    const last = found.length > PAGE ? rows.at(-1) : undefined;
    return answerPage(
      c,
      { page: "invoices" },
      <>
        {rows.length === 0 ? <Empty {...t.none} /> : <Documents c={c} rows={rows} corrected={corrected} />}
        <Pager
          newest_href={asked === undefined ? null : pathOf("invoices")}
          older_href={last ? `?before=${last.issued_at_ms}.${last.id}` : null}
          words={{ newest: t.newest, older: t.older, label: t.pages }}
        />
      </>,
    );
  })
  .get("/:invoice_id/pdf", (c) => limitedExport(c, () => answerPdf(c, c.req.param("invoice_id"))));

async function answerPdf(c: PageContext, invoice_id: string): Promise<Response> {
  const file = await documentPdf(c.env, readerOf(c), c.var.session.organization_id, invoice_id);
  if (!file) throw new PageError("not_found");
  const t = invoicesWords[c.var.format.language];
  if (file === "unavailable")
    return answerPage(c, { page: "invoices", status: 503 }, <Notice kind="warning" {...t.away} />);
  return c.body(file.body, 200, {
    "Content-Type": "application/pdf",
    "Content-Disposition": `attachment; filename="${file.number.replace(/[^\w.-]/g, "_")}.pdf"`,
  });
}

const KINDS: Record<InvoiceRow["status"], PillKind> = {
  open: "wait",
  paid: "good",
  issued: "good",
  void: "plain",
};

function Documents({
  c,
  rows,
  corrected,
}: {
  c: PageContext;
  rows: InvoiceRow[];
  corrected: (InvoiceRow | undefined)[];
}) {
  const { format } = c.var;
  const t = invoicesWords[format.language];
  const number_of = new Map(corrected.flatMap((row) => (row ? [[row.id, row.number ?? row.id]] : [])));
  return (
    <Table
      caption={t.pages}
      hide_caption
      rows={rows}
      columns={[
        { heading: t.number, names_row: true, cell: ({ number }) => number ?? t.draft },
        { heading: t.date, cell: ({ issued_at_ms }) => format.date(issued_at_ms) },
        {
          heading: t.kind,
          cell: ({ kind, corrects_invoice_id: id }) => (
            <>
              {t.kinds[kind]}
              {id ? <span class="note"> {t.corrects(number_of.get(id) ?? id)}</span> : null}
            </>
          ),
        },
        { heading: t.net, numeric: true, cell: ({ net_cents }) => format.cents(net_cents) },
        {
          heading: t.vat,
          numeric: true,
          cell: ({ tax_cents, rate_basis_points, reverse_charge }) => (
            <>
              {format.cents(tax_cents)}{" "}
              <span class="note">
                {reverse_charge ? t.reverse_charge : format.percent(rate_basis_points / 100)}
              </span>
            </>
          ),
        },
        { heading: t.gross, numeric: true, cell: ({ gross_cents }) => format.cents(gross_cents) },
        { heading: t.state, cell: ({ status }) => <Pill kind={KINDS[status]} text={t.states[status]} /> },
        {
          heading: t.file,
          cell: ({ id, number }) => (
            <a href={`/billing/invoices/${id}/pdf`} aria-label={t.pdf_of(number ?? id)} download>
              {t.download}
            </a>
          ),
        },
      ]}
    />
  );
}
