import { Breaker } from "../runtime/breaker";
import { SECOND_MS } from "../units/duration";
import { log } from "../units/log";
import { taxIdTypeFor } from "./vat-id";
import { checkByChecksum } from "./vat-id-offline";
import type { VatIdCheck, VatIdChecker } from "./vat-id-verdict";

const VIES_URL = "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number";

/** Member states often take seconds; a person waits for the answer. */
const DEFAULT_TIMEOUT_MS = 10 * SECOND_MS;

/** What VIES writes where a member state gives no name or address. */
const UNTOLD = "---";

type Verdict = Pick<VatIdCheck, "state" | "name" | "address" | "consultation_number">;

/**
 * Asks the register of the European Commission (VIES, REST). Only an answer about the very number that was asked for,
 * with a plain yes or no in it, is `valid` or `invalid`. Everything else is `unavailable` and worth another try: a member
 * state that is away or busy (VIES says that in the body, with status 200), a time-out, an answer that makes no sense.
 * Numbers of countries outside the Union (GB, CH, NO), which VIES does not know, are judged by their checksum: what
 * state they have never changes the VAT, only whether they are printed. `requester_vat_id` is the seller's own.
 * Source: https://ec.europa.eu/assets/taxud/vow-information/swagger_publicVAT.yaml.
 */
export function viesChecker({
  requester_vat_id,
  timeout_ms = DEFAULT_TIMEOUT_MS,
}: {
  requester_vat_id: string | null;
  timeout_ms?: number;
}): VatIdChecker {
  return {
    async check(value) {
      const number = partsOf(value);
      if (!number || !isKnownToVies(number.country)) return checkByChecksum(value);
      const verdict = await ask(number, partsOf(requester_vat_id ?? ""), timeout_ms);
      return { ...verdict, checked_at_ms: Date.now(), source: "vies" };
    },
  };
}

interface NumberParts {
  country: string;
  rest: string;
}

function partsOf(vat_id: string): NumberParts | null {
  const [, country, rest] =
    /^([A-Z]{2})([A-Z\d+*]{2,12})$/.exec(vat_id.toUpperCase().replace(/[\s.-]/g, "")) ?? [];
  return country && rest ? { country, rest } : null;
}

function isKnownToVies(prefix: string): boolean {
  return taxIdTypeFor(prefix) === "eu_vat";
}

/** Each member state answers, or does not, for itself. */
const registers = new Map<string, Breaker>();

function registerOf(country: string): Breaker {
  const known = registers.get(country) ?? new Breaker();
  registers.set(country, known);
  return known;
}

async function ask(number: NumberParts, requester: NumberParts | null, timeout_ms: number): Promise<Verdict> {
  const signal = AbortSignal.timeout(timeout_ms);
  const answer = async () => {
    const response = await fetch(VIES_URL, {
      method: "POST",
      // A redirect leads to a page for people, which says nothing about the number.
      redirect: "manual",
      signal,
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({
        countryCode: number.country,
        vatNumber: number.rest,
        ...(requester && { requesterMemberStateCode: requester.country, requesterNumber: requester.rest }),
      }),
    });
    return verdictOf(await response.json(), response.ok, number);
  };
  try {
    return await registerOf(number.country).ask(answer, () => signal.aborted);
  } catch (error) {
    return unavailable(number, error instanceof Error ? error.name : "unknown");
  }
}

function verdictOf(answer: unknown, ok: boolean, number: NumberParts): Verdict {
  const { actionSucceed, errorWrappers, userError, countryCode, vatNumber, valid, ...details } =
    fieldsOf(answer);
  const errors = errorsOf(errorWrappers, userError);
  // The one error that is about the number: it is not even one that the member state could have given out.
  if (errors.length > 0 && errors.every((error) => error === "INVALID_INPUT")) return denied;
  if (errors.length > 0 || actionSucceed === false || !ok) return unavailable(number, errors.join(" "));
  if (countryCode !== number.country || plain(vatNumber) !== plain(number.rest))
    return unavailable(number, "answer about another number");
  if (valid === false) return denied;
  if (valid !== true) return unavailable(number, "neither valid nor invalid");
  return {
    state: "valid",
    name: reportedText(details.name),
    address: reportedText(details.address),
    consultation_number: reportedText(details.requestIdentifier),
  };
}

const denied: Verdict = { state: "invalid", name: null, address: null, consultation_number: null };

/** The number is left out of the log: some member states make it from a person's own. */
function unavailable({ country }: NumberParts, reason: string): Verdict {
  log.warn("vies_unavailable", { country, reason });
  return { ...denied, state: "unavailable" };
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === "object" && answer !== null ? { ...answer } : {};
}

/** Errors stand in a list, or in one field whose other values repeat the verdict. */
function errorsOf(wrappers: unknown, user_error: unknown): unknown[] {
  const listed = Array.isArray(wrappers) ? wrappers.map((wrapper) => fieldsOf(wrapper).error) : [];
  const verdicts: unknown[] = ["VALID", "INVALID", "", null, undefined];
  return verdicts.includes(user_error) ? listed : [...listed, user_error];
}

function plain(text: unknown): string {
  return String(text)
    .toUpperCase()
    .replace(/[\s.-]/g, "");
}

function reportedText(text: unknown): string | null {
  const trimmed = typeof text === "string" ? text.trim() : "";
  return trimmed === "" || trimmed === UNTOLD ? null : trimmed;
}
