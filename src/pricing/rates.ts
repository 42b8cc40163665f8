import type { Bindings } from "../env";
import {
  type DatedRate,
  defaultRate,
  isSameRate,
  type Rate,
  rateInForce,
} from "../ledger/core/credit/rating";
import { type TooMany, tooMany } from "../ledger/core/refusals";
import type { Actor } from "../organizations/actor";
import { audited } from "../organizations/audit-log";
import { Directory } from "../organizations/directory";
import type { OrganizationHandle } from "../organizations/open-organization";
import { putStandardRate } from "../storage/accounts/standard-rates";
import { openDatabase } from "../storage/database";
import { isRefused, type Refusal, refuse } from "../units/refusal";

/** Versions on the card: every call's authorization reads all of it. */
const MAX_VERSIONS = 1_000;

/** Rates that exist before any operator has written a card. */
const BUILT_IN: ReadonlySet<string> = new Set(["voice", "byok"]);

/** A version of a rate as an operator states it; without an instant it begins now. */
export interface StatedRate extends Rate {
  effective_from_ms: number | null;
}

/** A version that can be put on a card, or what is wrong with it. */
export type RateAnswer = { outcome: "rate"; rate: DatedRate } | Refusal<"invalid">;

/** The operator's rate of that name at an instant; `voice` and `byok` need no card. */
export function standardRateAt(card: readonly DatedRate[], name: string, at_ms: number): Rate | null {
  return rateInForce(card, name, at_ms) ?? (BUILT_IN.has(name) ? defaultRate(name) : null);
}

/** The standard voice rate now: what balances are shown in minutes by. */
export async function standardVoiceRate(env: Bindings): Promise<Rate> {
  const { rates: card } = await new Directory(env).rateCard();
  return standardRateAt(card, "voice", Date.now()) ?? defaultRate("voice");
}

/** Puts a rate on the card of all organizations, and audits it. The same terms as are in force anyway change nothing. */
export async function putStandardRateVersion(
  env: Bindings,
  actor: Actor,
  stated: StatedRate,
): Promise<RateAnswer | TooMany> {
  return audited(env, actor, { action: "rate.put", organization_id: null, detail: stated }, async (fact) => {
    const directory = new Directory(env);
    await directory.copyRateCard();
    const answer = versionOf((await directory.rateCard()).rates, stated, Date.now());
    if (isRefused(answer)) return answer;
    if (!(await putStandardRate(openDatabase(env), answer.rate, { most: MAX_VERSIONS, fact })))
      return tooMany("versions of rates", MAX_VERSIONS);
    await directory.copyRateCard();
    return answer;
  });
}

/** Gives one organization its own version of a rate, which goes before the standard one, and audits it. */
export async function putOwnRate(
  env: Bindings,
  actor: Actor,
  { organization_id, ledger }: Pick<OrganizationHandle, "organization_id" | "ledger">,
  stated: StatedRate,
) {
  return audited(env, actor, { action: "rate.put", organization_id, detail: stated }, async (fact) => {
    const known = await ledger.ask(async (object) => object.rates());
    if (isRefused(known)) return known;
    const answer = versionOf(known.rates, stated, Date.now());
    if (isRefused(answer)) return answer;
    const changed = await ledger.ask(async (object) => object.putRate(answer.rate, fact));
    return isRefused(changed) ? changed : answer;
  });
}

/**
 * The version that a statement makes: refused when it makes `voice` free or would change what calls were rated with.
 *
 * @internal exported for tests
 */
export function versionOf(card: readonly DatedRate[], stated: StatedRate, now_ms: number): RateAnswer {
  const { effective_from_ms, ...rate } = stated;
  if (rate.price_micros_per_minute === 0 && rate.name === "voice")
    return refused(
      "price_micros_per_minute",
      "Balances are shown in minutes at the rate voice: it cannot be free.",
    );
  if (effective_from_ms !== null && effective_from_ms < now_ms)
    return refused("effective_from", "effective_from lies in the past. Leave it out to begin now.");
  const present = card
    .filter(({ name, effective_from_ms: from_ms }) => name === rate.name && from_ms <= now_ms)
    .sort((a, b) => b.effective_from_ms - a.effective_from_ms)[0];
  if (effective_from_ms === null && present && isSameRate(present, rate))
    return { outcome: "rate", rate: present };
  return { outcome: "rate", rate: { ...rate, effective_from_ms: effective_from_ms ?? now_ms } };
}

function refused(param: string, message: string): RateAnswer {
  return refuse("invalid", { param, message });
}
