import { Hono } from "hono";
import { isShort } from "../../../ledger/core/credit/auto-top-up";
import { setAutoTopUp, type TopUpRequest } from "../../../purchases/auto-top-up/configure";
import { removeCard } from "../../../purchases/cards/remove-card";
import { startCardSetup } from "../../../purchases/cards/start-setup";
import { isRefused } from "../../../units/refusal";
import { actorOf, may, ownOrganization, type PageContext, type PageEnv } from "../../context";
import { answerPage, pathOf } from "../../layout";
import { ErrorSummary, type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { refusalError } from "../../refusals";
import { allowed } from "../../session";
import { fieldsOf, readTopUpForm, TopUpForm } from "./form";
import { Card, Standing, topUpFacts } from "./parts";
import { autoTopUpWords } from "./words";

const HERE = pathOf("auto-top-up");

/** Credit that is bought by itself, on the saved card. */
export const autoTopUp = new Hono<PageEnv>()
  .get("/", (c) => answer(c))
  .post("/", allowed("set"), async (c) => {
    const fields = await readForm(c);
    const checked = readTopUpForm(c, fields);
    if ("errors" in checked) return answer(c, { state: { values: fields, errors: checked.errors } });
    const { data: asked } = checked;
    if (buysNow(c, asked) && fields.now !== "yes") return answer(c, { now: asked });
    const set = await setAutoTopUp(c.env, actorOf(c), ownOrganization(c), {
      asked,
      language: c.var.format.language,
    });
    if (!isRefused(set)) return c.redirect(`${HERE}?done=on`, 303);
    const t = autoTopUpWords[c.var.format.language];
    const wrong = (text: string) => answer(c, { state: { values: fields, errors: { "": text } } });
    switch (set.code) {
      case "card_missing":
        return wrong(t.no_card);
      case "out_of_bounds":
      case "purchases_unavailable":
        return wrong(t.wrong.amount);
      default:
        throw refusalError(set);
    }
  })
  .post("/off", allowed("set"), async (c) => {
    await setAutoTopUp(c.env, actorOf(c), ownOrganization(c), { asked: null });
    return c.redirect(`${HERE}?done=off`, 303);
  })
  .post("/card", allowed("set"), async (c) => {
    const { organization_id } = c.var.session;
    const return_url = new URL(HERE, c.req.url).href;
    const begun = await startCardSetup(c.env, actorOf(c), {
      organization_id,
      request_key: null,
      return_url,
    });
    if (!isRefused(begun)) return c.redirect(begun.url, 303);
    switch (begun.code) {
      case "billing_profile_incomplete":
      case "billing_address_invalid":
        return c.redirect(pathOf("information"), 303);
      case "payments_unavailable":
        return answer(c, { away: "waits_for" in begun && begun.waits_for ? "handing_over" : "away" });
      case "purchases_unavailable":
      case "idempotency_conflict":
      case "request_in_progress":
        return answer(c, { away: "away" });
      default:
        throw refusalError(begun);
    }
  })
  .post("/card/remove", allowed("set"), async (c) => {
    const removed = await removeCard(c.env, actorOf(c), ownOrganization(c));
    return isRefused(removed) ? answer(c, { away: "away" }) : c.redirect(`${HERE}?done=removed`, 303);
  });

/** Whether these settings would buy at once: people are asked before that. */
function buysNow(c: PageContext, { threshold_micros, runway_minutes }: TopUpRequest): boolean {
  const { account } = c.var;
  return isShort({ threshold_micros, runway_minutes }, account);
}

interface Situation {
  state?: FormState;
  /** What the payment provider keeps from being done. */
  away?: "away" | "handing_over";
  /** Settings that would buy at once, and that wait to be confirmed. */
  now?: TopUpRequest;
}

async function answer(c: PageContext, { state, away, now }: Situation = {}) {
  const { format, session, settings } = c.var;
  const t = autoTopUpWords[format.language];
  const facts = await topUpFacts(c);
  const may_change = may(session.role, "set");
  const done =
    c.req.query("done") ?? { saved: "card_saved", not_saved: "card_not_saved" }[c.req.query("card") ?? ""];
  const told = done !== undefined && Object.hasOwn(t.done, done) ? t.done[done as keyof typeof t.done] : null;
  const is_sold = settings.stripe !== null;
  return answerPage(
    c,
    { page: "auto-top-up", status: state ? 422 : away ? 503 : 200, counts_in_utc: true },
    <>
      {told ? <Notice kind={done === "card_not_saved" ? "warning" : "success"} title={told} /> : null}
      {away ? <Notice kind="danger" {...t[away]} /> : null}
      {is_sold ? null : <Notice kind="info" {...t.not_sold} />}
      {now ? <BuysNow c={c} asked={now} /> : null}
      {state && !facts.card ? <ErrorSummary title={t.errors} errors={state.errors} /> : null}
      <p class="hint">{t.intro}</p>
      <Standing facts={facts} format={format} t={t} may_change={may_change} />
      {is_sold && !now ? <Card facts={facts} t={t} may_change={may_change} /> : null}
      {is_sold && may_change && facts.card && !now ? (
        <TopUpForm c={c} facts={facts} state={state} t={t} />
      ) : null}
    </>,
  );
}

/** Asks once more, naming every figure as it was understood: a charge must not come as a surprise. */
function BuysNow({ c, asked }: { c: PageContext; asked: TopUpRequest }) {
  const { account, format } = c.var;
  const t = autoTopUpWords[format.language];
  const amount = format.cents(asked.net_cents);
  const limit =
    asked.threshold_micros === null
      ? t.now_minutes(format.number(asked.runway_minutes ?? 0))
      : format.exactMoney(asked.threshold_micros);
  return (
    <Notice
      kind="warning"
      title={t.now_title(amount)}
      text={t.now_text(format.money(account.remaining_micros), limit)}
    >
      <dl class="facts">
        <dt>{t.threshold}</dt>
        <dd>{limit}</dd>
        <dt>{t.amount}</dt>
        <dd>{amount}</dd>
        <dt>{t.per_day}</dt>
        <dd>{format.number(asked.max_per_day)}</dd>
        <dt>{t.cap}</dt>
        <dd>{format.cents(asked.monthly_cap_cents)}</dd>
      </dl>
      <form method="post" class="actions">
        {Object.entries(fieldsOf(asked)).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="now" value="yes" />
        <button class="button" type="submit">
          {t.now_confirm(amount)}
        </button>
        <a href={HERE}>{t.now_back}</a>
      </form>
    </Notice>
  );
}
