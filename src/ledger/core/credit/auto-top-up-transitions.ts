import { canonicalJson } from "../../../units/canonical-json";
import {
  AUTHENTICATION_REQUIRED,
  CARD_DECLINED,
  CARD_UNUSABLE,
  CUSTOMER_BALANCE,
  TOP_UP_STOPPED,
} from "../../../units/card-failures";
import { HOUR_MS, monthOf } from "../../../units/duration";
import { centsToMicros } from "../../../units/money";
import { purchaseKey } from "../entry-keys";
import {
  isShort,
  type TopUpCard,
  type TopUpClaim,
  type TopUpFacts,
  type TopUpNeed,
  type TopUpPauseReason,
  type TopUpSettings,
  usedBy,
} from "./auto-top-up";
import type { Post } from "./commands";

/** Declines in a row of one card after which it is not tried again. */
const MAX_DECLINES = 3;
const COOLDOWN_AFTER_FAILURE_MS = HOUR_MS;

/** Takes the right to buy once, and counts it. Only when `topUpIsDue`. */
export function claimTopUp(facts: TopUpFacts, purchase_id: string, now_ms: number): TopUpFacts {
  const { settings, card } = facts;
  if (!settings || !card) throw new Error("A top-up was claimed that nobody has set.");
  const { net_cents } = settings;
  const used = usedBy(facts, now_ms);
  return {
    ...facts,
    claim: { purchase_id, net_cents, claimed_at_ms: now_ms, card },
    used: {
      ...used,
      day_claims: used.day_claims + 1,
      month_net_cents: used.month_net_cents + net_cents,
    },
  };
}

/**
 * Credit was posted that is not a call's. That of the claimed purchase ends the claim. Credit that goes without having been
 * used never leads to a charge by itself: a refund or a dispute pauses auto top-up, anything else when by itself it brings
 * what remains under the limit. `before` is how it stood until then. The same facts when it changes nothing.
 */
export function topUpAfterPost(
  facts: TopUpFacts,
  posted: Pick<Post, "kind" | "key" | "amount_micros">,
  before: TopUpNeed,
): TopUpFacts {
  const { kind, key, amount_micros } = posted;
  if (kind === "purchase") return afterPurchase(facts, key);
  if (amount_micros >= 0) return facts;
  if (kind === "refund" || kind === "dispute") return pausedTopUp(facts, kind, before.now_ms);
  const brings_under = isBroughtUnder(facts, before, amount_micros);
  return brings_under ? pausedTopUp(facts, "adjustment", before.now_ms) : facts;
}

/** The ledger was restored from a point in time: what is missing since was not used, and is not bought again by itself. */
export function topUpAfterRestore(facts: TopUpFacts, need: TopUpNeed): TopUpFacts {
  const { settings } = facts;
  return settings && isShort(settings, need) ? pausedTopUp(facts, "restore", need.now_ms) : facts;
}

/** Nothing more is bought until a person turns it on again. The first reason stays. */
export function pausedTopUp(facts: TopUpFacts, reason: TopUpPauseReason, at_ms: number): TopUpFacts {
  if (!facts.settings?.enabled || facts.pause) return facts;
  return { ...facts, pause: { reason, at_ms } };
}

/** Whether enough would remain without it, one purchase counted that use has called for by then. */
function isBroughtUnder({ settings, claim }: TopUpFacts, before: TopUpNeed, amount_micros: number): boolean {
  if (!settings) return false;
  const bought_micros = isShort(settings, before) ? centsToMicros((claim ?? settings).net_cents) : 0;
  const expected_micros = before.remaining_micros + bought_micros;
  const isShortAt = (remaining_micros: number) => isShort(settings, { ...before, remaining_micros });
  return !isShortAt(expected_micros) && isShortAt(expected_micros + amount_micros);
}

function afterPurchase(before: TopUpFacts, key: string): TopUpFacts {
  const { claim, last_failure } = before;
  const mismatches = before.mismatches.filter(({ purchase_id }) => key !== purchaseKey(purchase_id));
  const facts = mismatches.length === before.mismatches.length ? before : { ...before, mismatches };
  if (claim && key === purchaseKey(claim.purchase_id))
    return {
      ...facts,
      claim: null,
      declines_in_a_row: 0,
      breaker: null,
      not_before_ms: 0,
      last_failure: null,
    };
  // Money came after all for the one that was given up: it counts again.
  if (last_failure && key === purchaseKey(last_failure.purchase_id))
    return {
      ...facts,
      used: monthChangedBy(facts, last_failure.net_cents),
      breaker: facts.breaker?.reason === "authentication_required" ? null : facts.breaker,
      last_failure: null,
    };
  return facts;
}

/** Money came for a purchase otherwise than it was asked for: a claim of it ends, and nothing is bought until it is resolved. */
export function withMismatch(facts: TopUpFacts, purchase_id: string): TopUpFacts {
  const { claim, mismatches } = facts;
  const is_claimed = claim?.purchase_id === purchase_id;
  if (mismatches.some((known) => known.purchase_id === purchase_id)) return facts;
  // Until a person has resolved it, its money counts as spent.
  const counted = is_claimed ? { month: monthOf(claim.claimed_at_ms), net_cents: claim.net_cents } : null;
  return {
    ...facts,
    claim: is_claimed ? null : claim,
    mismatches: [...mismatches, { purchase_id, counted }],
  };
}

/** The mismatch came to nothing: its money went back, or none had come. The same facts when there is none of it. */
export function withoutMismatch(facts: TopUpFacts, purchase_id: string): TopUpFacts {
  const found = facts.mismatches.find((known) => known.purchase_id === purchase_id);
  if (!found) return facts;
  const { counted } = found;
  const is_of_month = counted?.month === facts.used.month;
  return {
    ...facts,
    mismatches: facts.mismatches.filter((known) => known !== found),
    used: counted && is_of_month ? monthChangedBy(facts, -counted.net_cents) : facts.used,
  };
}

/** The claimed purchase has failed for good. The same facts when it is not the claimed one. */
export function closeTopUp(
  facts: TopUpFacts,
  purchase_id: string,
  { code, message }: { code: string; message: string },
  now_ms: number,
): TopUpFacts {
  const { claim } = facts;
  if (claim?.purchase_id !== purchase_id) return facts;
  const closed: TopUpFacts = {
    ...facts,
    claim: null,
    // Of an earlier month nothing is given back.
    used:
      monthOf(claim.claimed_at_ms) === facts.used.month
        ? monthChangedBy(facts, -claim.net_cents)
        : facts.used,
    last_failure: { purchase_id, net_cents: claim.net_cents, code, message, at_ms: now_ms },
  };
  if (code === CUSTOMER_BALANCE) return pausedTopUp(closed, "customer_balance", now_ms);
  // What has stopped it says when it goes on.
  if (code === TOP_UP_STOPPED) return closed;
  if (!isAboutPresentCard(facts, claim)) return closed;
  const rested = { ...closed, not_before_ms: now_ms + COOLDOWN_AFTER_FAILURE_MS };
  return withFailureOfCard(rested, claim.card, code);
}

function monthChangedBy({ used }: TopUpFacts, net_cents: number): TopUpFacts["used"] {
  return { ...used, month_net_cents: Math.max(0, used.month_net_cents + net_cents) };
}

/** Whether a failure is of the card that is saved now: one of a card that was replaced says nothing about the new one. */
function isAboutPresentCard({ card }: TopUpFacts, claim: TopUpClaim): boolean {
  return card === null || card.payment_method_id === claim.card.payment_method_id;
}

function withFailureOfCard(facts: TopUpFacts, card: TopUpCard, code: string): TopUpFacts {
  switch (code) {
    case AUTHENTICATION_REQUIRED:
      return { ...facts, breaker: { reason: "authentication_required", card } };
    case CARD_DECLINED:
    case CARD_UNUSABLE: {
      const declines_in_a_row = facts.declines_in_a_row + 1;
      const is_open = code === CARD_UNUSABLE || declines_in_a_row >= MAX_DECLINES;
      return {
        ...facts,
        declines_in_a_row,
        breaker: is_open ? { reason: "card_declined", card } : facts.breaker,
      };
    }
    default:
      return facts;
  }
}

/**
 * A person has turned it on, with new settings, or off: it waits for nothing any more that was to be looked at. The same facts
 * when it is so already, by consent of the same.
 */
export function withTopUpSettings(facts: TopUpFacts, settings: TopUpSettings | null): TopUpFacts {
  const off = facts.settings && { ...facts.settings, enabled: false };
  const waits = facts.pause !== null || facts.not_before_ms !== 0;
  if (!waits && isSameSetting(settings ?? off, facts.settings)) return facts;
  return { ...facts, settings: settings ?? off, pause: null, not_before_ms: 0 };
}

/** Whether both say the same but for when it was consented to. */
function isSameSetting(some: TopUpSettings | null, others: TopUpSettings | null): boolean {
  const textOf = (settings: TopUpSettings | null) =>
    canonicalJson(settings && { ...settings, consent: { ...settings.consent, at_ms: 0 } });
  return textOf(some) === textOf(others);
}

/** A card was saved, or is not what it was. The same facts when a later one is known. */
export function withTopUpCard(facts: TopUpFacts, card: TopUpCard): TopUpFacts {
  const { card: known, breaker } = facts;
  if (known && isSameCard(known, card)) return facts;
  if (known && isLater(known, card)) return facts;
  const is_other = known?.fingerprint !== card.fingerprint;
  return {
    ...facts,
    card,
    declines_in_a_row: is_other ? 0 : facts.declines_in_a_row,
    breaker: breaker && isMended(breaker, card) ? null : breaker,
    not_before_ms: 0,
  };
}

function isSameCard(a: TopUpCard, b: TopUpCard): boolean {
  return a.payment_method_id === b.payment_method_id && a.fingerprint === b.fingerprint;
}

function isLater(a: TopUpCard, b: TopUpCard): boolean {
  if (a.consent_at_ms !== b.consent_at_ms) return a.consent_at_ms > b.consent_at_ms;
  return a.payment_method_id > b.payment_method_id;
}

/** A declined card must give way to another one; saving the same card again is enough where its holder had to confirm it. */
function isMended({ reason, card }: NonNullable<TopUpFacts["breaker"]>, saved: TopUpCard): boolean {
  return reason === "card_declined"
    ? saved.fingerprint !== card.fingerprint
    : saved.payment_method_id !== card.payment_method_id;
}

/** The card is gone, and with it the consent. `payment_method_id` null: whichever it is. */
export function withoutTopUpCard(facts: TopUpFacts, payment_method_id: string | null): TopUpFacts {
  const { card, settings } = facts;
  const is_meant = payment_method_id === null || card?.payment_method_id === payment_method_id;
  if (!is_meant || (card === null && !settings?.enabled)) return facts;
  return { ...facts, card: null, settings: settings && { ...settings, enabled: false } };
}
