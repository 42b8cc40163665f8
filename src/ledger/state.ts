import { monthOf } from "../units/duration";
import type { Profile } from "./account";
import type { AccountStore } from "./account-store";
import type { Book, Changes, NewEntry } from "./decision";
import { KeyRing } from "./keys";
import type { DatedRate } from "./rating";
import type { LedgerSettings } from "./settings";
import type { LedgerStore } from "./store";
import type { Entry, KnownCall, LiveCall } from "./types";

/**
 * What the object keeps in memory so that a call costs no sum and no scan: rebuilt from the rows at start, and
 * changed only after the transaction that wrote the rows has returned.
 */
export class LedgerState {
  readonly live = new Map<string, LiveCall>();
  readonly keys = new KeyRing();
  readonly numbers = new Set<string>();
  rates: DatedRate[] = [];
  held_micros = 0;
  last_entry: Entry | undefined;
  last_notice_seq: number;

  constructor(
    readonly store: LedgerStore,
    accounts: AccountStore,
    public profile: Profile,
    public epoch: number,
  ) {
    this.last_entry = store.lastEntry();
    this.last_notice_seq = store.lastNoticeSeq();
    for (const call of store.holds()) this.putHold(call);
    for (const key of accounts.keys()) this.keys.put(key);
    for (const number of accounts.numbers()) this.numbers.add(number);
    this.rates = accounts.rates();
  }

  get posted_micros(): number {
    return this.last_entry?.balance_after_micros ?? 0;
  }

  /** Billable seconds charged so far in the month of `now_ms`: the last entry of the month carries the count. */
  monthSeconds(now_ms: number): number {
    const last = this.last_entry;
    return last && monthOf(last.posted_at_ms) === monthOf(now_ms) ? last.month_seconds_after : 0;
  }

  known(call_id: string): KnownCall {
    const live = this.live.get(call_id);
    if (live) return { state: "live", call: live };
    const resolved = this.store.resolvedCall(call_id);
    return resolved ? { state: "resolved", call: resolved } : { state: "unknown" };
  }

  book(now_ms: number, settings: LedgerSettings, unauthorized_this_hour = 0): Book {
    return {
      state: this.profile.state,
      posted_micros: this.posted_micros,
      held_micros: this.held_micros,
      live_calls: this.live.size,
      rates: this.rates,
      unauthorized_this_hour,
      epoch: this.epoch,
      month_seconds: this.monthSeconds(now_ms),
      next_seq: (this.last_entry?.seq ?? 0) + 1,
      now_ms,
      settings,
    };
  }

  /** The entry as it will be posted: numbered, and with the balance and the month's count after it. */
  number(entry: NewEntry, now_ms: number): Entry {
    const { month_seconds, ...rest } = entry;
    return {
      ...rest,
      seq: (this.last_entry?.seq ?? 0) + 1,
      epoch: this.epoch,
      balance_after_micros: this.posted_micros + entry.amount_micros,
      month_seconds_after: this.monthSeconds(now_ms) + month_seconds,
      posted_at_ms: now_ms,
    };
  }

  /** Follows what a transaction has written. */
  follow(changes: Changes, entry: Entry | undefined): void {
    if (changes.hold) this.putHold(changes.hold);
    if (changes.resolved && changes.releases) this.removeHold(changes.resolved.call_id);
    if (entry) this.last_entry = entry;
    else if (changes.resolved) this.last_notice_seq += 1;
  }

  private putHold(call: LiveCall): void {
    this.held_micros += call.held_micros - (this.live.get(call.call_id)?.held_micros ?? 0);
    this.live.set(call.call_id, call);
  }

  private removeHold(call_id: string): void {
    this.held_micros -= this.live.get(call_id)?.held_micros ?? 0;
    this.live.delete(call_id);
  }
}
