import { Hono } from "hono";
import { refreshPurchaseThrottled } from "../../../purchases/refresh";
import { openDatabase } from "../../../storage/database";
import { holdsCredit, isPayable, isUnderWay, isUnpaid } from "../../../storage/purchases/purchase-state";
import { findPurchase, type PurchaseRow } from "../../../storage/purchases/purchases";
import { reversalsOf } from "../../../storage/purchases/reversals";
import { idPattern } from "../../../units/id";
import { may, type PageContext, type PageEnv } from "../../context";
import { plainAmount } from "../../format/amounts";
import { answerPage, pathOf } from "../../layout";
import { PageError } from "../../page-error";
import { Notice, type NoticeKind } from "../../parts/notice";
import { unwrap } from "../../refusals";
import { creditsWords } from "./words";

const REFRESH_SECONDS = 3;
const PURCHASE_ID = idPattern("pur");

/** Where the page of payment leads back to: waits for the money instead of claiming that it is there. */
export const creditsResult = new Hono<PageEnv>().get("/", async (c) => {
  const id = c.req.query("purchase_id") ?? "";
  const found = PURCHASE_ID.test(id) ? await findPurchase(openDatabase(c.env), id) : undefined;
  if (found?.organization_id !== c.var.session.organization_id) throw new PageError("not_found");
  const purchase = await refreshPurchaseThrottled(c.env, found);
  const waits = isUnderWay(purchase.status);
  const t = creditsWords[c.var.format.language];
  return answerPage(
    c,
    { page: "credits", live: waits, ...(waits && { refresh_seconds: REFRESH_SECONDS }) },
    <div class="stack" data-live="result">
      <Result
        c={c}
        purchase={purchase}
        balance_micros={await balanceMicros(c)}
        taken_back_cents={await reversedCents(c, purchase.id)}
      />
      <p class="actions">
        <a href={pathOf("overview")}>{t.to_overview}</a>
        {purchase.stripe_invoice_id ? <a href={pathOf("invoices")}>{t.to_invoices}</a> : null}
      </p>
    </div>,
  );
});

/** Read anew: the account that the page began with may be from before the credit came. */
async function balanceMicros(c: PageContext): Promise<number> {
  const { account, ledger } = c.var;
  const { voice_rate } = account;
  const answer = await ledger.ask(async (object) => object.account(null, voice_rate));
  return unwrap(answer).account.remaining_micros;
}

/** How much of the credit refunds and disputes have taken back, and not returned. */
async function reversedCents(c: PageContext, purchase_id: string): Promise<number> {
  const reversals = await reversalsOf(openDatabase(c.env), [purchase_id]);
  return reversals
    .filter(({ status }) => holdsCredit(status))
    .reduce((sum, { net_cents }) => sum + net_cents, 0);
}

function Result({
  c,
  purchase,
  balance_micros,
  taken_back_cents,
}: {
  c: PageContext;
  purchase: PurchaseRow;
  balance_micros: number;
  taken_back_cents: number;
}) {
  const { account, format, session } = c.var;
  const t = creditsWords[format.language];
  const { status, net_cents, pay_url } = purchase;
  const { title, text } = t.result[status];
  const can_pay = isPayable(status) && pay_url !== null;
  const may_buy = may(session.role, "set") && account.state !== "closed";
  return (
    <>
      <Notice
        kind={kindOf(status)}
        title={title}
        text={account.state === "active" && taken_back_cents === 0 ? text : undefined}
      >
        {may_buy && can_pay ? (
          <a class="button" href={pay_url}>
            {t.to_payment}
          </a>
        ) : null}
        {may_buy && isUnpaid(status) ? (
          <a class="button" href={`${pathOf("credits")}?amount=${plainAmount(net_cents)}`}>
            {t.again}
          </a>
        ) : null}
      </Notice>
      <dl class="facts">
        <dt>{status === "credited" ? t.added : t.amount}</dt>
        <dd>{format.cents(net_cents)}</dd>
        {taken_back_cents > 0 ? (
          <>
            <dt>{t.taken_back}</dt>
            <dd>{format.cents(-taken_back_cents)}</dd>
          </>
        ) : null}
        <dt>{t.balance_now}</dt>
        <dd>{format.money(balance_micros)}</dd>
      </dl>
    </>
  );
}

function kindOf(status: PurchaseRow["status"]): NoticeKind {
  if (status === "credited") return "success";
  if (status === "failed" || status === "mismatch") return "danger";
  return status === "requires_action" || status === "expired" ? "warning" : "info";
}
