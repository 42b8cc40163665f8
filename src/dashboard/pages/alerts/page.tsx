import { Hono } from "hono";
import {
  type AlertFacts,
  type AlertThreshold,
  alertKey,
  kindOf,
  sameAlerts,
} from "../../../ledger/core/credit/balance-alerts";
import { MAX_ALERTS } from "../../../notifications/alert-schema";
import { setAlerts } from "../../../notifications/alerts";
import { endpointsOf } from "../../../notifications/endpoint-owner";
import { actorOf, may, ownOrganization, type PageContext, type PageEnv } from "../../context";
import type { Format } from "../../format/format";
import { answerPage, pathOf } from "../../layout";
import { Pill } from "../../parts/figures";
import { type FormState, readForm } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { Empty, Table } from "../../parts/table";
import { unwrap } from "../../refusals";
import { allowed } from "../../session";
import { endpointOwnerOf } from "../webhooks/endpoint-owner";
import { AlertForm, readAlertForm } from "./form";
import { KINDS } from "./kinds";
import { alertsWords } from "./words";

type Words = (typeof alertsWords)["en"];

/** At which credit the organization is told. */
export const alerts = new Hono<PageEnv>()
  .get("/", (c) => answer(c))
  .post("/", allowed("set"), async (c) => {
    const fields = await readForm(c);
    const t = alertsWords[c.var.format.language];
    const wrong = (text: string) => answer(c, { values: fields, errors: { amount: text } });
    const checked = readAlertForm(c, fields);
    if ("errors" in checked) return answer(c, { values: fields, errors: checked.errors });
    const { amount: threshold } = checked.data;
    for (;;) {
      const { thresholds } = await factsOf(c);
      if (thresholds.some((each) => alertKey(each) === alertKey(threshold))) return wrong(t.known);
      if (thresholds.length >= MAX_ALERTS) return wrong(t.too_many);
      if (await set(c, [...thresholds, threshold], thresholds)) break;
    }
    return c.redirect(`${pathOf("alerts")}?done=added`, 303);
  })
  .post("/remove", allowed("set"), async (c) => {
    const { key } = await readForm(c);
    for (;;) {
      const { thresholds } = await factsOf(c);
      const left = thresholds.filter((each) => alertKey(each) !== key);
      // One that is gone already was removed by the same form, sent twice.
      if (left.length === thresholds.length || (await set(c, left, thresholds))) break;
    }
    return c.redirect(`${pathOf("alerts")}?done=removed`, 303);
  });

async function factsOf(c: PageContext): Promise<AlertFacts> {
  const answer = await c.var.ledger.ask(async (object) => object.alerts(null));
  return unwrap(answer).alerts;
}

/** Whether they are set now: not when somebody else has set others since `instead_of` was read. */
async function set(
  c: PageContext,
  thresholds: AlertThreshold[],
  instead_of: AlertThreshold[],
): Promise<boolean> {
  const answer = await setAlerts(c.env, actorOf(c), ownOrganization(c), { thresholds, instead_of });
  return sameAlerts(unwrap(answer).alerts.thresholds, thresholds);
}

async function answer(c: PageContext, state?: FormState) {
  const { format, session } = c.var;
  const t = alertsWords[format.language];
  const [facts, endpoints] = await Promise.all([factsOf(c), endpointsOf(c.env, endpointOwnerOf(c))]);
  const is_heard = endpoints.some(
    ({ state, events }) => state === "enabled" && (events === null || events.includes("balance.low")),
  );
  const may_change = may(session.role, "set");
  const done = c.req.query("done");
  return answerPage(
    c,
    { page: "alerts", status: state ? 422 : 200 },
    <>
      {done === "added" || done === "removed" ? <Notice kind="success" title={t.done[done]} /> : null}
      {is_heard ? null : (
        <Notice kind="warning" {...t.nobody}>
          <a href={pathOf("webhooks")}>{t.to_webhooks}</a>
        </Notice>
      )}
      <p class="hint">{t.intro}</p>
      <section>
        <h2>{t.list}</h2>
        <Alerts facts={facts} format={format} may_change={may_change} t={t} />
      </section>
      {may_change ? <AlertForm state={state} t={t} /> : null}
    </>,
  );
}

function Alerts({
  facts: { thresholds, fired },
  format,
  may_change,
  t,
}: {
  facts: AlertFacts;
  format: Format;
  may_change: boolean;
  t: Words;
}) {
  if (thresholds.length === 0) return <Empty {...t.none} />;
  const gone_off = new Set(fired);
  return (
    <Table
      caption={t.list}
      hide_caption
      rows={thresholds}
      columns={[
        { heading: t.what, names_row: true, cell: (each) => wordsOf(each, format, t) },
        {
          heading: t.state,
          cell: (each) =>
            gone_off.has(alertKey(each)) ? (
              <Pill kind="wait" text={t.gone_off} />
            ) : (
              <Pill kind="good" text={t.armed} />
            ),
        },
        {
          heading: t.action,
          cell: (each) =>
            may_change ? (
              <form method="post" action="/billing/alerts/remove">
                <input type="hidden" name="key" value={alertKey(each)} />
                <button class="link" type="submit" aria-label={t.remove_which(wordsOf(each, format, t))}>
                  {t.remove}
                </button>
              </form>
            ) : (
              "–"
            ),
        },
      ]}
    />
  );
}

function wordsOf(alert: AlertThreshold, format: Format, t: Words): string {
  const [kind, threshold] = kindOf(alert);
  const { name, unit } = KINDS[kind];
  return t.below(name, unit.text(threshold, format));
}
