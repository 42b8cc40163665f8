import { monthOf, SECOND_MS } from "../../units/duration";
import { usedMicros } from "../core/account/account";
import { KeyRing } from "../core/account/api-keys";
import type { Organization } from "../core/account/organization";
import type { OwnNumber } from "../core/account/own-numbers";
import type { Book } from "../core/book";
import type { KnownCall, LiveCall, ResolvedCall } from "../core/calls/call";
import type { TopUpFacts, TopUpNeed } from "../core/credit/auto-top-up";
import type { AlertFacts, Credit } from "../core/credit/balance-alerts";
import { BurnRate } from "../core/credit/burn-rate";
import type { Entry } from "../core/credit/entry";
import { applicableRate, type DatedRate, defaultRate, feeOf, type Rate } from "../core/credit/rating";
import { type StandardVoiceRate, standardRateAtTime } from "../core/credit/standard-voice-rate";
import type { Standing } from "../core/invariants";
import type { LedgerSettings } from "../core/settings";
import type { LedgerChanges, NumberedChanges } from "../store/changes";
import type { EventCursor, EventOutbox } from "../store/event-outbox";
import type { LedgerStore } from "../store/ledger-store";
import type { ObjectStore } from "../store/object-store";
import type { OrganizationStore } from "../store/organization-store";
import { LedgerClock } from "./ledger-clock";

/** Entries that are read at start for how fast credit goes. */
const BURN_RATE_SEED_ENTRIES = 200;

/** The row of a call that holds nothing: no hold has this number. */
const NO_HOLD = 0;

/** Writes changes, all of them or none: their rows in one transaction, then memory. */
export type Commit = (...all: LedgerChanges[]) => void;

/**
 * What the object keeps in memory so that a call costs no sum and no scan: rebuilt from the rows at start, and
 * changed only after the transaction that wrote the rows has returned.
 */
export class LedgerMemory {
  readonly live = new Map<string, LiveCall>();
  /** The row of each live call. */
  private readonly hold_ids = new Map<string, number>();
  private last_hold_id = 0;
  readonly keys = new KeyRing();
  readonly numbers = new Map<string, OwnNumber>();
  rates: DatedRate[] = [];
  held_micros = 0;
  /** What live calls have used by their proof of life. */
  private used_micros = 0;
  /** What the answered live calls cost a minute. */
  private live_micros_per_minute = 0;
  readonly clock: LedgerClock;
  /** What was spent lately, live calls included. */
  private readonly burn_rate = new BurnRate();
  standard_voice_rate: StandardVoiceRate = defaultRate("voice");
  alerts: AlertFacts;
  event_cursor: EventCursor;
  top_up: TopUpFacts;
  last_entry: Entry | undefined;
  last_resolution_seq: number;
  /** The latest time that a call was resolved which is no longer kept, null when all are. */
  archived_until_ms: number | null;

  readonly store: LedgerStore;
  readonly events: EventOutbox;
  private readonly organization: OrganizationStore;

  constructor(
    { ledger: store, outbox: events, organization }: ObjectStore,
    public profile: Organization,
    public epoch: number,
  ) {
    this.store = store;
    this.events = events;
    this.organization = organization;
    this.last_entry = store.lastEntry();
    this.last_resolution_seq = store.lastResolutionSeq();
    this.archived_until_ms = store.archive.archivedUntilMs();
    for (const { hold_id, call } of store.holds()) this.putHold(call, hold_id);
    this.clock = new LedgerClock(this.lastWrittenMs(), this.setBackMs());
    const { now_ms } = this.clock;
    for (const key of organization.keys(now_ms)) this.keys.put(key, now_ms);
    for (const number of organization.numbers()) this.numbers.set(number.e164, number);
    this.rates = organization.rates();
    this.seedBurnRate(this.clock.now_ms);
    this.top_up = store.topUp();
    this.alerts = events.alerts();
    this.standard_voice_rate = events.standardVoiceRate() ?? this.standard_voice_rate;
    this.event_cursor = events.cursor();
  }

  get posted_micros(): number {
    return this.last_entry?.balance_after_micros ?? 0;
  }

  get remaining_micros(): number {
    return this.posted_micros - this.used_micros;
  }

  /** How fast credit goes: what the live calls cost, or what was spent in the last minutes when that was more. */
  burnMicrosPerMinute(now_ms: number): number {
    return Math.max(this.live_micros_per_minute, this.burn_rate.microsPerMinute(now_ms));
  }

  topUpNeed(now_ms: number): TopUpNeed {
    const burn_micros_per_minute = this.burnMicrosPerMinute(now_ms);
    const { remaining_micros } = this;
    const voice_rate = this.voiceRate(now_ms);
    return { state: this.profile.state, remaining_micros, voice_rate, burn_micros_per_minute, now_ms };
  }

  /** The organization's own voice rate, or else the operator's. */
  voiceRate(now_ms: number): Rate {
    return applicableRate(this.rates, "voice", now_ms, standardRateAtTime(this.standard_voice_rate, now_ms));
  }

  credit(now_ms: number, { quota_seconds }: LedgerSettings): Credit {
    const voice_rate = this.voiceRate(now_ms);
    return {
      remaining_micros: this.remaining_micros,
      burn_micros_per_minute: this.burnMicrosPerMinute(now_ms),
      voice_rate,
      quota_micros: feeOf(quota_seconds * SECOND_MS, voice_rate).fee_micros,
    };
  }

  /** Billed seconds of the calls that began in the month of `now_ms`: the last entry of the month carries the count. */
  monthSeconds(now_ms: number, last = this.last_entry): number {
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
      remaining_micros: this.remaining_micros,
      live_calls: this.live.size,
      rates: this.rates,
      unauthorized_this_hour,
      epoch: this.epoch,
      month_seconds: this.monthSeconds(now_ms),
      next_seq: (this.last_entry?.seq ?? 0) + 1,
      archived_until_ms: this.archived_until_ms,
      now_ms,
      clock_behind_ms: this.clock.behind_ms,
      clock_set_back_ms: this.clock.set_back_ms,
      settings,
    };
  }

  /** What the invariants compare a commit with: the sums in memory, and the row of a call that holds nothing. */
  standing(): Standing {
    return {
      epoch: this.epoch,
      next_seq: (this.last_entry?.seq ?? 0) + 1,
      posted_micros: this.posted_micros,
      held_micros: this.held_micros,
      live: (call_id) => this.live.get(call_id),
      resolved: (call_id) => this.store.resolvedCall(call_id),
    };
  }

  /** The changes of one commit, each with the numbers of its rows after those of the ones before. */
  withRowNumbers(all: readonly LedgerChanges[]): NumberedChanges[] {
    let { last_hold_id, last_resolution_seq } = this;
    return all.map((changes) => {
      const call_id = changes.hold?.call_id ?? changes.resolved?.call_id;
      const known_id = call_id === undefined ? undefined : this.hold_ids.get(call_id);
      if (changes.hold && known_id === undefined) last_hold_id += 1;
      if (changes.resolved && !changes.entry) last_resolution_seq += 1;
      const new_id = changes.hold ? last_hold_id : NO_HOLD;
      return { ...changes, hold_id: known_id ?? new_id, notice_seq: last_resolution_seq };
    });
  }

  /** The hold, with how far the clock had been set back when it was written, where it had been. */
  withClock(hold: LiveCall): LiveCall {
    const set_back_seen_ms = this.clock.set_back_ms;
    return set_back_seen_ms > 0 ? { ...hold, set_back_seen_ms } : hold;
  }

  /** Follows what a commit has written, in the order of its rows. */
  apply(changes: NumberedChanges, now_ms: number): void {
    const { hold, resolved, closes_hold, entry, hold_id, notice_seq, top_up, ...others } = changes;
    if (hold || resolved || entry || top_up) this.clock.wrote(now_ms);
    const used_before_micros = this.used_micros;
    if (hold) this.putHold(hold, hold_id);
    if (resolved && closes_hold) this.removeHold(resolved.call_id);
    const charged_micros = entry && entry.call_id !== null ? -entry.amount_micros : 0;
    const spent_micros = this.used_micros - used_before_micros + charged_micros;
    const spent_at_ms = resolved && !closes_hold ? spentAtMs(resolved, now_ms) : now_ms;
    this.burn_rate.record(spent_micros, spent_at_ms, now_ms);
    if (entry) this.last_entry = entry;
    else if (resolved) this.last_resolution_seq = notice_seq;
    if (top_up) this.top_up = top_up;
    this.applyAccount(others, now_ms);
    if (others.event_cursor) this.event_cursor = others.event_cursor;
    if (others.archive) this.applyArchive();
  }

  private applyAccount(changes: Omit<NumberedChanges, "hold_id" | "notice_seq">, now_ms: number): void {
    const { organization, api_key, rate, numbers = [], removed_number } = changes;
    if (organization) {
      this.profile = organization.organization;
      this.epoch = organization.epoch;
    }
    if (api_key) this.keys.put(api_key, now_ms);
    if (rate) this.rates = this.organization.rates();
    for (const number of numbers) this.numbers.set(number.e164, number);
    if (removed_number !== undefined) this.numbers.delete(removed_number);
    if (changes.alerts) this.alerts = changes.alerts;
    if (changes.standard_voice_rate) this.standard_voice_rate = changes.standard_voice_rate;
  }

  /** The latest time that any row of a call or of money says it was written at; 0 without rows. */
  private lastWrittenMs(): number {
    const resolved = this.store.lastResolution();
    let last_ms = Math.max(
      this.last_entry?.posted_at_ms ?? 0,
      resolved?.updated_at_ms ?? resolved?.resolved_at_ms ?? 0,
    );
    for (const call of this.live.values())
      last_ms = Math.max(last_ms, call.proof_at_ms, call.written_at_ms ?? 0);
    return last_ms;
  }

  /** How far the machine's clock has been set back, as the live calls recorded it; earlier calls no longer matter. */
  private setBackMs(): number {
    let set_back_ms = 0;
    for (const call of this.live.values()) set_back_ms = Math.max(set_back_ms, call.set_back_seen_ms ?? 0);
    return set_back_ms;
  }

  /** After archiving: the last entry may have become the checkpoint. */
  private applyArchive(): void {
    this.last_entry = this.store.lastEntry();
    this.archived_until_ms = this.store.archive.archivedUntilMs();
  }

  /**
   * Rebuilds what was spent in the last minutes from the newest entries and the live calls; of a longer call only its last
   * minutes count, as they would have if the object had been running.
   */
  private seedBurnRate(now_ms: number): void {
    for (const call of this.live.values()) {
      const began_ms = call.proof_at_ms - call.proof_of_life_seconds * SECOND_MS;
      this.burn_rate.recordSpan(usedMicros(call), began_ms, call.proof_at_ms, now_ms);
    }
    for (const entry of this.store.entriesBefore(Number.MAX_SAFE_INTEGER, BURN_RATE_SEED_ENTRIES)) {
      if (!this.burn_rate.isRecent(entry.posted_at_ms, now_ms)) break;
      const call = entry.call_id === null ? undefined : this.store.resolvedCall(entry.call_id);
      if (!call) continue;
      const ended_ms = spentAtMs(call, entry.posted_at_ms);
      this.burn_rate.recordSpan(-entry.amount_micros, ended_ms - call.duration_ms, ended_ms, now_ms);
    }
  }

  private putHold(call: LiveCall, hold_id: number): void {
    this.count(this.live.get(call.call_id), -1);
    this.count(call, 1);
    this.live.set(call.call_id, call);
    this.hold_ids.set(call.call_id, hold_id);
    this.last_hold_id = Math.max(this.last_hold_id, hold_id);
  }

  private removeHold(call_id: string): void {
    this.count(this.live.get(call_id), -1);
    this.live.delete(call_id);
    this.hold_ids.delete(call_id);
  }

  /** Adds a live call to the sums, or takes it out. */
  private count(call: LiveCall | undefined, sign: 1 | -1): void {
    if (!call) return;
    this.held_micros += sign * call.held_micros;
    this.used_micros += sign * usedMicros(call);
    if (call.answered_at_ms !== null)
      this.live_micros_per_minute +=
        sign * (call.rate.price_micros_per_minute + call.expected_provider_micros_per_minute);
  }
}

/** When the money of a call that held nothing was spent: at the end of the call, however late it is reported. */
function spentAtMs({ ended_at_ms }: ResolvedCall, reported_at_ms: number): number {
  return Math.min(ended_at_ms, reported_at_ms);
}
