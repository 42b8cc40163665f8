/** A telephone number of the form of ITU-T E.164: `+`, country code and number. */
export const E164 = /^\+[1-9]\d{5,14}$/;

/** The same of a telephone that may be called: with fewer digits there are only services. */
export const DIALABLE = /^\+[1-9]\d{7,14}$/;

/** A SIP address that a call may be sent to: a user and a host, no port, password, parameter or header. */
export const SIP_ADDRESS =
  /^sips?:([A-Za-z0-9+][A-Za-z0-9+._-]{0,62})@([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)$/;

/** Country codes of two digits; those that begin with 1 and 7 have one, all others three (ITU-T E.164, list of codes). */
const TWO_DIGITS = new Set(
  "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98".split(
    " ",
  ),
);

/** The fewest digits of a number within its country: what is shorter is a short code. */
const MIN_NATIONAL_DIGITS = 5;

/** Helplines of social value, the same in every member state (Commission Decision 2007/116/EC). */
const HARMONISED_SHORT_CODE = /^116\d{3}$/;

/** In North America N11 (911, 411 …) is no area code: a switch may ignore what follows and call the service. */
const NORTH_AMERICAN_SERVICE = /^[2-9]11/;

/**
 * Whether a number of E.164 form means an emergency service or another short code, with its country's code before it
 * and perhaps the zeros that one dials inside the country: `+35800112`, `+49116117`, `+19115550100`.
 */
export function isServiceNumber(e164: string): boolean {
  const country = countryCode(e164);
  const national = e164.slice(1 + country.length).replace(/^0+/, "");
  if (national.length < MIN_NATIONAL_DIGITS || HARMONISED_SHORT_CODE.test(national)) return true;
  return country === "1" && NORTH_AMERICAN_SERVICE.test(national);
}

/**
 * Whether the user of a SIP address means an emergency service where it is sent: `sip:112@pbx`, `sip:0112@pbx`. Up to
 * three digits may be one somewhere.
 */
export function isServiceUser(user: string): boolean {
  if (user.startsWith("+")) return !DIALABLE.test(user) || isServiceNumber(user);
  return /^\d+$/.test(user) && user.replace(/^0+/, "").length <= 3;
}

function countryCode(e164: string): string {
  if (e164[1] === "1" || e164[1] === "7") return e164.slice(1, 2);
  const two = e164.slice(1, 3);
  return TWO_DIGITS.has(two) ? two : e164.slice(1, 4);
}
