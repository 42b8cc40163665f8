import type { Child } from "hono/jsx";
import { type CallView, viewOfKnown, viewOfRow } from "../../../calls/call-view";
import { findLeftCall } from "../../../calls/find-call";
import { readList } from "../../../calls/usage/list-reads";
import { incrementsOf } from "../../../ledger/core/credit/rating";
import { OVERRUN_TOLERANCE_MS } from "../../../ledger/core/settings";
import { openDatabase } from "../../../storage/database";
import { SECOND_MS, wholeSeconds } from "../../../units/duration";
import type { PageContext } from "../../context";
import type { Format } from "../../format/format";
import { answerPage, pathOf } from "../../layout";
import { PageError } from "../../page-error";
import { CallPill, endReason } from "../../parts/call";
import { Table } from "../../parts/table";
import { unwrap } from "../../refusals";
import { callWords } from "../../words/calls";
import { receiptWords } from "./words";

/** Answers what one call cost and why, as it is now. */
export async function callReceipt(c: PageContext, call_id: string) {
  const call = await findShownCall(c, call_id);
  if (!call) throw new PageError("not_found");
  const { format } = c.var;
  const t = receiptWords[format.language];
  return answerPage(
    c,
    { page: "usage", title: t.title },
    <article class="receipt">
      <p class="no-print">
        <a href={pathOf("usage")}>{t.back}</a>
      </p>
      <Facts call={call} format={format} />
      <section>
        <h2>{t.cost}</h2>
        <Cost call={call} format={format} />
        {call.status === "ended" || call.charged_micros > 0 ? null : <p class="quiet">{t.free}</p>}
        {isBilledAsGranted(call) ? <p class="quiet">{t.late(OVERRUN_TOLERANCE_MS / SECOND_MS)}</p> : null}
        <p class="hint no-print">{t.print}</p>
      </section>
    </article>,
  );
}

/** Whether it went on for a moment that is not charged. */
function isBilledAsGranted({ status, duration_ms, billable_seconds, charged_micros }: CallView): boolean {
  return status === "ended" && charged_micros > 0 && wholeSeconds(duration_ms) > billable_seconds;
}

/** From the ledger itself; when it is no longer kept there, from the records. */
async function findShownCall(c: PageContext, call_id: string): Promise<CallView | undefined> {
  const answer = unwrap(await c.var.ledger.ask(async (object) => object.call(null, call_id)));
  if (answer.known.state !== "unknown") return viewOfKnown(answer.known);
  // An object of the release before says only that some have left.
  const left_until_ms = answer.left_until_ms ?? (answer.some_left ? Date.now() : null);
  if (left_until_ms === null) return undefined;
  const { organization_id } = c.var.session;
  const began = c.req.query("began");
  const began_at_ms = began !== undefined && /^\d{1,15}$/.test(began) ? Number(began) : undefined;
  const row = await readList(organization_id, () =>
    findLeftCall(openDatabase(c.env), organization_id, { call_id, began_at_ms, left_until_ms }),
  );
  return row && viewOfRow(row);
}

function Facts({ call, format }: { call: CallView; format: Format }) {
  const t = receiptWords[format.language];
  const called = callWords[format.language];
  const time = (at_ms: number | null) => (at_ms === null ? null : format.exactTime(at_ms));
  const facts: [name: string, value: Child][] = [
    [called.direction, called.directions[call.direction]],
    [called.from, call.from],
    [called.to, call.to],
    [
      t.destination,
      call.rate.destination ? `${call.rate.destination.name} (+${call.rate.destination.prefix})` : null,
    ],
    [
      called.status,
      <>
        <CallPill status={call.status} format={format} />{" "}
        {call.reject_reason ? called.rejections[call.reject_reason] : null}
      </>,
    ],
    [t.began, time(call.started_at_ms)],
    [t.answered, time(call.answered_at_ms)],
    [t.ended, time(call.ended_at_ms)],
    [t.length, format.duration(wholeSeconds(call.duration_ms))],
    // Why it was rejected stands with its status.
    [t.end_reason, call.end_reason && !call.reject_reason ? endReason(call.end_reason, format) : null],
    [t.call_id, <code>{call.call_id}</code>],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}

function Cost({ call, format }: { call: CallView; format: Format }) {
  const t = receiptWords[format.language];
  const { services } = callWords[format.language];
  const { rate } = call;
  const own: ReadonlySet<string> = new Set(call.byok);
  const connection_micros = Math.min(rate.connection_fee_micros ?? 0, call.fee_micros);
  const lines = [
    {
      what: t.fee,
      how: t.counted({
        seconds: format.number(call.billable_seconds),
        price: format.exactMoney(rate.price_micros_per_minute),
        rate: rate.name,
        increments: incrementsOf(rate),
        minimum_seconds: rate.minimum_seconds,
        free_seconds: rate.free_seconds ?? 0,
      }),
      micros: call.fee_micros - connection_micros,
    },
    ...(connection_micros > 0 ? [{ what: t.connection, how: "", micros: connection_micros }] : []),
    ...call.provider_costs.map(({ service, cost_micros }) => {
      const what = services[service];
      const cost = format.exactMoney(cost_micros);
      if (own.has(service)) return { what, how: t.own_key(cost), micros: 0 };
      if (call.answered_at_ms === null) return { what, how: t.not_answered(cost), micros: 0 };
      return { what, how: t.passed_on, micros: cost_micros };
    }),
    // A call that was never settled has only the sum that the node told while it ran.
    ...(call.provider_costs.length === 0 && call.provider_cost_micros > 0
      ? [{ what: t.providers, how: t.passed_on, micros: call.provider_cost_micros }]
      : []),
    { what: call.ended_at_ms === null ? t.used : t.charged, how: "", micros: call.charged_micros },
  ];
  return (
    <Table
      caption={t.cost}
      hide_caption
      rows={lines}
      columns={[
        { heading: t.what, names_row: true, cell: ({ what }) => what },
        { heading: t.how, cell: ({ how }) => how },
        { heading: t.amount, numeric: true, cell: ({ micros }) => format.exactMoney(micros) },
      ]}
    />
  );
}
