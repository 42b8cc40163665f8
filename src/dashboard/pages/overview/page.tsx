import { Hono } from "hono";
import { liveStatus } from "../../../calls/call-status";
import { totalUsage, type Usage } from "../../../calls/usage/usage";
import { type Account, usedMicros } from "../../../ledger/core/account/account";
import type { LiveCall } from "../../../ledger/core/calls/call";
import { type LiveAsked, livePage } from "../../../ledger/core/calls/live-page";
import type { TopUpView } from "../../../ledger/core/credit/auto-top-up";
import { isOutOfCredit, runwayMinutes } from "../../../ledger/core/credit/credit-left";
import type { Entry } from "../../../ledger/core/credit/entry";
import { MINUTE_MS, secondsToMinutes } from "../../../units/duration";
import type { PageContext, PageEnv } from "../../context";
import { addDays, dayIn } from "../../format/days";
import type { Format } from "../../format/format";
import { minutesLeft } from "../../format/minutes-left";
import { answerPage, pathOf } from "../../layout";
import { Amount, Figure, Figures } from "../../parts/figures";
import { Notice } from "../../parts/notice";
import { Empty, Table } from "../../parts/table";
import { type PeriodOfUsage, usageByPeriod } from "../../parts/usage-by-day";
import { UsageChart } from "../../parts/usage-chart";
import { unwrap } from "../../refusals";
import { callWords } from "../../words/calls";
import { entryWords } from "../../words/entries";
import { overviewWords } from "./words";

const DAYS = 30;
const ENTRIES_SHOWN = 6;
const SHOWN: LiveAsked = { order: "costliest", after: null, offset: 0, limit: 10 };
/** Below this the page warns by itself, whatever alerts are set. */
const LOW_MINUTES = 60;

type Words = (typeof overviewWords)["en"];

interface Facts {
  account: Account;
  /** The costliest of them. */
  live: LiveCall[];
  live_calls: number;
  entries: Entry[];
  top_up: TopUpView | null;
  days: PeriodOfUsage[];
  month: Usage;
}

/** What there is, how long it lasts, and where it went. */
export const overview = new Hono<PageEnv>().get("/", async (c) => {
  const facts = await factsOf(c);
  const { format } = c.var;
  const t = overviewWords[format.language];
  return answerPage(
    c,
    { page: "overview", live: true },
    <>
      <div data-live="warnings">
        <Warnings facts={facts} t={t} format={format} />
      </div>
      <div data-live="figures">
        <Credit facts={facts} t={t} format={format} />
      </div>
      <section data-live="calls">
        <h2>{t.live.title}</h2>
        <LiveCalls calls={facts.live} total={facts.live_calls} t={t} format={format} />
      </section>
      <section data-live="usage">
        <h2>{t.usage.title(DAYS)}</h2>
        {facts.days.some(({ usage }) => usage.calls > 0) ? (
          <UsageChart
            title={t.usage.title(DAYS)}
            usage={{ by: "day", periods: facts.days }}
            format={format}
          />
        ) : (
          <Empty title={t.usage.none_title} text={t.usage.none_text} />
        )}
      </section>
      <section data-live="entries">
        <div class="heading">
          <h2>{t.entries.title}</h2>
          <a href={pathOf("ledger")}>{t.entries.all}</a>
        </div>
        <LastEntries entries={facts.entries} t={t} format={format} />
      </section>
    </>,
  );
});

async function factsOf(c: PageContext): Promise<Facts> {
  const { account, ledger, settings } = c.var;
  const today = dayIn(settings.time_zone, Date.now());
  const first = addDays(today, 1 - DAYS);
  const month = today.slice(0, 7);
  const earliest = first < `${month}-01` ? first : `${month}-01`;
  const [calls, page, top_up, { periods: days }] = await Promise.all([
    ledger.ask(async (object) => object.calls(null, SHOWN)),
    ledger.ask(async (object) => object.entries(null, { before_seq: null, limit: ENTRIES_SHOWN })),
    ledger.ask(async (object) => object.autoTopUp(null)),
    usageByPeriod(c, earliest, today),
  ]);
  const of_month = days.filter(({ day }) => day.startsWith(month));
  return {
    account,
    // An object of the release before hands out all of them.
    live: livePage(unwrap(calls).live, SHOWN).live,
    live_calls: unwrap(calls).total ?? unwrap(calls).live.length,
    entries: unwrap(page).entries,
    top_up: unwrap(top_up).top_up,
    days: days.slice(-DAYS),
    month: totalUsage(of_month.map(({ usage }) => usage)),
  };
}

interface PartProps {
  t: Words;
  format: Format;
}

function Warnings({ facts: { account, top_up }, t, format }: PartProps & { facts: Facts }) {
  const minutes = minutesLeft(account);
  const obstacle = top_up?.settings?.enabled ? top_up.obstacle : null;
  const paused =
    obstacle !== null && obstacle in t.top_up ? t.top_up[obstacle as keyof Words["top_up"]] : null;
  return (
    <>
      {minutes >= 1 && minutes < LOW_MINUTES ? (
        <Notice kind="warning" title={t.low.title} text={t.low.text(format.number(Math.floor(minutes)))}>
          <a class="button" href={pathOf("credits")}>
            {t.low.action}
          </a>
        </Notice>
      ) : null}
      {paused ? (
        <Notice kind="warning" title={t.top_up_title} text={paused}>
          <a href={pathOf("auto-top-up")}>{t.top_up_link}</a>
        </Notice>
      ) : null}
    </>
  );
}

function Credit({ facts: { account, month, live_calls }, t, format }: PartProps & { facts: Facts }) {
  const minutes = format.number(Math.floor(minutesLeft(account)));
  const used_minutes = format.number(Math.floor(secondsToMinutes(month.billable_seconds)));
  const this_month = format.month(dayIn(format.time_zone, Date.now()).slice(0, 7));
  return (
    <Figures>
      <Figure
        is_main
        name={t.balance}
        value={format.money(account.remaining_micros)}
        note={t.minutes(minutes)}
      />
      <Runway account={account} t={t} format={format} />
      <Figure name={t.spendable} value={format.money(account.spendable_micros)} note={t.spendable_note} />
      <Figure name={t.held} value={format.money(account.held_micros)} note={t.held_note(live_calls)} />
      <Figure
        name={t.month(this_month)}
        value={format.spent(month.charged_micros)}
        note={t.month_note(
          used_minutes,
          format.number(month.calls),
          month.rejected_calls === 0 ? null : format.number(month.rejected_calls),
        )}
      />
    </Figures>
  );
}

/** How long the credit lasts at the pace of live calls, or of the last minutes when there are none, in plain words. */
function Runway({ account, t, format }: PartProps & { account: Account }) {
  if (isOutOfCredit(account)) return <Figure name={t.runway} value={t.runway_none} />;
  const minutes = runwayMinutes(account);
  if (minutes === null) return <Figure name={t.runway} value="–" note={t.runway_idle} />;
  if (minutes < 1) return <Figure name={t.runway} value={t.runway_over} />;
  const until = format.dateTime(Date.now() + minutes * MINUTE_MS);
  return (
    <Figure
      name={t.runway}
      value={t.runway_left(lengthOf(minutes, t, format))}
      note={account.active_calls === 0 ? t.runway_until_lately(until) : t.runway_until(until)}
    />
  );
}

function lengthOf(minutes: number, t: Words, format: Format): string {
  if (minutes < 120) return t.minutes_long(Math.floor(minutes));
  if (minutes < 48 * 60) return t.hours_long(format.number(Math.floor(minutes / 60)));
  return t.days_long(format.number(Math.floor(minutes / 1_440)));
}

function LiveCalls({ calls, total, t, format }: PartProps & { calls: LiveCall[]; total: number }) {
  if (calls.length === 0) return <p class="quiet">{t.live.none}</p>;
  const called = callWords[format.language];
  const more = total - calls.length;
  return (
    <>
      <Table
        caption={t.live.title}
        hide_caption
        rows={calls}
        columns={[
          { heading: called.direction, cell: ({ direction }) => called.directions[direction] },
          { heading: called.from, cell: ({ from }) => from },
          { heading: called.to, cell: ({ to }) => to },
          { heading: called.status, cell: (call) => called.statuses[liveStatus(call)] },
          {
            heading: t.call.length,
            numeric: true,
            cell: ({ proof_of_life_seconds }) => format.duration(proof_of_life_seconds),
          },
          { heading: t.call.cost, numeric: true, cell: (call) => format.exactMoney(usedMicros(call)) },
        ]}
      />
      {more > 0 ? <p class="quiet">{t.live.more(more)}</p> : null}
    </>
  );
}

function LastEntries({ entries, t, format }: PartProps & { entries: Entry[] }) {
  if (entries.length === 0) return <p class="quiet">{t.entries.none}</p>;
  return (
    <Table
      caption={t.entries.title}
      hide_caption
      rows={entries}
      columns={[
        { heading: t.entries.when, cell: ({ posted_at_ms }) => format.dateTime(posted_at_ms) },
        { heading: t.entries.what, names_row: true, cell: ({ kind }) => entryWords[format.language][kind] },
        {
          heading: t.entries.amount,
          numeric: true,
          cell: ({ amount_micros }) => <Amount micros={amount_micros} format={format} />,
        },
        {
          heading: t.entries.balance,
          numeric: true,
          cell: ({ balance_after_micros }) => format.money(balance_after_micros),
        },
      ]}
    />
  );
}
