import { dayOf, monthOf } from "../../../units/duration";
import { type Refusal, refuse } from "../../../units/refusal";
import type { OrganizationState } from "../account/organization";
import { type CreditLeft, runwayLevelMicros } from "./credit-left";

/** What a customer has set: exactly one of `threshold_micros` and `runway_minutes` is not null. */
export interface TopUpSettings {
  enabled: boolean;
  /** Credit is bought when *remaining* falls below this. */
  threshold_micros: number | null;
  /** Credit is bought when what remains would last the live calls for less than this. */
  runway_minutes: number | null;
  /** What is bought each time, before VAT. */
  net_cents: number;
  max_per_day: number;
  /** The most that is bought in a calendar month (UTC), before VAT. */
  monthly_cap_cents: number;
  /** The words that the customer agreed to when it was turned on, when, and by which API key. */
  consent: { text: string; at_ms: number; key_id: string };
}

/** The card that is charged. Of two cards the one with the later consent counts, in whatever order they are reported. */
export interface TopUpCard {
  payment_method_id: string;
  /** The same for the same card, however often it is saved. */
  fingerprint: string;
  consent_at_ms: number;
}

/** The right to buy once. It has no time-out: only the end of the purchase that it names takes it away. */
export interface TopUpClaim {
  purchase_id: string;
  net_cents: number;
  claimed_at_ms: number;
  card: TopUpCard;
}

/** Why the last purchase came to nothing, in Stripe's code and words for the customer. */
interface TopUpFailure {
  purchase_id: string;
  net_cents: number;
  code: string;
  message: string;
  at_ms: number;
}

/** Why nothing is bought until a person turns auto top-up on again. */
const TOP_UP_PAUSE_REASONS = ["refund", "dispute", "adjustment", "restore", "customer_balance"] as const;

/** One of `TOP_UP_PAUSE_REASONS`. */
export type TopUpPauseReason = (typeof TOP_UP_PAUSE_REASONS)[number];

/** Why nothing is bought until a person does something: saves a card, turns it on again, resolves a purchase. */
export const TOP_UP_PAUSE_STATES = [
  "card_declined",
  "authentication_required",
  ...TOP_UP_PAUSE_REASONS,
  "purchase_mismatch",
  "organization_not_active",
] as const;

/** The limits that a customer has set, of a day and of a month in UTC: nothing is bought until that is over. */
export const TOP_UP_LIMITS = ["max_per_day", "monthly_cap"] as const;

/** An obstacle that lasts until a person does something. */
export type TopUpPauseState = (typeof TOP_UP_PAUSE_STATES)[number];

/** A purchase whose money came otherwise than it was asked for: nothing is bought until a person has resolved it. */
interface TopUpMismatch {
  purchase_id: string;
  /** What it counts in which month, null when auto top-up did not buy it. */
  counted: { month: string; net_cents: number } | null;
}

/** Everything that an organization's ledger knows of auto top-up: one row, changed as a whole. */
export interface TopUpFacts {
  settings: TopUpSettings | null;
  card: TopUpCard | null;
  claim: TopUpClaim | null;
  /** Claims of this day, and what was claimed in this month and has not failed; both in UTC. */
  used: { day: string; day_claims: number; month: string; month_net_cents: number };
  declines_in_a_row: number;
  /** Nothing is bought until the customer has done something about this card. */
  breaker: { reason: "card_declined" | "authentication_required"; card: TopUpCard } | null;
  pause: { reason: TopUpPauseReason; at_ms: number } | null;
  mismatches: TopUpMismatch[];
  /** The pause that an event was last sent for, so that each is sent once. */
  told: string | null;
  /** After a failure nothing is bought before this. */
  not_before_ms: number;
  last_failure: TopUpFailure | null;
}

/** An organization that has never set up auto top-up. */
export const NO_TOP_UP: TopUpFacts = {
  settings: null,
  card: null,
  claim: null,
  used: { day: "", day_claims: 0, month: "", month_net_cents: 0 },
  declines_in_a_row: 0,
  breaker: null,
  pause: null,
  mismatches: [],
  told: null,
  not_before_ms: 0,
  last_failure: null,
};

/** Facts that are to be written, undefined when they are what they were. */
export function changedOnly(before: TopUpFacts, after: TopUpFacts): TopUpFacts | undefined {
  return after === before ? undefined : after;
}

/** Why nothing is bought now, however little remains. */
export type TopUpObstacle =
  | "off"
  | "under_way"
  | TopUpPauseState
  | (typeof TOP_UP_LIMITS)[number]
  | "retry_later";

/** How much credit there is, how fast it goes, and whether more may be bought. */
export interface TopUpNeed extends CreditLeft {
  state: OrganizationState;
  now_ms: number;
}

/** Whether credit is to be bought now. Asked after every command, so that the usual "no" costs next to nothing. */
export function topUpIsDue(facts: TopUpFacts, need: TopUpNeed): boolean {
  const { settings, claim } = facts;
  if (!settings?.enabled || claim || !isShort(settings, need)) return false;
  return topUpObstacle(facts, need) === null;
}

/** Whether what remains is under the limit that is set. */
export function isShort(
  { threshold_micros, runway_minutes }: Pick<TopUpSettings, "threshold_micros" | "runway_minutes">,
  credit: CreditLeft,
): boolean {
  return credit.remaining_micros < (threshold_micros ?? runwayLevelMicros(credit, runway_minutes ?? 0));
}

/** Why nothing is bought now, null when a purchase may be claimed. Limits count before `retry_later`. */
function topUpObstacle(
  facts: TopUpFacts,
  { state, now_ms }: Pick<TopUpNeed, "state" | "now_ms">,
): TopUpObstacle | null {
  const { settings } = facts;
  if (!settings?.enabled || !facts.card) return "off";
  if (facts.claim) return "under_way";
  const standstill = pauseOf(facts, state) ?? limitReached(facts, settings, now_ms);
  return standstill ?? (now_ms < facts.not_before_ms ? "retry_later" : null);
}

/** What a person has to do something about before anything is bought, however little remains. */
export function pauseOf(
  { breaker, mismatches, pause }: TopUpFacts,
  state: OrganizationState,
): TopUpPauseState | null {
  if (state !== "active") return "organization_not_active";
  if (mismatches.length > 0) return "purchase_mismatch";
  return pause?.reason ?? breaker?.reason ?? null;
}

/**
 * Why what is claimed is not to be charged any more, although it has not ended: whatever has stopped auto top-up since, and
 * money that has gone back. Null: it may be charged.
 */
function claimStoppedBy(
  facts: TopUpFacts,
  state: OrganizationState,
): "turned_off" | "card_removed" | TopUpPauseState | null {
  if (!facts.card) return "card_removed";
  if (!facts.settings?.enabled) return "turned_off";
  return pauseOf(facts, state);
}

/** The limit that the next purchase would break, null when there is room for it. */
export function limitReached(
  facts: TopUpFacts,
  settings: TopUpSettings,
  now_ms: number,
): "max_per_day" | "monthly_cap" | null {
  const { day_claims, month_net_cents } = usedBy(facts, now_ms);
  if (day_claims >= settings.max_per_day) return "max_per_day";
  return month_net_cents + settings.net_cents > settings.monthly_cap_cents ? "monthly_cap" : null;
}

/** What counts against the limits of the day and the month of an instant. A clock that is set back frees nothing. */
export function usedBy({ used }: TopUpFacts, now_ms: number): TopUpFacts["used"] {
  const day = dayOf(now_ms);
  const month = monthOf(now_ms);
  return {
    ...(day > used.day ? { day, day_claims: 0 } : { day: used.day, day_claims: used.day_claims }),
    ...(month > used.month
      ? { month, month_net_cents: 0 }
      : { month: used.month, month_net_cents: used.month_net_cents }),
  };
}

/** Auto top-up as it is set and as it stands. */
export interface TopUpView {
  settings: TopUpSettings | null;
  has_card: boolean;
  claim: TopUpClaim | null;
  obstacle: TopUpObstacle | null;
  /** Why what is claimed, if anything is, is not to be charged any more. */
  stopped_by: ReturnType<typeof claimStoppedBy>;
  /** Whether it has to be turned on again before anything more is bought. */
  waits_for_person: boolean;
  /** When it is tried again after a failure, null when that is not what it waits for. */
  retry_at_ms: number | null;
  used_today: number;
  used_this_month_cents: number;
  last_failure: TopUpFailure | null;
}

/** What the API and the dashboard show of the facts, as of `now_ms`. */
export function topUpView(facts: TopUpFacts, state: OrganizationState, now_ms: number): TopUpView {
  const { settings, claim, last_failure } = facts;
  const obstacle = topUpObstacle(facts, { state, now_ms });
  const { day_claims, month_net_cents } = usedBy(facts, now_ms);
  return {
    settings,
    has_card: facts.card !== null,
    claim,
    obstacle,
    stopped_by: claimStoppedBy(facts, state),
    waits_for_person: facts.pause !== null,
    retry_at_ms: obstacle === "retry_later" ? facts.not_before_ms : null,
    used_today: day_claims,
    used_this_month_cents: month_net_cents,
    last_failure,
  };
}

/** Auto top-up as it stands after what was asked. */
export interface TopUpAnswer {
  outcome: "auto_top_up";
  top_up: TopUpView;
}

/** Nothing can be charged: auto top-up cannot be turned on. */
export type CardMissing = Refusal<"card_missing">;

/** See `CardMissing`. */
export function cardMissing(): CardMissing {
  return refuse("card_missing", {
    message: "Auto top-up needs a saved card. Save one first, by itself or with a purchase.",
  });
}
