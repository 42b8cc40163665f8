import type { AuditFact } from "../../../units/audit-fact";
import type { RequestRecord } from "../../../units/repeatable";
import type { Account } from "../../core/account/account";
import {
  type ApiKey,
  type Authentication,
  type Caller,
  type KeyExists,
  type KeyMadeBefore,
  type KeyRefusal,
  keyExists,
  MAX_KEYS,
  type NoSuchKey,
  noSuchKey,
  whyVoid,
} from "../../core/account/api-keys";
import type { Organization, OrganizationChange } from "../../core/account/organization";
import { type NumberPage, numbersAfter, type OwnNumber, withNumber } from "../../core/account/own-numbers";
import { spendableMicros } from "../../core/book";
import { applicableRate, type DatedRate, isSameRate, type Rate } from "../../core/credit/rating";
import { voiceRateOfCard } from "../../core/credit/standard-voice-rate";
import { type TooMany, tooMany } from "../../core/refusals";
import type { LedgerChanges } from "../../store/changes";
import type { OrganizationChanges } from "../../store/organization-store";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import type { TopUpCommands } from "./auto-top-up";

/** Limits of what the object keeps in memory for one organization. */
const MAX_NUMBERS = 10_000;
const MAX_RATES = 500;

/** What is known of a number that an organization is given, and who has asked for it. */
export interface GivenNumber {
  since_ms?: number;
  is_default?: boolean | undefined;
  fact?: AuditFact | undefined;
}

const EVERY_NUMBER: NumberPage = { after: null, limit: MAX_NUMBERS };

/** Who the organization is: its profile, keys, rates and numbers. */
export class AccountCommands {
  readonly #engine: LedgerEngine;
  readonly #open: Components;
  readonly #top_up: TopUpCommands;

  constructor(engine: LedgerEngine, open: Components, top_up: TopUpCommands) {
    this.#engine = engine;
    this.#open = open;
    this.#top_up = top_up;
  }

  get #memory() {
    return this.#open.state;
  }

  /** Checks one of the organization's own keys, and notes that it was used. */
  authenticate(caller: Caller): Authentication {
    const { keys } = this.#memory;
    const now_ms = Date.now();
    const admission = keys.authenticate(caller, now_ms, this.#engine.settings);
    const used = admission.outcome === "admitted" ? keys.withLastUse(caller, now_ms) : undefined;
    if (used) this.#engine.commit({ api_key: used });
    return admission;
  }

  /** The balance and who has it. `standard_voice` is the operator's rate, in force where the organization has none. */
  account(standard_voice: Rate): { outcome: "account"; account: Account } {
    this.#engine.rememberStandardRate(this.#open, standard_voice);
    return { outcome: "account", account: this.#accountOf(standard_voice) };
  }

  /** `request_key`: of a request that may have made one of them. */
  keys(request_key?: string): {
    outcome: "keys";
    keys: ApiKey[];
    has_room: boolean;
    made_before: KeyMadeBefore | null;
  } {
    const { keys } = this.#memory;
    const made_before = request_key === undefined ? null : this.#madeBefore(request_key);
    return { outcome: "keys", keys: keys.list(), has_room: keys.hasRoom, made_before };
  }

  key(key_id: string): { outcome: "key"; key: ApiKey } | NoSuchKey {
    const key = this.#memory.keys.get(key_id);
    return key ? { outcome: "key", key } : noSuchKey();
  }

  /**
   * Puts a new key in force, unless there are too many, or the one that makes it has been revoked meanwhile. The same again
   * changes nothing, also when it was revoked meanwhile; of two that were made under one id the second is refused. A `request`
   * that has made one before makes no other.
   */
  addKey(
    key: ApiKey,
    request: RequestRecord | null = null,
    fact?: AuditFact,
  ): { outcome: "changed" } | ({ outcome: "repeated" } & KeyMadeBefore) | KeyExists | KeyRefusal | TooMany {
    const { keys } = this.#memory;
    const made_before = request && this.#madeBefore(request.request_key);
    if (made_before) return { outcome: "repeated", ...made_before };
    const known = this.#knownKey(key.key_id);
    if (known) return known.hash === key.hash ? { outcome: "changed" } : keyExists();
    const maker = keys.get(key.made_by ?? "");
    const is_void = maker && whyVoid(maker, Date.now());
    if (is_void) return is_void;
    if (!keys.hasRoom) return tooMany("keys", MAX_KEYS, " Revoke one first.");
    return this.#change({ api_key: key, ...(request && { request }), asked_by: fact });
  }

  /** Revokes a key, once. */
  revokeKey(key_id: string, fact?: AuditFact): { outcome: "changed" } | NoSuchKey {
    const key = this.#memory.keys.get(key_id);
    if (!key) return noSuchKey();
    if (key.revoked_at_ms !== null) return { outcome: "changed" };
    return this.#change({ api_key: { ...key, revoked_at_ms: Date.now() }, asked_by: fact });
  }

  rates(): { outcome: "rates"; rates: DatedRate[] } {
    return { outcome: "rates", rates: this.#memory.rates };
  }

  /** Adds a version of a rate, or replaces the one of that name and instant. */
  putRate(rate: DatedRate, fact?: AuditFact): { outcome: "changed" } | TooMany {
    const { rates } = this.#memory;
    const { name, effective_from_ms } = rate;
    const known = rates.find((each) => each.name === name && each.effective_from_ms === effective_from_ms);
    if (known && isSameRate(known, rate)) return { outcome: "changed" };
    if (!known && rates.length >= MAX_RATES) return tooMany("versions of rates", MAX_RATES);
    return this.#change({ rate, asked_by: fact });
  }

  /** The operator's rate card: the price of a voice call, now and later, is what credit is measured by. */
  hearOfCard(card: readonly DatedRate[]): { outcome: "changed" } {
    const known = this.#memory.standard_voice_rate;
    const voice = voiceRateOfCard(card, Date.now());
    if (JSON.stringify(voice) !== JSON.stringify(known)) this.#engine.setStandardRate(this.#open, voice);
    return { outcome: "changed" };
  }

  /** Its numbers, the oldest first: a part of them, or all. */
  numbers(page: NumberPage = EVERY_NUMBER): { outcome: "numbers"; numbers: OwnNumber[] } {
    return { outcome: "numbers", numbers: numbersAfter(this.#memory.numbers.values(), page) };
  }

  hasRoomForNumber(e164: string): { outcome: "room" } | TooMany {
    const { numbers } = this.#memory;
    const has_room = numbers.has(e164) || numbers.size < MAX_NUMBERS;
    return has_room ? { outcome: "room" } : tooMany("numbers", MAX_NUMBERS);
  }

  /** Gives the organization a number. Without `is_default`, which number outbound calls use by default stays as it is. */
  putNumber(
    e164: string,
    { since_ms = Date.now(), is_default, fact }: GivenNumber = {},
  ): { outcome: "changed" } | TooMany {
    const room = this.hasRoomForNumber(e164);
    if (room.outcome === "refused") return room;
    const numbers = withNumber(this.#memory.numbers, { e164, since_ms, is_default }, Date.now());
    return numbers.length > 0 ? this.#change({ numbers, asked_by: fact }) : { outcome: "changed" };
  }

  removeNumber(e164: string): { outcome: "changed" } {
    return this.#memory.numbers.has(e164) ? this.#change({ removed_number: e164 }) : { outcome: "changed" };
  }

  setProfile(patch: OrganizationChange, fact?: AuditFact): { outcome: "profile"; profile: Organization } {
    const { profile: before, epoch } = this.#memory;
    const profile = { ...before, ...patch };
    if (JSON.stringify(profile) !== JSON.stringify(before))
      this.#change({ organization: { organization: profile, epoch }, asked_by: fact });
    return { outcome: "profile", profile };
  }

  /** Told to a ledger from before it kept the platform's id; one that knows it stays as it is. */
  learnExternalId(external_id: string | null): { outcome: "changed" } {
    if (this.#memory.profile.external_id === undefined) this.setProfile({ external_id });
    return { outcome: "changed" };
  }

  /**
   * After a restore from a point in time: later entries must not take the projected ids of those that were lost.
   * Answers the epoch in force, which is a later one when that was begun before.
   */
  beginEpoch(asked: number, fact?: AuditFact): { outcome: "epoch"; epoch: number } {
    const { profile: organization, epoch: before } = this.#memory;
    const epoch = Math.max(before, asked);
    if (epoch === before) return { outcome: "epoch", epoch };
    this.#top_up.restored();
    this.#change({ organization: { organization, epoch }, asked_by: fact }, false);
    return { outcome: "epoch", epoch };
  }

  #madeBefore(request_key: string): KeyMadeBefore | null {
    const request = this.#engine.rows.organization.requests.find(request_key, Date.now());
    return request ? { request, key: this.#knownKey(request.object_id) ?? null } : null;
  }

  /** Also one that memory has let go of. */
  #knownKey(key_id: string): ApiKey | undefined {
    return this.#memory.keys.get(key_id) ?? this.#engine.rows.organization.key(key_id);
  }

  #accountOf(standard_voice: Rate): Account {
    const state = this.#memory;
    const { now_ms } = state.clock;
    const { posted_micros, held_micros } = state;
    return {
      ...state.profile,
      epoch: state.epoch,
      posted_micros,
      held_micros,
      spendable_micros: spendableMicros({ posted_micros, held_micros }),
      remaining_micros: state.remaining_micros,
      voice_rate: applicableRate(state.rates, "voice", now_ms, standard_voice),
      month_seconds: state.monthSeconds(now_ms),
      burn_micros_per_minute: state.burnMicrosPerMinute(now_ms),
      active_calls: state.live.size,
      active_numbers: state.numbers.size,
    };
  }

  /** Changes the account, and measures credit anew by it. */
  #change(
    changes: OrganizationChanges & Pick<LedgerChanges, "asked_by">,
    may_buy = true,
  ): { outcome: "changed" } {
    this.#engine.commit(changes);
    this.#engine.pricesChanged(this.#open);
    this.#engine.startDueTopUp(this.#open, may_buy);
    return { outcome: "changed" };
  }
}
