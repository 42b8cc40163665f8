import type { Direction, OwnKey } from "../ledger/core/calls/call";
import { chargedRateName } from "../ledger/core/calls/call-rate";
import type {
  Answered,
  Authorize,
  CallAnswer,
  CallCommand,
  Correct,
  RatedParties,
  Renew,
  Settle,
  Void,
} from "../ledger/core/calls/commands";
import type { DatedRate } from "../ledger/core/credit/rating";
import { MAX_CALL_SECONDS } from "../ledger/core/settings";
import { type NumberingPlan, readNumber } from "../numbers/read-number";
import type { CallNumbers, PriceSources } from "../pricing/destination/decide";
import { standardRateAt } from "../pricing/rates";
import { SECOND_MS } from "../units/duration";
import { E164 } from "../units/phone-number";
import type { Refusal } from "../units/refusal";
import { byDestination, calledKind, e164Digits } from "./by-destination";
import { readCalled } from "./emergency-calls";

/** The edge key that speaks: which organizations it may speak of, null for all. */
export interface EdgeCaller {
  key_id: string;
  organization_ids: readonly string[] | null;
}

/** Whose call it is: the organization as authorize answered it, or the organization's own number. */
interface Subject {
  organization_id?: string;
  number?: string;
}

interface Parties {
  direction: Direction;
  from: string;
  to: string;
}

/** The same in the forms that are kept, with the organization's number. */
type KeptParties = Pick<RatedParties, keyof Parties | "from_dialled" | "to_dialled" | "is_emergency"> &
  Pick<Subject, "number"> &
  Pick<CallNumbers, "called">;

/** What a node says of the price: the name of a rate, and which services run on the customer's own keys. */
interface Terms {
  rate?: string;
  byok: OwnKey[];
  /** The call of the same organization that this one is a leg of. */
  parent_call_id?: string;
}

/**
 * What a node says about a call, as its request was parsed: the ledger's command without what a node cannot say, which is
 * the price at its rate and the key that speaks. `commandOf` adds it.
 */
export type EdgeOperation = Subject &
  (
    | (Parties & Terms & Omit<Authorize, keyof RatedParties | "placed">)
    | Omit<Answered, "edge_key_id">
    | Renew
    | (Partial<Parties> & Terms & Omit<Settle, "edge_key_id" | "unauthorized">)
    | Omit<Void, "attempt_id">
    | Correct
  );

/** A "no" that is given before any ledger is asked. */
export type EdgeRefusal = Refusal<"missing_field" | "not_found" | "forbidden">;

/**
 * What a node is told: what the ledger has answered, with whose call it is and the language of its announcements (BCP 47);
 * or a "no" before that. `unavailable` says that nothing is known: answered as 503, never as a refusal. `for_help`: allowed without
 * the ledger; whose call it is may not be known.
 */
export type EdgeAnswer =
  | (CallAnswer & { organization_id: string; language: string })
  | { outcome: "for_help"; call_id: string; organization_id: string | null; granted_seconds: number }
  | { outcome: "unavailable" }
  | EdgeRefusal;

/** What a call for help is answered by whoever cannot ask its ledger. Its report tells the ledger of it. */
export function helpAnswer({ call_id }: EdgeOperation, organization_id: string | null): EdgeAnswer {
  return { outcome: "for_help", call_id, organization_id, granted_seconds: MAX_CALL_SECONDS };
}

/** When the call began (ms since 1970), as far as the operation tells; null when it is about the present. */
export function beganAt(operation: EdgeOperation, now_ms: number): number | null {
  if (operation.op === "settle") return answeredAt(operation, now_ms);
  if (operation.op === "renew") return now_ms - operation.elapsed_seconds * SECOND_MS;
  return null;
}

/** What an operation is read with. */
export interface Reading {
  caller: EdgeCaller;
  /** All versions of the operator's rates. */
  card: readonly DatedRate[];
  /** How the organization's numbers are read. */
  plan: NumberingPlan;
  /** What prices by destination are looked up in; null for operations that need none. */
  sources: PriceSources | null;
  now_ms: number;
}

/**
 * The operation as the ledger takes it: with the key that speaks, and the operator's rate of the name that was stated, by
 * which a call is charged when the organization has no own rate of that name.
 */
export function commandOf(operation: EdgeOperation, reading: Reading): CallCommand {
  const { caller, plan, now_ms } = reading;
  // Whose call it is has been found out by then: the ledger that is asked is theirs.
  const { organization_id: _, number, ...said } = operation;
  switch (said.op) {
    case "authorize": {
      const { rate, ...authorize } = said;
      const call = { ...said, ...partiesAsKept({ ...said, number }, plan), rate };
      return { ...authorize, ...ratedParties(call, reading, now_ms) };
    }
    case "answered":
      return { ...said, edge_key_id: caller.key_id };
    case "settle": {
      const { direction, from, to, rate, byok, parent_call_id, ...report } = said;
      const stated = { number, rate, byok, parent_call_id };
      // Null leaves it to the ledger to say what is missing, should it never have been asked about the call.
      const unauthorized =
        direction === undefined || from === undefined || to === undefined
          ? null
          : datedParties(
              { ...stated, ...partiesAsKept({ direction, from, to, number }, plan) },
              reading,
              answeredAt(report, now_ms),
            );
      return { ...report, edge_key_id: caller.key_id, unauthorized };
    }
    case "renew":
    case "void":
    case "correct":
      return said;
  }
}

function answeredAt(
  {
    answered_at_ms,
    ended_at_ms,
    duration_ms,
  }: Pick<Settle, "answered_at_ms" | "ended_at_ms" | "duration_ms">,
  now_ms: number,
): number {
  return answered_at_ms ?? (ended_at_ms ?? now_ms) - duration_ms;
}

/** Who calls whom, each in the one form that its number has, and as it was said where that is another. */
function partiesAsKept(said: Parties & Pick<Subject, "number">, plan: NumberingPlan): KeptParties {
  const { direction, number } = said;
  const from = readNumber(said.from, plan);
  const to = readCalled(said, plan);
  return {
    ...{ direction, number, from: from.normalized, to: to.normalized },
    ...(from.normalized !== said.from && { from_dialled: said.from }),
    ...(to.normalized !== said.to && { to_dialled: said.to }),
    ...(direction === "outbound" && to.kind === "emergency" && { is_emergency: true as const }),
    called: calledKind(to),
  };
}

/**
 * Who calls whom, with its price by destination, and the operator's rate at `at_ms` of the name that was stated: `byok` with own
 * keys, else `voice`.
 */
function ratedParties(
  call: KeptParties & Terms,
  { card, sources }: Pick<Reading, "card" | "sources">,
  at_ms: number,
): RatedParties {
  const { direction, from, to, from_dialled, to_dialled, is_emergency, byok, parent_call_id, called } = call;
  const number = call.number ?? ownNumber(call);
  const numbers = { direction, called, from: e164Digits(from), to: e164Digits(to), own: e164Digits(number) };
  const by_destination =
    sources && !is_emergency ? byDestination(numbers, sources, call.rate !== undefined) : undefined;
  const rate_name = call.rate ?? (byok.length > 0 ? "byok" : "voice");
  return {
    direction,
    from,
    to,
    number,
    rate_name,
    standard_rate: standardRateAt(card, chargedRateName({ by_destination, rate_name }), at_ms),
    ...(by_destination && { by_destination }),
    byok,
    parent_call_id,
    from_dialled,
    to_dialled,
    is_emergency,
  };
}

/** The same of a call that the ledger was never asked about, with all versions of its rate: the ledger knows when it began. */
function datedParties(call: KeptParties & Terms, reading: Reading, at_ms: number): RatedParties {
  const parties = ratedParties(call, reading, at_ms);
  const charged = chargedRateName(parties);
  return { ...parties, standard_versions: reading.card.filter(({ name }) => name === charged) };
}

/** The organization's side of the call, when it is a telephone number. */
function ownNumber({ direction, from, to }: Parties): string | null {
  const own = direction === "inbound" ? to : from;
  return E164.test(own) ? own : null;
}
