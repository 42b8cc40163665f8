import { html } from "hono/html";
import type { World } from "../core/account.ts";
import { Refusal } from "../core/errors.ts";
import { formText } from "../core/form.ts";
import type { InvoiceDocument } from "../documents/invoice-document.ts";
import { documentOfCreditNote, documentOfInvoice } from "../documents/of-invoice.ts";
import { checkoutPages } from "./checkout.ts";
import { invoicePages } from "./invoice.ts";
import { page } from "./layout.ts";
import { overviewPages } from "./overview.ts";
import { portalPages } from "./portal.ts";

/** A page's answer to a request; `id` is what the path names, `form` what was sent. */
type PageHandler = (world: World, id: string, form: URLSearchParams) => Promise<Response>;

/** Pages by method and path, with `:id` for what varies. */
export type Pages = Record<`${"GET" | "POST"} /${string}`, PageHandler>;

type Pdf = (document: InvoiceDocument) => Promise<Uint8Array>;

const PAGES = Object.entries({ ...checkoutPages, ...invoicePages, ...portalPages, ...overviewPages }).map(
  ([name, handler]) => ({ handler, pattern: new RegExp(`^${name.replace(":id", "([^/]+)")}$`) }),
);

/** Answers a browser: the pages on which people pay, and the files of invoices and credit notes. */
export async function answerPage(world: World, request: Request, pdf: Pdf | undefined): Promise<Response> {
  const { pathname } = new URL(request.url);
  try {
    const file = pdf && (await answerFile(world, pathname, pdf));
    if (file) return file;
    for (const { pattern, handler } of PAGES) {
      const found = pattern.exec(`${request.method} ${pathname}`);
      if (!found) continue;
      const form = new URLSearchParams(request.method === "POST" ? await formText(request) : "");
      return await handler(world, found[1] ?? "", form);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return page("Not possible", html`<h1>Not possible</h1><p>${error.message}</p>`, { status: error.status });
  }
  return page("Not found", html`<h1>Not found</h1><p>There is no such page here.</p>`, { status: 404 });
}

async function answerFile(world: World, path: string, pdf: Pdf): Promise<Response | null> {
  const [, kind, id = ""] = /^\/(invoice|credit_note)\/(\w+)\/pdf$/.exec(path) ?? [];
  if (!kind) return null;
  const document =
    kind === "invoice"
      ? documentOfInvoice(world, world.named("invoice", id))
      : documentOfCreditNote(world, world.named("credit_note", id));
  const bytes = await pdf(document);
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      "Content-Type": "application/pdf",
      "Content-Disposition": `attachment; filename="${document.number}.pdf"`,
    },
  });
}
