/** ISO codes of the states of the European Union. */
const MEMBER_STATES = [
  "AT",
  "BE",
  "BG",
  "CY",
  "CZ",
  "DE",
  "DK",
  "EE",
  "ES",
  "FI",
  "FR",
  "GR",
  "HR",
  "HU",
  "IE",
  "IT",
  "LT",
  "LU",
  "LV",
  "MT",
  "NL",
  "PL",
  "PT",
  "RO",
  "SE",
  "SI",
  "SK",
] as const;

export type MemberState = (typeof MEMBER_STATES)[number];

export function isMemberState(country: string): country is MemberState {
  return (MEMBER_STATES as readonly string[]).includes(country);
}
