import { Hono } from "hono";
import { presentBuyer } from "../../../customers/billing-profile";
import {
  PRESETS_CENTS,
  type PurchaseRefusal,
  refuseAmount,
  startPurchase,
  taxOn,
} from "../../../purchases/start-checkout";
import { openDatabase } from "../../../storage/database";
import { isPayable } from "../../../storage/purchases/purchase-state";
import { listPurchases, type PurchaseRow } from "../../../storage/purchases/purchases";
import { findSavedCard, type SavedCardRow } from "../../../storage/purchases/saved-cards";
import type { TaxDecision } from "../../../tax/decide-tax";
import { centsToMicros, minutesOf } from "../../../units/money";
import { isRefused } from "../../../units/refusal";
import { actorOf, may, type PageContext, type PageEnv } from "../../context";
import { amountIn, hundredthsOf, numberTrouble, plainAmount, type WrittenNumber } from "../../format/amounts";
import { answerPage } from "../../layout";
import { Choice, Field, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { allowed } from "../../session";
import { Purchases } from "./list";
import { creditsResult } from "./result";
import { creditsWords } from "./words";

const PURCHASES_SHOWN = 10;
const FIRST_CENTS = 5_000;
const REQUEST_KEY = /^[\w-]{8,64}$/;

type Words = (typeof creditsWords)["en"];

/** What is said when a purchase could not be opened. */
interface Trouble {
  title: string;
  text: string;
}

/** Buying credit: how much, what it costs with VAT, and on to the page of payment. */
export const credits = new Hono<PageEnv>()
  .get("/", (c) => answer(c, parseAmount(c, c.req.query("amount")), null))
  .post("/", allowed("set"), async (c) => {
    const fields = await readForm(c);
    const asked = parseAmount(c, fields.amount ?? "");
    if (asked.net_cents === null || !REQUEST_KEY.test(fields.request_key ?? ""))
      return answer(c, asked, null, 422);
    const { organization_id } = c.var.session;
    const begun = await startPurchase(c.env, actorOf(c), {
      organization_id,
      request_key: `dashboard:${fields.request_key}`,
      net_cents: asked.net_cents,
      save_card: fields.save_card === "yes",
      return_url: `${new URL(c.req.url).origin}/billing/credits/result`,
    });
    if (isRefused(begun)) return refused(c, asked, begun);
    const { id, pay_url, status } = begun.purchase;
    const can_pay = pay_url !== null && isPayable(status);
    return c.redirect(can_pay ? pay_url : `/billing/credits/result?purchase_id=${id}`, 303);
  })
  .route("/result", creditsResult);

interface Asked {
  /** As it was written. */
  text: string;
  written: WrittenNumber;
  /** Null when it is not an amount that is sold. */
  net_cents: number | null;
}

/** The amount that the address or the form names; the usual one when an address names none. */
function parseAmount(c: PageContext, text = String(FIRST_CENTS / 100)): Asked {
  const written = amountIn(text, c.var.format.language);
  const net_cents = hundredthsOf(written);
  return {
    text,
    written,
    net_cents: net_cents !== null && refuseAmount(c.env, net_cents) === null ? net_cents : null,
  };
}

function refused(c: PageContext, asked: Asked, { code, ...rest }: PurchaseRefusal) {
  const t = creditsWords[c.var.format.language];
  const { message = "" } = rest;
  if ("waits_for" in rest && rest.waits_for) return answer(c, asked, t.refused[rest.waits_for], 503);
  switch (code) {
    case "billing_profile_incomplete":
    case "billing_address_invalid":
      return c.redirect(profilePath(asked), 303);
    case "request_in_progress":
      return answer(c, asked, t.refused.request_in_progress, 503);
    case "payments_unavailable":
      return answer(c, asked, t.refused.payments_unavailable, 503);
    case "organization_closed":
      return answer(c, asked, t.refused.organization_closed, 409);
    case "idempotency_conflict":
      return answer(c, asked, t.refused.changed, 409);
    case "purchases_unavailable":
      return answer(c, asked, t.not_sold, 503);
    case "out_of_bounds":
    case "payment_refused":
      return answer(c, asked, { title: t.payment_refused, text: message }, 422);
  }
}

/** Who buys, and from there back to the amount, or to the usual one when it is none. */
function profilePath({ net_cents }: Asked): string {
  return `/billing/information?next=credits${net_cents === null ? "" : `&amount=${plainAmount(net_cents)}`}`;
}

async function answer(
  c: PageContext,
  asked: Asked,
  trouble: Trouble | null,
  status: 200 | 409 | 422 | 503 = 200,
) {
  const { format, session, settings } = c.var;
  const { organization_id } = session;
  const t = creditsWords[format.language];
  const db = openDatabase(c.env);
  const [buyer, card, purchases] = await Promise.all([
    presentBuyer(c.env, organization_id),
    findSavedCard(db, organization_id),
    listPurchases(db, organization_id, { before: null, limit: PURCHASES_SHOWN }),
  ]);
  const tax = buyer && asked.net_cents !== null ? taxOn(c.env, { buyer }, asked.net_cents, Date.now()) : null;
  const sells = settings.stripe !== null;
  return answerPage(
    c,
    { page: "credits", status: asked.net_cents === null && status === 200 ? 422 : status },
    <>
      {trouble ? <Notice kind="danger" {...trouble} /> : null}
      {sells ? null : <Notice kind="info" {...t.not_sold} />}
      {sells ? <Amounts c={c} asked={asked} t={t} /> : null}
      {sells && buyer === null ? (
        <Notice kind="info" title={t.profile_title} text={t.profile_text}>
          <a class="button" href={profilePath(asked)}>
            {t.profile_link}
          </a>
        </Notice>
      ) : null}
      {sells && tax ? <Payment c={c} tax={tax} card={card} t={t} /> : null}
      <Earlier c={c} purchases={purchases} t={t} />
    </>,
  );
}

function Amounts({ c, asked, t }: { c: PageContext; asked: Asked; t: Words }) {
  const { account, format, settings } = c.var;
  const { price_micros_per_minute } = account.voice_rate;
  const { purchase_min_cents: min, purchase_max_cents: max } = settings;
  const offered = PRESETS_CENTS.filter((cents) => cents >= min && cents <= max);
  const is_own = asked.net_cents === null || !offered.includes(asked.net_cents);
  const bounds = [format.cents(min), format.cents(max)] as const;
  const errors: Record<string, string> =
    asked.net_cents === null ? { amount: numberTrouble(asked.written, format, t.own_wrong(...bounds)) } : {};
  return (
    <section>
      <h2>{t.choose}</h2>
      <ul class="amounts">
        {offered.map((cents) => (
          <li>
            <a
              href={`?amount=${plainAmount(cents)}`}
              aria-current={cents === asked.net_cents ? "true" : undefined}
            >
              <strong>{format.cents(cents)}</strong>
              <span class="note">
                {t.minutes(
                  format.number(Math.floor(minutesOf(centsToMicros(cents), price_micros_per_minute))),
                )}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <form method="get" class="row">
        <Field
          name="amount"
          label={t.own_amount}
          hint={t.own_hint(...bounds)}
          inputmode="decimal"
          maxlength={24}
          state={{ values: { amount: is_own ? asked.text : "" }, errors }}
          required
        />
        <button class="button plain" type="submit">
          {t.show}
        </button>
      </form>
    </section>
  );
}

function Payment({
  c,
  tax,
  card,
  t,
}: {
  c: PageContext;
  tax: TaxDecision;
  card: SavedCardRow | undefined;
  t: Words;
}) {
  const { account, format, session } = c.var;
  const { price_micros_per_minute } = account.voice_rate;
  const minutes = Math.floor(minutesOf(centsToMicros(tax.net_cents), price_micros_per_minute));
  return (
    <section class="card">
      <h2>{t.pay_title}</h2>
      <dl class="total">
        <dt>
          {t.credit} <span class="note">({t.minutes(format.number(minutes))})</span>
        </dt>
        <dd>{format.cents(tax.net_cents)}</dd>
        <dt>{t.vat(format.percent(tax.rate_basis_points / 100))}</dt>
        <dd>{format.cents(tax.tax_cents)}</dd>
        <dt class="sum">{t.total}</dt>
        <dd class="sum">{format.cents(tax.gross_cents)}</dd>
      </dl>
      <p class="hint">{t.why(tax.treatment, tax.reason)}</p>
      {card ? <p>{t.card(card.brand, card.last4)}</p> : null}
      {may(session.role, "set") ? (
        <form method="post" class="stack">
          <input type="hidden" name="amount" value={plainAmount(tax.net_cents)} />
          <input type="hidden" name="request_key" value={crypto.randomUUID()} />
          {card ? null : <Choice name="save_card" label={t.save_card} hint={t.save_card_hint} />}
          <button class="button" type="submit">
            {t.pay(format.cents(tax.gross_cents))}
          </button>
          <p class="hint">{t.pay_hint}</p>
        </form>
      ) : null}
    </section>
  );
}

function Earlier({ c, purchases, t }: { c: PageContext; purchases: PurchaseRow[]; t: Words }) {
  return (
    <section>
      <h2>{t.earlier}</h2>
      {purchases.length === 0 ? (
        <p class="quiet">{t.none}</p>
      ) : (
        <Purchases purchases={purchases} format={c.var.format} t={t} />
      )}
    </section>
  );
}
