import type { Language } from "../../access/portal-sessions";
import { type Bindings, readSettings } from "../../env";
import type { CardMissing, TopUpSettings, TopUpView } from "../../ledger/core/credit/auto-top-up";
import type { NoSuchOrganization } from "../../ledger/core/refusals";
import type { Actor } from "../../organizations/actor";
import { audited } from "../../organizations/audit-log";
import type { OrganizationHandle } from "../../organizations/open-organization";
import { centsToMicros } from "../../units/money";
import { type Refusal, type Refused, refuse } from "../../units/refusal";

/** The words by which a customer turns auto top-up on, in the language in which they were read; kept with the settings. */
export const AUTO_TOP_UP_CONSENT: Record<Language, string> = {
  en: "I agree that my saved card is charged for call credit automatically whenever my credit falls to the limit that I have set, as often in a day and up to the amount in a month that I have set, until I turn this off.",
  nl: "Ik ga ermee akkoord dat mijn bewaarde kaart automatisch wordt belast voor beltegoed zodra mijn tegoed tot de door mij ingestelde grens daalt, zo vaak per dag en tot het bedrag per maand dat ik heb ingesteld, totdat ik dit uitzet.",
  de: "Ich bin damit einverstanden, dass meine gespeicherte Karte automatisch für Gesprächsguthaben belastet wird, sobald mein Guthaben auf die von mir gesetzte Grenze fällt, so oft am Tag und bis zu dem Betrag im Monat, die ich festgelegt habe, bis ich dies abschalte.",
};

/** What a customer asks for: exactly one of `threshold_micros` and `runway_minutes` is not null. */
export type TopUpRequest = Omit<TopUpSettings, "enabled" | "consent">;

export type TopUpSettingsAnswer =
  | { outcome: "auto_top_up"; top_up: TopUpView }
  | Refusal<"purchases_unavailable">
  | Refusal<"out_of_bounds", { param: keyof TopUpRequest }>
  | CardMissing
  | NoSuchOrganization;

/**
 * Turns auto top-up on as asked, with the consent of the actor, in the words of the language that it was read in; off with
 * null. Audited.
 */
export async function setAutoTopUp(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: Pick<OrganizationHandle, "organization_id" | "ledger">,
  { asked, language = "en" }: { asked: TopUpRequest | null; language?: Language },
): Promise<TopUpSettingsAnswer> {
  if (asked === null) {
    const detail = { enabled: false } as const;
    return audited(env, actor, { action: "auto_top_up.set", organization_id, detail }, (fact) =>
      ledger.ask(async (object) => object.setAutoTopUp(null, fact)),
    );
  }
  const detail = { enabled: true, ...asked } as const;
  return audited(env, actor, { action: "auto_top_up.set", organization_id, detail }, async (fact) => {
    const refusal = refusalOf(env, asked);
    if (refusal) return refusal;
    const consent = { text: AUTO_TOP_UP_CONSENT[language], at_ms: fact.at_ms, key_id: actor.id };
    return ledger.ask(async (object) => object.setAutoTopUp({ ...asked, enabled: true, consent }, fact));
  });
}

/** What is wrong with settings whatever the ledger knows, null when nothing is. */
function refusalOf(env: Bindings, asked: TopUpRequest): Refused<TopUpSettingsAnswer> | null {
  const { stripe, purchase_min_cents: min, purchase_max_cents: max } = readSettings(env);
  if (!stripe) return refuse("purchases_unavailable");
  if (asked.net_cents < min || asked.net_cents > max)
    return outOfBounds("net_cents", `Must be from ${min} to ${max}.`);
  if (asked.monthly_cap_cents < asked.net_cents)
    return outOfBounds("monthly_cap_cents", "Must be at least net_cents: nothing could be bought.");
  if (!liftsAbove(asked))
    return outOfBounds(
      "net_cents",
      "Must be more than the limit: less would be bought several times in a row.",
    );
  return null;
}

/** Whether one purchase brings credit that is used up above the limit. */
export function liftsAbove({
  net_cents,
  threshold_micros,
}: Pick<TopUpRequest, "net_cents" | "threshold_micros">): boolean {
  return threshold_micros === null || centsToMicros(net_cents) > threshold_micros;
}

function outOfBounds(param: keyof TopUpRequest, message: string) {
  return refuse("out_of_bounds", { param, message });
}
