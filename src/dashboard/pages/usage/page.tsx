import { Hono } from "hono";
import { type CallView, viewOfRow } from "../../../calls/call-view";
import { callsCsv } from "../../../calls/usage/csv";
import { readList } from "../../../calls/usage/list-reads";
import { type CallPage, readPage } from "../../../calls/usage/page";
import { totalUsage, type Usage } from "../../../calls/usage/usage";
import { openDatabase } from "../../../storage/database";
import { secondsToMinutes, wholeSeconds } from "../../../units/duration";
import { textFault } from "../../../units/text";
import { type PageContext, type PageEnv, readerOf } from "../../context";
import { limitedExport } from "../../export-limit";
import { answerPage, pathOf } from "../../layout";
import { CallPill, receiptPath } from "../../parts/call";
import { Figure, Figures } from "../../parts/figures";
import type { FormState } from "../../parts/form";
import { Empty, Pager, Table } from "../../parts/table";
import { type UsageByPeriod, usageByPeriod } from "../../parts/usage-by-day";
import { UsageChart } from "../../parts/usage-chart";
import { callWords } from "../../words/calls";
import { textWords } from "../../words/text";
import { callReceipt } from "../receipt/page";
import { type FilterField, MAX_DAYS, parseUsageFilter, queryOf, type UsageFilter } from "./filter";
import { UsageForm } from "./form";
import { usageWords } from "./words";

const PAGE = 50;

/** Every call that was, what it cost and why. */
export const usage = new Hono<PageEnv>()
  .get("/", async (c) => {
    const asked = parseUsageFilter(c);
    if (asked.outcome === "wrong") return answerWrong(c, asked.fields);
    const { filter } = asked;
    const db = openDatabase(c.env);
    const { organization_id } = c.var.session;
    const { direction, ending, number, after } = filter;
    const found = await usageByPeriod(c, filter.first, filter.last, { direction, ending, number });
    const page = await readList(organization_id, () =>
      readPage(db, organization_id, found.survey, { after, offset: 0, limit: PAGE }),
    );
    return answerUsage(c, filter, found, page);
  })
  .get("/calls.csv", async (c) => {
    const asked = parseUsageFilter(c);
    if (asked.outcome === "wrong") return answerWrong(c, asked.fields);
    const { filter } = asked;
    return limitedExport(c, async () => {
      const body = await callsCsv(c.env, readerOf(c), c.var.session.organization_id, filter);
      return c.body(body, 200, {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": `attachment; filename="calls-${filter.first}-${filter.last}.csv"`,
      });
    });
  })
  .get("/calls/:call_id", (c) => callReceipt(c, c.req.param("call_id")));

/** Says what of the filter cannot be, with the form to mend it. */
function answerWrong(c: PageContext, fields: FilterField[]) {
  const { language } = c.var.format;
  const t = usageWords[language];
  const wordOf = (field: FilterField) => {
    const fault = textFault(c.req.query(field) ?? "");
    return fault ? textWords[language](fault) : t.wrong[field](MAX_DAYS);
  };
  const errors = Object.fromEntries(fields.map((field) => [field, wordOf(field)]));
  const values = Object.fromEntries(new URL(c.req.url).searchParams);
  const state: FormState = { values, errors };
  return answerPage(
    c,
    { page: "usage", status: 400 },
    <UsageForm t={t} format={c.var.format} state={state} />,
  );
}

function answerUsage(c: PageContext, filter: UsageFilter, found: UsageByPeriod, { rows, next }: CallPage) {
  const { format } = c.var;
  const t = usageWords[format.language];
  const total = totalUsage(found.periods.map(({ usage }) => usage));
  return answerPage(
    c,
    { page: "usage" },
    <>
      <UsageForm t={t} format={format} filter={filter} />
      {total.calls === 0 ? (
        <Empty {...t.none} />
      ) : (
        <>
          <Totals c={c} total={total} />
          <section>
            <h2>{t.chart}</h2>
            <UsageChart title={t.chart} usage={found} format={format} />
          </section>
          <section>
            <div class="heading">
              <h2>{t.calls}</h2>
              <a href={`/billing/usage/calls.csv${queryOf(filter)}`} download>
                {t.csv}
              </a>
            </div>
            <Calls c={c} calls={rows.map(viewOfRow)} />
          </section>
        </>
      )}
      <Pager
        newest_href={filter.after ? pathOf("usage") + queryOf(filter) : null}
        older_href={next ? pathOf("usage") + queryOf(filter, next) : null}
        words={{ newest: t.newest, older: t.older, label: t.pages }}
      />
    </>,
  );
}

function Totals({ c, total }: { c: PageContext; total: Usage }) {
  const { format } = c.var;
  const t = usageWords[format.language];
  return (
    <Figures>
      <Figure is_main name={t.total} value={format.spent(total.charged_micros)} note={t.total_note} />
      <Figure
        name={t.minutes}
        value={format.number(secondsToMinutes(total.billable_seconds), 1)}
        note={t.minutes_note}
      />
      <Figure
        name={t.calls}
        value={format.number(total.calls)}
        note={t.rejected(format.number(total.rejected_calls))}
      />
      <Figure name={t.fee} value={format.spent(total.fee_micros)} note={t.fee_note} />
      <Figure
        name={t.provider_costs}
        value={format.spent(total.provider_cost_micros)}
        note={t.provider_costs_note}
      />
    </Figures>
  );
}

function Calls({ c, calls }: { c: PageContext; calls: CallView[] }) {
  const { format } = c.var;
  const t = usageWords[format.language];
  const called = callWords[format.language];
  return (
    <Table
      caption={t.calls}
      hide_caption
      rows={calls}
      columns={[
        {
          heading: t.began,
          names_row: true,
          cell: ({ call_id, started_at_ms }) => (
            <a href={receiptPath(call_id, started_at_ms)}>{format.exactTime(started_at_ms)}</a>
          ),
        },
        { heading: called.direction, cell: ({ direction }) => called.directions[direction] },
        { heading: called.from, cell: ({ from }) => from },
        { heading: called.to, cell: ({ to }) => to },
        {
          heading: called.status,
          cell: ({ status }) => <CallPill status={status} format={format} />,
        },
        {
          heading: t.length,
          numeric: true,
          cell: ({ duration_ms }) => format.duration(wholeSeconds(duration_ms)),
        },
        {
          heading: t.cost,
          numeric: true,
          cell: ({ charged_micros }) => format.exactMoney(charged_micros),
        },
      ]}
    />
  );
}
