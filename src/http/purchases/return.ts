import { Hono } from "hono";
import { html } from "hono/html";
import { describeRoute } from "hono-openapi";
import { refreshPurchase } from "../../purchases/refresh";
import { isOurReturn, mayReturn, type Way } from "../../purchases/return-pages";
import { openDatabase } from "../../storage/database";
import { isPayable, isUnderWay } from "../../storage/purchases/purchase-state";
import { findPurchase, type PurchaseRow } from "../../storage/purchases/purchases";
import type { AppEnv } from "../context";
import { header } from "../document/headers";
import { ApiError, errorResponses } from "../errors";
import { tooMany } from "../middleware/anonymous-limit";
import { validParam, validQuery } from "../validate";
import { purchasePath, returnQuery } from "./schema";

const REFRESH_SECONDS = 3;

/** What a buyer without a page of the platform's own reads after paying. */
const WORDS: Record<PurchaseRow["status"], [title: string, text: string]> = {
  created: ["Not paid yet", "The payment page is being prepared."],
  open: ["Not paid yet", "Nothing was charged. You can go back to the payment page."],
  requires_action: ["Please confirm", "Your bank asks you to confirm this payment."],
  paid: ["Thank you", "Your payment has arrived; your credit follows in a moment."],
  credited: ["Thank you", "Your payment has arrived and your credit is there."],
  expired: ["Not paid", "The payment page is closed. Nothing was charged."],
  failed: ["Not paid", "The payment did not succeed. Nothing was charged."],
  mismatch: ["We are looking into it", "Your payment differs from what was asked. We will contact you."],
  refunded: ["Refunded", "We have given your money back. No credit was added."],
  closed: ["Closed", "No credit was added."],
};

/** Where the payment page leads back to: fulfils the purchase, whether or not a webhook has come. */
export const purchaseReturn = new Hono<AppEnv>().get(
  "/purchases/:purchase_id/return",
  describeRoute({
    operationId: "returnFromPayment",
    tags: ["Buying credit"],
    summary: "Where the payment page leads back to",
    description:
      "For the buyer's browser. Leads on to the purchase's `return_url` with `purchase_id` and `purchase_status`; without one it is a page that says how the purchase stands.",
    security: [],
    responses: {
      200: {
        description: "How the purchase stands.",
        content: { "text/html": { schema: { type: "string" } } },
      },
      303: { description: "To the `return_url`.", headers: { Location: header("Location") } },
      ...errorResponses("invalid_request", "not_found", "rate_limit_exceeded", "records_unavailable"),
    },
  }),
  validParam(purchasePath),
  validQuery(returnQuery),
  async (c) => {
    const { purchase_id } = c.req.valid("param");
    const { seal, session_id } = c.req.valid("query");
    const way: Way = `purchases/${purchase_id}`;
    if (!(await isOurReturn(c.env, way, seal))) throw new ApiError("not_found", "There is no such purchase.");
    if (!(await mayReturn(c.env, way))) throw tooMany();
    const found = await findPurchase(openDatabase(c.env), purchase_id);
    const is_buyer =
      found && (!session_id || !found.stripe_session_id || session_id === found.stripe_session_id);
    if (!found || !is_buyer) throw new ApiError("not_found", "There is no such purchase.");
    const purchase = session_id ? await refreshPurchase(c.env, found) : found;
    if (purchase.return_url !== null) return c.redirect(addressBack(purchase, purchase.return_url), 303);
    return c.html(page(purchase));
  },
);

function addressBack({ id, status }: PurchaseRow, return_url: string): string {
  const url = new URL(return_url);
  url.searchParams.set("purchase_id", id);
  url.searchParams.set("purchase_status", status);
  return url.href;
}

function page({ status, pay_url }: PurchaseRow) {
  const [title, text] = WORDS[status];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${isUnderWay(status) ? html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}" />` : ""}
        <title>${title}</title>
      </head>
      <body>
        <h1>${title}</h1>
        <p>${text}</p>
        ${isPayable(status) && pay_url ? html`<p><a href="${pay_url}">To the payment page</a></p>` : ""}
      </body>
    </html>`;
}
