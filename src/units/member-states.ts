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

/** One of the EU's member states, as ISO 3166 names it (Greece is `GR`). */
export type MemberState = (typeof MEMBER_STATES)[number];

/** Whether two letters name a member state of the EU. */
export function isMemberState(country: string): country is MemberState {
  return (MEMBER_STATES as readonly string[]).includes(country);
}
