import { readList } from "../../calls/usage/list-reads";
import { type Survey, surveyCalls } from "../../calls/usage/survey";
import { noUsage, type Usage } from "../../calls/usage/usage";
import type { CallFilter } from "../../storage/calls/filter";
import { openDatabase } from "../../storage/database";
import type { PageContext } from "../context";
import { addDays, daysBetween, startOfDay } from "../format/days";

/** More days than this are drawn by month: bars must be wide enough to be pointed at. */
const MOST_BARS = 92;

/** What calls come to on a day, or in a month, which is named by its first day. */
export interface PeriodOfUsage {
  day: string;
  usage: Usage;
}

/** What an organization's calls come to, day by day or month by month, whether there were calls or not. */
export interface UsageByPeriod {
  by: "day" | "month";
  periods: PeriodOfUsage[];
  /** To read the calls of it. */
  survey: Survey;
}

/** What calls come to from the day `first` to `last`, both included, in the deployment's time zone. */
export async function usageByPeriod(
  c: PageContext,
  first: string,
  last: string,
  which: Pick<CallFilter, "direction" | "ending" | "number"> = {},
): Promise<UsageByPeriod> {
  const { time_zone } = c.var.settings;
  const { organization_id } = c.var.session;
  const days = daysBetween(first, last);
  const by = days.length > MOST_BARS ? "month" : "day";
  const begins = by === "day" ? days : days.filter((day) => day === first || day.endsWith("-01"));
  const cuts = [...begins, addDays(last, 1)].map((day) => startOfDay(time_zone, day));
  const survey = await readList(organization_id, () =>
    surveyCalls(openDatabase(c.env), organization_id, which, cuts),
  );
  const periods = begins.map((day, at) => ({
    day: by === "day" ? day : `${day.slice(0, 7)}-01`,
    usage: survey.parts[at] ?? noUsage(),
  }));
  return { by, periods, survey };
}
