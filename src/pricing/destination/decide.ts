import type { ClosingSettings } from "../../env";
import type { Rate, RatedDestination } from "../../ledger/core/credit/rating";
import type { DeckContent } from "../deck/content";
import { type Destination, findDestination } from "../deck/find";
import { withMarkup } from "../deck/markup";
import type { Direction, Tariff } from "../deck/row";
import { isTooDear, type StarterMatch, starterMatch } from "../starter/starter-match";

/** A version of a deck that is in force. */
export interface DeckInForce {
  deck_id: string;
  markup_basis_points: number | null;
  /** Null: it has no rows. */
  content: DeckContent | null;
}

/** What a call's price is looked up in, at one instant. */
export interface PriceSources {
  at_ms: number;
  own: DeckInForce | null;
  standard: DeckInForce | null;
  closing: ClosingSettings;
}

/** The numbers of a call: digits of E.164, null where it is none. */
export interface CallNumbers {
  direction: Direction;
  from: string | null;
  to: string | null;
  /** The organization's own. */
  own: string | null;
  /** Whom an outbound call goes to that is no number of E.164. */
  called: "helpline" | "address" | "other" | "e164";
}

/**
 * What decides a call's price by where it goes. `priced`: this rate, before any that has a name; where `is_free`, before one that a
 * node names, too. `unlisted`: blocked unless a node
 * names a rate. `by_name`: the named rates decide; where the node names none, that of `rate_name`.
 */
export type Verdict =
  | { kind: "priced"; rate: Rate; is_free: boolean }
  | { kind: "blocked"; destination: RatedDestination }
  | { kind: "unlisted"; destination: RatedDestination }
  | { kind: "by_name"; rate_name: string | null };

/** A row, and the deck that it is of. */
interface Match extends Destination {
  of: DeckInForce;
  name: string;
}

/** The name of every rate that is one by destination. */
const RATE_NAME = "destination";

const BY_NAME: Verdict = { kind: "by_name", rate_name: null };

const UNLISTED: Verdict = {
  kind: "unlisted",
  destination: { deck: "unlisted", prefix: "", name: "Not in the rate deck" },
};

/** Helplines of social value are free to their callers everywhere (Commission Decision 2007/116/EC). */
const HELPLINES: RatedDestination = { deck: "free_numbers", prefix: "116", name: "Helplines (116)" };

const FREE: Tariff = { price_micros_per_minute: 0, first_seconds: 1, next_seconds: 1, minimum_seconds: 0 };

/**
 * Where a call may go and what it costs, as far as decks say so. Of outbound calls, by the number called: groups of countries that an
 * operator closed; free and blocked rows, and the starter deck's ranges where no row is at least as long; the organization's own deck;
 * the standard one. Of inbound calls, by the organization's number, the decks alone.
 */
export function decideDestination(call: CallNumbers, sources: PriceSources): Verdict {
  return call.direction === "outbound" ? decideOutbound(call, sources) : decideInbound(call, sources);
}

function decideOutbound(call: CallNumbers, sources: PriceSources): Verdict {
  if (call.called === "helpline") return priced(HELPLINES, FREE, true);
  const { to, called } = call;
  if (to === null) return called === "address" ? BY_NAME : unlisted(sources);
  const closed = starterMatch(to, sources.closing);
  const match = bestMatch({ direction: "outbound", number: to, origin: call.from }, sources);
  if (closed && isClosedStill(closed, match))
    return { kind: "blocked", destination: starterDestination(closed) };
  if (!match) return unlisted(sources);
  const verdict = verdictOf(match, sources);
  const is_too_dear =
    verdict.kind === "priced" && isTooDear(verdict.rate.price_micros_per_minute, sources.closing);
  return is_too_dear ? { kind: "blocked", destination: destinationOf(match) } : verdict;
}

function decideInbound({ own, from }: CallNumbers, sources: PriceSources): Verdict {
  const match = own === null ? null : bestMatch({ direction: "inbound", number: own, origin: from }, sources);
  return match ? verdictOf(match, sources) : BY_NAME;
}

type Question = Pick<Parameters<typeof findDestination>[1], "direction" | "number" | "origin">;

/**
 * The organization's own row goes before the standard one, unless that is longer and frees or blocks what the own one has a price
 * for.
 */
function bestMatch(question: Question, { own, standard, at_ms }: PriceSources): Match | null {
  const [own_match, standard_match] = [own, standard].map((deck) => deck && matchIn(deck, question, at_ms));
  if (!own_match || !standard_match) return own_match ?? standard_match ?? null;
  const is_exception =
    standard_match.terms.treatment !== "rated" && standard_match.prefix.length > own_match.prefix.length;
  return is_exception && own_match.terms.treatment !== "blocked" ? standard_match : own_match;
}

function matchIn(deck: DeckInForce, question: Question, now_ms: number): Match | null {
  const { content } = deck;
  const found = content && findDestination(content.deck, { ...question, now_ms });
  return found && { ...found, of: deck, name: content.nameOf(found.entry) };
}

/** A range of the starter deck is open where a deck has a row for it or for a part of it; a group that an operator closed is not. */
function isClosedStill({ prefix, by }: StarterMatch, match: Match | null): boolean {
  return by === "risk_group" || match === null || match.prefix.length < prefix.length;
}

function verdictOf(match: Match, { standard, own }: PriceSources): Verdict {
  const { terms, of } = match;
  const destination = destinationOf(match);
  if (terms.treatment === "blocked") return { kind: "blocked", destination };
  if (terms.treatment === "free") return priced(destination, FREE, true);
  const markup = of === standard ? (own?.markup_basis_points ?? null) : null;
  const tariff = markup === null ? terms.tariff : withMarkup(terms.tariff, markup);
  return priced(destination, tariff, false);
}

function destinationOf({ of, prefix, name }: Match): RatedDestination {
  return { deck: of.deck_id, prefix, name };
}

/** Only where decks have rows: before any was imported, every number is unlisted. */
function unlisted({ own, standard, closing }: PriceSources): Verdict {
  const rate_name = own?.content || standard?.content ? closing.unlisted : null;
  return rate_name === "refuse" ? UNLISTED : { kind: "by_name", rate_name };
}

function priced(destination: RatedDestination, tariff: Tariff, is_free: boolean): Verdict {
  return { kind: "priced", rate: { name: RATE_NAME, ...tariff, destination }, is_free };
}

function starterDestination({ by, prefix, destination: name }: StarterMatch): RatedDestination {
  return { deck: by === "risk_group" ? "closed_risk_groups" : "starter", prefix, name };
}
