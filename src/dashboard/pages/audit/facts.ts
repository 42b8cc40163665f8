import { ALERT_KINDS, type AlertThreshold, kindOf } from "../../../ledger/core/credit/balance-alerts";
import { isMasked } from "../../../units/commitment";
import { centsToMicros } from "../../../units/money";
import type { Format } from "../../format/format";
import type { FactWords } from "./words";

/** What a fact says, null when it says nothing that people of the organization are shown. */
type Say = (value: unknown, format: Format, t: FactWords) => string | null;

const plain: Say = (value) => (typeof value === "string" && value !== "" ? value : null);
const quoted: Say = (value, _, t) => (typeof value === "string" && value !== "" ? t.quoted(value) : null);
const amountOf =
  (micros: (value: number) => number): Say =>
  (value, format) =>
    typeof value === "number" ? format.exactMoney(micros(value)) : null;
const when =
  (words: (t: FactWords) => (time: string) => string): Say =>
  (value, format, t) =>
    typeof value === "number" ? words(t)(format.dateTime(value)) : null;
const whether =
  (words: (t: FactWords) => { yes: string; no: string }): Say =>
  (value, _, t) =>
    typeof value === "boolean" ? words(t)[value ? "yes" : "no"] : null;
const counted =
  (words: (t: FactWords) => (count: string) => string): Say =>
  (value, format, t) =>
    typeof value === "number" ? words(t)(format.number(value)) : null;
const named =
  (words: (t: FactWords) => Record<string, string>): Say =>
  (value, _, t) =>
    (typeof value === "string" && words(t)[value]) || null;

/**
 * What is said of each field of a row, in this order. Ids of ours are left out, as is what operators write for themselves, and
 * each field that a later release adds until it has words here.
 */
const FACTS: Record<string, Say> = {
  label: quoted,
  user: (value, _, t) => {
    const { name } = (value ?? {}) as { name?: unknown };
    return typeof name === "string" ? t.quoted(name) : null;
  },
  role: named((t) => t.roles),
  number: plain,
  is_default: whether((t) => t.default_number),
  amount_micros: amountOf((micros) => micros),
  net_cents: amountOf(centsToMicros),
  threshold_micros: (value, format, t) =>
    typeof value === "number" ? t.below(format.exactMoney(value)) : null,
  runway_minutes: (value, format, t) =>
    typeof value === "number" ? t.below(t.runway(format.number(value))) : null,
  max_per_day: counted((t) => t.per_day),
  monthly_cap_cents: (value, format, t) =>
    typeof value === "number" ? t.per_month(format.cents(value)) : null,
  price_micros_per_minute: (value, format, t) =>
    typeof value === "number" ? t.per_minute(format.exactMoney(value)) : null,
  connection_fee_micros: (value, format, t) =>
    typeof value === "number" ? t.connection(format.exactMoney(value)) : null,
  free_seconds: counted((t) => t.seconds_free),
  effective_from_ms: when((t) => t.from),
  save_card: (value, _, t) => (value === true ? t.saves_card : null),
  resolution: named((t) => t.resolutions),
  brand: plain,
  last4: (value) => (typeof value === "string" ? `•••• ${value}` : null),
  alerts: (value, format, t) => {
    if (!Array.isArray(value)) return null;
    return value.length === 0 ? t.none : value.map((alert) => alertText(alert, format, t)).join("; ");
  },
  scopes: (value) => (Array.isArray(value) && value.length > 0 ? value.join(", ") : null),
  expires_at_ms: when((t) => t.until),
  url: plain,
  description: quoted,
  events: (value, _, t) => (Array.isArray(value) ? value.join(", ") : t.all_events),
  enabled: whether((t) => t.turned),
  keep_previous_seconds: counted((t) => t.old_secret_for),
  since_ms: when((t) => t.since),
  from_ms: when((t) => t.from),
  until_ms: when((t) => t.until),
  company_name: plain,
  email: plain,
  line1: plain,
  line2: plain,
  postal_code: plain,
  city: plain,
  region: plain,
  country: (value, format) => (typeof value === "string" && value !== "" ? format.country(value) : null),
  vat_id: plain,
  language: named((t) => t.languages),
  state: named((t) => t.states),
  part: named((t) => t.parts),
};

/** Fields of operators' own words about themselves. */
const OPERATORS_OWN: ReadonlySet<string> = new Set(["label", "role", "email"]);

/** The facts of a row in a line, as people read them: amounts, numbers, dates and names, never a field's name. */
export function factsText(
  detail: Record<string, unknown>,
  { format, t, is_own }: { format: Format; t: FactWords; is_own: boolean },
): string {
  const said = Object.entries(FACTS).flatMap(([name, say]) => {
    if (!Object.hasOwn(detail, name) || (!is_own && OPERATORS_OWN.has(name))) return [];
    return (isMasked(detail[name]) ? t.masked : say(detail[name], format, t)) ?? [];
  });
  return said.join(", ");
}

function alertText(alert: AlertThreshold, format: Format, t: FactWords): string {
  const is_known = ALERT_KINDS.some((each) => alert[each] !== undefined);
  if (!is_known) return t.unknown_alert;
  const [kind, threshold] = kindOf(alert);
  if (kind === "amount_micros") return t.below(format.exactMoney(threshold));
  const number = format.number(threshold);
  return t.below(kind === "minutes" ? t.minutes(number) : t.runway(number));
}
