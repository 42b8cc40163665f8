import type { Account } from "../../../src/ledger/core/account/account";
import type {
  TopUpCard,
  TopUpClaim,
  TopUpSettings,
  TopUpView,
} from "../../../src/ledger/core/credit/auto-top-up";

interface Claimed {
  claim: TopUpClaim;
  end: "stands" | "credited" | "failed" | "mismatch";
}

const HOUR_MS = 3_600_000;

/**
 * What auto top-up has to do, told by its whole history: every claim that was ever seen, how each ended, and what was set
 * and saved at the time. Sums are added up anew each time that one is asked for.
 */
export class TopUpModel {
  settings: TopUpSettings | null = null;
  card: TopUpCard | null = null;
  readonly claims: Claimed[] = [];
  /** Every reason for which nothing was claimed. */
  readonly met = new Set<string>();
  private declined: TopUpCard[] = [];
  private waits_for_other_than: ((card: TopUpCard) => boolean) | null = null;
  private rests_until_ms = 0;
  /** Credit went without having been used, and nobody has turned it on since. */
  private is_paused = false;
  private readonly unresolved = new Set<string>();

  get standing(): TopUpClaim | null {
    return this.claims.find(({ end }) => end === "stands")?.claim ?? null;
  }

  set(settings: TopUpSettings | null): void {
    if (settings && !this.card) return;
    if (settings) this.settings = settings;
    else if (this.settings) this.settings = { ...this.settings, enabled: false };
    this.rests_until_ms = 0;
    this.is_paused = false;
  }

  /** Credit went that no call has used: `before` is how it stood until then. */
  lost(kind: string, micros: number, before: Account): void {
    const { settings } = this;
    if (!settings?.enabled) return;
    if (kind !== "adjustment") {
      this.is_paused = true;
      return;
    }
    const to_come_cents = isShort(settings, before) ? (this.standing ?? settings).net_cents : 0;
    const expected_micros = before.remaining_micros + to_come_cents * 10_000;
    const isShortAt = (remaining_micros: number) => isShort(settings, { ...before, remaining_micros });
    if (!isShortAt(expected_micros) && isShortAt(expected_micros - micros)) this.is_paused = true;
  }

  restored(account: Account): void {
    const { settings } = this;
    if (settings?.enabled && isShort(settings, account)) this.is_paused = true;
  }

  mismatched(purchase_id: string): void {
    const claimed = this.claims.find(({ claim }) => claim.purchase_id === purchase_id);
    if (claimed?.end === "stands") claimed.end = "mismatch";
    this.unresolved.add(purchase_id);
  }

  resolved(purchase_id: string, by: "refunded" | "closed"): void {
    if (!this.unresolved.has(purchase_id)) return;
    if (by === "refunded" && this.settings?.enabled) this.is_paused = true;
    const claimed = this.claims.find(({ claim }) => claim.purchase_id === purchase_id);
    if (claimed?.end === "mismatch" && this.unresolved.has(purchase_id)) claimed.end = "failed";
    this.unresolved.delete(purchase_id);
  }

  save(card: TopUpCard): void {
    const known = this.card;
    if (known && known.consent_at_ms >= card.consent_at_ms) return;
    this.card = card;
    if (known?.fingerprint !== card.fingerprint) this.declined = [];
    if (this.waits_for_other_than?.(card)) this.waits_for_other_than = null;
    this.rests_until_ms = 0;
  }

  remove(): void {
    this.card = null;
    if (this.settings) this.settings = { ...this.settings, enabled: false };
  }

  credited(purchase_id: string): void {
    const claimed = this.claims.find(({ claim }) => claim.purchase_id === purchase_id);
    this.unresolved.delete(purchase_id);
    if (claimed?.end === "mismatch") claimed.end = "credited";
    if (claimed?.end !== "stands") return;
    claimed.end = "credited";
    this.declined = [];
    this.rests_until_ms = 0;
  }

  failed(purchase_id: string, code: string, now_ms: number): void {
    const claimed = this.claims.find(({ claim }) => claim.purchase_id === purchase_id);
    if (claimed?.end !== "stands") return;
    claimed.end = "failed";
    const { card } = claimed.claim;
    if (this.card && this.card.payment_method_id !== card.payment_method_id) return;
    this.rests_until_ms = now_ms + HOUR_MS;
    if (code === "authentication_required")
      this.waits_for_other_than = (other) => other.payment_method_id !== card.payment_method_id;
    if (code !== "card_declined" && code !== "card_unusable") return;
    this.declined.push(card);
    if (code === "card_unusable" || this.declined.length >= 3)
      this.waits_for_other_than = (other) => other.fingerprint !== card.fingerprint;
  }

  /** What is wrong with what the ledger shows after a step, or null. */
  differenceFrom(view: TopUpView, account: Account, now_ms: number): string | null {
    const { standing } = this;
    const seen = view.claim;
    if (standing) return seen?.purchase_id === standing.purchase_id ? null : "a claim that stood is gone";
    if (seen && this.claims.some(({ claim }) => claim.purchase_id === seen.purchase_id))
      return "a claim that had ended is back";
    const obstacle = this.obstacle(account, now_ms);
    if (obstacle) this.met.add(obstacle);
    if (seen && obstacle) return `claimed in spite of: ${obstacle}`;
    if (!seen) return obstacle ? null : "nothing was claimed though it was due";
    if (seen.net_cents !== this.settings?.net_cents || seen.claimed_at_ms !== now_ms)
      return "claimed otherwise than was set";
    this.claims.push({ claim: seen, end: "stands" });
    return null;
  }

  private obstacle(account: Account, now_ms: number): string | null {
    const { settings } = this;
    if (!settings?.enabled) return "off";
    if (!this.card) throw new Error("It is on without a card.");
    if (account.state !== "active") return account.state;
    if (this.unresolved.size > 0) return "mismatch";
    if (this.is_paused) return "pause";
    if (this.waits_for_other_than) return "breaker";
    if (now_ms < this.rests_until_ms) return "rest";
    const day = (at_ms: number) => new Date(at_ms).toISOString().slice(0, 10);
    const of_day = this.claims.filter(({ claim }) => day(claim.claimed_at_ms) === day(now_ms));
    if (of_day.length >= settings.max_per_day) return "day";
    const of_month = this.claims.filter(
      ({ claim, end }) =>
        end !== "failed" && day(claim.claimed_at_ms).slice(0, 7) === day(now_ms).slice(0, 7),
    );
    const bought_cents = of_month.reduce((sum, { claim }) => sum + claim.net_cents, 0);
    if (bought_cents + settings.net_cents > settings.monthly_cap_cents) return "month";
    return isShort(settings, account) ? null : "enough";
  }
}

function isShort(
  settings: TopUpSettings,
  { remaining_micros, burn_micros_per_minute: burn_micros }: Account,
): boolean {
  if (settings.threshold_micros !== null) return remaining_micros < settings.threshold_micros;
  // The smallest charge at EUR 0.07 a minute: below it no call starts.
  if (remaining_micros < 1_167) return true;
  return burn_micros > 0 && remaining_micros / burn_micros < (settings.runway_minutes ?? 0);
}
