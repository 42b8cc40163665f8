/** A telephone number of the organization, as its ledger keeps it. */
export interface OwnNumber {
  e164: string;
  since_ms: number;
  /** Calls that name no number come from it. One at most. */
  is_default: boolean;
  updated_at_ms: number;
}

type Age = Pick<OwnNumber, "since_ms" | "e164">;

/** The oldest first, which is the same order each time. */
function inOrder(numbers: Iterable<OwnNumber>): OwnNumber[] {
  return [...numbers].sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

/** Which part of the numbers is asked for: those that follow one of them in the order of their age. */
export interface NumberPage {
  after: Age | null;
  limit: number;
}

/** A part of the numbers, the oldest first. */
export function numbersAfter(numbers: Iterable<OwnNumber>, { after, limit }: NumberPage): OwnNumber[] {
  const further = after === null ? numbers : [...numbers].filter((number) => isOlder(after, number));
  return inOrder(further).slice(0, limit);
}

/** The number that calls come from which name none: the one that is marked, else the oldest. */
export function defaultNumber(numbers: Iterable<OwnNumber>): OwnNumber | undefined {
  let oldest: OwnNumber | undefined;
  for (const number of numbers) {
    if (number.is_default) return number;
    if (!oldest || isOlder(number, oldest)) oldest = number;
  }
  return oldest;
}

/** What changes when a number is given to the organization, or marked otherwise; `undefined` leaves the mark as it is. */
export function withNumber(
  numbers: ReadonlyMap<string, OwnNumber>,
  given: { e164: string; since_ms: number; is_default: boolean | undefined },
  now_ms: number,
): OwnNumber[] {
  const { e164, since_ms } = given;
  const known = numbers.get(e164);
  const is_default = given.is_default ?? known?.is_default ?? false;
  if (known?.is_default === is_default) return [];
  const number = { e164, since_ms: known?.since_ms ?? since_ms, is_default };
  const others = is_default ? [...numbers.values()].filter((other) => other.is_default) : [];
  return [
    ...others.map((other) => ({ ...other, is_default: false, updated_at_ms: now_ms })),
    { ...number, updated_at_ms: known ? now_ms : since_ms },
  ];
}

function isOlder(a: Age, b: Age): boolean {
  return a.since_ms === b.since_ms ? a.e164 < b.e164 : a.since_ms < b.since_ms;
}
