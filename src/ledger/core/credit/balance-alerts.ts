import { type CreditLeft, isOutOfCredit, runwayLevelMicros } from "./credit-left";

/** What an alert can watch: minutes at the voice rate, micro-euros, minutes at the present burn. */
export const ALERT_KINDS = ["minutes", "amount_micros", "runway_minutes"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What an alert watches, and where its threshold is: exactly one kind is set. */
export type AlertThreshold = { [Kind in AlertKind]?: number };

/** Each kind: what `fired` calls it, and the credit below which an alert with that threshold goes off. */
const KINDS: Record<AlertKind, { key: string; levelMicros: (threshold: number, credit: Credit) => number }> =
  {
    minutes: {
      key: "minutes",
      levelMicros: (minutes, { voice_rate }) => minutes * voice_rate.price_micros_per_minute,
    },
    amount_micros: { key: "amount", levelMicros: (amount_micros) => amount_micros },
    runway_minutes: {
      key: "runway",
      levelMicros: (minutes, credit) => runwayLevelMicros(credit, minutes),
    },
  };

/** The alerts of an organization and which of them have gone off and are not armed again: one row, changed as a whole. */
export interface AlertFacts {
  thresholds: AlertThreshold[];
  fired: string[];
  /** The credit that a runway alert went off below, in micros, by what names the alert; absent before one has. */
  fired_below_micros?: Record<string, number>;
  exhausted: boolean;
  negative: boolean;
}

/** The alerts of an organization that has set none. */
export const DEFAULT_ALERTS: AlertFacts = {
  thresholds: [{ minutes: 60 }],
  fired: [],
  exhausted: false,
  negative: false,
};

/** What alerts are measured by: what is left, and what a whole quota costs (with that much, calls go on again). */
export interface Credit extends CreditLeft {
  quota_micros: number;
}

/** An alert that has gone off. */
export type BalanceEvent =
  | { type: "balance.low"; threshold: AlertThreshold }
  | { type: "balance.exhausted" }
  | { type: "balance.negative" };

/** How far above its threshold something must rise by itself before it can fall below it again: a tenth. */
const REARM = { numerator: 11, denominator: 10 };

/**
 * The events that are due now. An alert goes off once when it is crossed, and is armed again when credit is added that lifts
 * it above its threshold, or when it rises a tenth above. The end of credit is armed again when credit is added that
 * ends it, or when there is enough for a whole quota: live calls that are corrected or release what they hold move
 * about zero all the time. A runway rises whenever calls stop: by itself it is armed again only by credit a tenth above that which it
 * went off below, so that low credit with few calls is told once. Asked after every command: the same facts, and nothing made, when no event is due.
 */
export function alertsAfter(
  facts: AlertFacts,
  credit: Credit,
  credit_was_added: boolean,
): { facts: AlertFacts; events: BalanceEvent[] } {
  const events: BalanceEvent[] = [];
  let { fired, fired_below_micros, exhausted, negative } = facts;
  for (const threshold of facts.thresholds) {
    const key = alertKey(threshold);
    const was_fired = fired.includes(key);
    const level_micros = levelMicros(threshold, credit);
    const fired_level_micros = Math.max(level_micros, fired_below_micros?.[key] ?? 0);
    if (!was_fired && credit.remaining_micros < level_micros) {
      fired = [...fired, key];
      if (threshold.runway_minutes !== undefined)
        fired_below_micros = { ...fired_below_micros, [key]: level_micros };
      events.push({ type: "balance.low", threshold });
    } else if (
      was_fired &&
      (credit_was_added
        ? credit.remaining_micros >= level_micros
        : isATenthAbove(credit.remaining_micros, fired_level_micros))
    )
      fired = fired.filter((each) => each !== key);
  }
  const { remaining_micros, quota_micros } = credit;
  const may_rearm = credit_was_added || remaining_micros >= quota_micros;
  const is_exhausted = isOutOfCredit(credit);
  if (is_exhausted && !exhausted) events.push({ type: "balance.exhausted" });
  exhausted = is_exhausted || (exhausted && !may_rearm);
  const is_negative = remaining_micros < 0;
  if (is_negative && !negative) events.push({ type: "balance.negative" });
  negative = is_negative || (negative && !may_rearm);
  const same = fired === facts.fired && exhausted === facts.exhausted && negative === facts.negative;
  const changed = { ...facts, fired, ...(fired_below_micros && { fired_below_micros }), exhausted, negative };
  return { facts: same ? facts : changed, events };
}

/** Other alerts from now on. One that stays as it was does not go off a second time. */
export function withThresholds(facts: AlertFacts, thresholds: AlertThreshold[]): AlertFacts {
  const keys = new Set(thresholds.map(alertKey));
  return { ...facts, thresholds, fired: facts.fired.filter((key) => keys.has(key)) };
}

/**
 * Which kind an alert is, and its threshold in the unit of that kind. One of a kind that only a later Worker knows (it was
 * rolled back since) is as one of no minutes: it must not stop the commands after which alerts are looked at.
 */
export function kindOf(alert: AlertThreshold): [kind: AlertKind, threshold: number] {
  for (const kind of ALERT_KINDS) {
    const threshold = alert[kind];
    if (threshold !== undefined) return [kind, threshold];
  }
  return ["runway_minutes", 0];
}

/** What names an alert in `fired`: its kind and threshold. */
export function alertKey(alert: AlertThreshold): string {
  const [kind, threshold] = kindOf(alert);
  return `${KINDS[kind].key}:${threshold}`;
}

/** Whether both are the same alerts in the same order. */
export function sameAlerts(some: AlertThreshold[], others: AlertThreshold[]): boolean {
  return String(some.map(alertKey)) === String(others.map(alertKey));
}

function isATenthAbove(remaining_micros: number, level_micros: number): boolean {
  return remaining_micros * REARM.denominator >= level_micros * REARM.numerator && level_micros > 0;
}

/** The credit below which an alert goes off. */
function levelMicros(alert: AlertThreshold, credit: Credit): number {
  const [kind, threshold] = kindOf(alert);
  return KINDS[kind].levelMicros(threshold, credit);
}
