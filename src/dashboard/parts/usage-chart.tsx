import { secondsToMinutes } from "../../units/duration";
import type { Format } from "../format/format";
import { chartWords } from "../words/chart";
import { BarChart } from "./chart";
import { Table } from "./table";
import type { UsageByPeriod } from "./usage-by-day";

/** What calls cost, day by day or month by month, as a picture and as a table; nothing where there were none. */
export function UsageChart({
  title,
  usage: { by, periods: bars },
  format,
}: {
  title: string;
  usage: Pick<UsageByPeriod, "by" | "periods">;
  format: Format;
}) {
  const t = chartWords[format.language];
  const by_month = by === "month";
  const nameOf = (day: string) => (by_month ? format.month(day.slice(0, 7)) : format.weekday(day));
  const used = bars.filter(({ usage }) => usage.calls > 0);
  if (used.length === 0) return null;
  const charged = used.map(({ usage }) => usage.charged_micros);
  const calls = used.reduce((sum, { usage }) => sum + usage.calls, 0);
  const total_micros = charged.reduce((sum, micros) => sum + micros, 0);
  return (
    <BarChart
      id="usage"
      title={title}
      summary={t.summary(format.spent(total_micros), format.number(calls))}
      top_label={format.spent(Math.max(...charged))}
      table_label={t.table}
      bars={bars.map(({ day, usage }) => ({
        label: String(Number(by_month ? day.slice(5, 7) : day.slice(8))),
        title: `${nameOf(day)}: ${format.spent(usage.charged_micros)}`,
        value: usage.charged_micros,
      }))}
    >
      <Table
        caption={title}
        hide_caption
        rows={used.toReversed()}
        columns={[
          { heading: by_month ? t.month : t.day, names_row: true, cell: ({ day }) => nameOf(day) },
          { heading: t.calls, numeric: true, cell: ({ usage }) => format.number(usage.calls) },
          { heading: t.rejected, numeric: true, cell: ({ usage }) => format.number(usage.rejected_calls) },
          {
            heading: t.minutes,
            numeric: true,
            cell: ({ usage }) => format.number(secondsToMinutes(usage.billable_seconds), 1),
          },
          { heading: t.cost, numeric: true, cell: ({ usage }) => format.spent(usage.charged_micros) },
        ]}
      />
    </BarChart>
  );
}
