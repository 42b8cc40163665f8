import { AUTHENTICATION_REQUIRED, CARD_DECLINED, CARD_UNUSABLE } from "../units/card-failures";
import { HOUR_MS, monthOf } from "../units/duration";
import { type TopUpCard, type TopUpClaim, type TopUpFacts, type TopUpSettings, usedBy } from "./auto-top-up";
import type { Post } from "./commands";

/** Declines in a row of one card after which it is not tried again. */
const MOST_DECLINES = 3;
const REST_AFTER_FAILURE_MS = HOUR_MS;

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
 * Credit was posted: that of the claimed purchase ends the claim, and a dispute that takes credit turns auto top-up off:
 * who disputes a charge is not charged again by itself. The same facts when it changes nothing.
 */
export function topUpAfterPost(
  facts: TopUpFacts,
  { kind, key, amount_micros }: Pick<Post, "kind" | "key" | "amount_micros">,
): TopUpFacts {
  const { settings } = facts;
  if (kind === "dispute" && amount_micros < 0 && settings?.enabled)
    return { ...facts, settings: { ...settings, enabled: false } };
  if (kind !== "purchase") return facts;
  const { claim, last_failure } = facts;
  if (claim && key === `purchase:${claim.purchase_id}`)
    return {
      ...facts,
      claim: null,
      declines_in_a_row: 0,
      breaker: null,
      not_before_ms: 0,
      last_failure: null,
    };
  // Money came after all for the one that was given up: it counts again.
  if (last_failure && key === `purchase:${last_failure.purchase_id}`)
    return {
      ...facts,
      used: monthChangedBy(facts, last_failure.net_cents),
      breaker: facts.breaker?.reason === "authentication_required" ? null : facts.breaker,
      last_failure: null,
    };
  return facts;
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
  if (!isAboutPresentCard(facts, claim)) return closed;
  const rested = { ...closed, not_before_ms: now_ms + REST_AFTER_FAILURE_MS };
  return withFailureOfCard(rested, claim.card, code);
}

function monthChangedBy({ used }: TopUpFacts, net_cents: number): TopUpFacts["used"] {
  return { ...used, month_net_cents: Math.max(0, used.month_net_cents + net_cents) };
}

/** What a card that was replaced meanwhile has done says nothing about the new one. */
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
      const is_open = code === CARD_UNUSABLE || declines_in_a_row >= MOST_DECLINES;
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

/** The customer has turned it on, with new settings, or off. Either way a person looked at it: no more rest. */
export function withTopUpSettings(facts: TopUpFacts, settings: TopUpSettings | null): TopUpFacts {
  const off = facts.settings && { ...facts.settings, enabled: false };
  return { ...facts, settings: settings ?? off, not_before_ms: 0 };
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

/** A declined card must give way to another one; saving a card anew is enough for its holder to have confirmed it. */
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
