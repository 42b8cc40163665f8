import type { ByDestination } from "../ledger/core/calls/commands";
import { isHelpline } from "../numbers/emergency";
import type { ReadNumber } from "../numbers/read-number";
import { type CallNumbers, decideDestination, type PriceSources } from "../pricing/destination/decide";
import { E164 } from "../units/phone-number";

const HELPLINE_DIGITS = 6;

/** What decks say of a call, as its ledger takes it; undefined: nothing. What a node names itself goes before all prices. */
export function byDestination(
  call: CallNumbers,
  sources: PriceSources,
  names_a_rate: boolean,
): ByDestination | undefined {
  const verdict = decideDestination(call, sources);
  switch (verdict.kind) {
    case "blocked":
      return { blocked: verdict.destination };
    case "unlisted":
      return names_a_rate ? undefined : { blocked: verdict.destination };
    case "priced":
      return names_a_rate && !verdict.is_free ? undefined : { rate: verdict.rate };
    case "by_name":
      return names_a_rate || verdict.rate_name === null ? undefined : { rate_name: verdict.rate_name };
  }
}

/** The digits of a number of E.164, null of anything else. */
export function e164Digits(normalized: string | null | undefined): string | null {
  return normalized && E164.test(normalized) ? normalized.slice(1) : null;
}

/** What is called, as far as it decides prices. */
export function calledKind({ kind, normalized }: ReadNumber): CallNumbers["called"] {
  if (kind === "e164") return "e164";
  if (kind === "short" && isHelpline(normalized.slice(-HELPLINE_DIGITS))) return "helpline";
  return kind === "sip" ? "address" : "other";
}
