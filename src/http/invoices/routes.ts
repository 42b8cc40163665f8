import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { documentPdf } from "../../purchases/invoices";
import { openDatabase } from "../../storage/database";
import { findInvoice, listInvoices } from "../../storage/purchases/invoices";
import { checkKeyAtLedger, organizationKey, readerOf } from "../authenticate";
import type { AppEnv } from "../context";
import { pageOf, readCursor, timedPlace } from "../cursor";
import { header } from "../document/headers";
import { ApiError, errorResponses, ORGANIZATION_KEY_ERRORS } from "../errors";
import { json } from "../openapi";
import { validParam, validQuery } from "../validate";
import { invoiceBody } from "./present";
import { invoicePageQuery, invoicePageSchema, invoicePath, invoiceSchema } from "./schema";

const common = { tags: ["Buying credit"], security: [{ organizationKey: [] }] };

/** An organization's invoices and credit notes. */
export const invoices = new Hono<AppEnv>()
  .get(
    "/invoices",
    describeRoute({
      ...common,
      operationId: "listInvoices",
      summary: "Invoices and credit notes, the newest first",
      description: "Also those that auto top-up has led to.",
      responses: {
        200: json(invoicePageSchema, "A page of documents."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validQuery(invoicePageQuery),
    async (c) => {
      const { limit } = c.req.valid("query");
      await checkKeyAtLedger(c);
      const place = await readCursor(c, timedPlace);
      const before = place && { issued_at_ms: place[0], id: place[1] };
      const asked = { before, limit: limit + 1 };
      const rows = await listInvoices(openDatabase(c.env), c.var.organization_id, asked);
      const placeOf = ({ issued_at_ms, id }: (typeof rows)[number]) => [issued_at_ms, id];
      const { page, ...rest } = await pageOf(c, rows, limit, placeOf);
      return c.json({ invoices: page.map(invoiceBody), ...rest });
    },
  )
  .get(
    "/invoices/:invoice_id",
    describeRoute({
      ...common,
      operationId: "getInvoice",
      summary: "One invoice or credit note",
      description: "As Stripe issued it. `GET …/pdf` has its file.",
      responses: {
        200: json(invoiceSchema, "The document."),
        ...errorResponses(...ORGANIZATION_KEY_ERRORS, "not_found", "records_unavailable"),
      },
    }),
    organizationKey("read"),
    validParam(invoicePath),
    async (c) => {
      await checkKeyAtLedger(c);
      const { invoice_id } = c.req.valid("param");
      const row = await findInvoice(openDatabase(c.env), c.var.organization_id, invoice_id);
      if (!row) throw noSuchInvoice();
      return c.json(invoiceBody(row));
    },
  )
  .get(
    "/invoices/:invoice_id/pdf",
    describeRoute({
      ...common,
      operationId: "getInvoicePdf",
      summary: "The file of an invoice or a credit note",
      description: "Streamed from Stripe, where it was made. Not to be kept by caches.",
      responses: {
        200: {
          description: "The file.",
          headers: { "Content-Disposition": header("ContentDisposition") },
          content: { "application/pdf": { schema: { type: "string", format: "binary" } } },
        },
        ...errorResponses(
          ...ORGANIZATION_KEY_ERRORS,
          "not_found",
          "payments_unavailable",
          "records_unavailable",
        ),
      },
    }),
    organizationKey("read"),
    validParam(invoicePath),
    async (c) => {
      await checkKeyAtLedger(c);
      const { invoice_id } = c.req.valid("param");
      const file = await documentPdf(c.env, readerOf(c), c.var.organization_id, invoice_id);
      if (!file) throw noSuchInvoice();
      if (file === "unavailable") throw new ApiError("payments_unavailable");
      const name = file.number.replace(/[^\w.-]/g, "_");
      return c.body(file.body, 200, {
        "Content-Type": "application/pdf",
        "Content-Disposition": `attachment; filename="${name}.pdf"`,
        "Cache-Control": "private, no-store",
      });
    },
  );

function noSuchInvoice(): ApiError {
  return new ApiError("not_found", "There is no such invoice or credit note.");
}
