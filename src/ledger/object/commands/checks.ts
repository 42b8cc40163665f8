import { yieldToEventLoop } from "../../../runtime/next-task";
import type { KnownCharge, KnownEntry } from "../../../storage/calls/ledger-copies";
import type { AuditFact } from "../../../units/audit-fact";
import type { KeysOfSecret } from "../../core/account/api-keys";
import type { ResolvedCall } from "../../core/calls/call";
import type { Entry } from "../../core/credit/entry";
import type { DatedRate } from "../../core/credit/rating";
import type { ProjectionUpkeep } from "../../store/projection-store";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import {
  irregularCalls,
  type VerifyCursor,
  type VerifyPortion,
  verifiedRange,
  verifyPortion,
  verifyTotals,
} from "../verify";
import { differenceOfCopies } from "../verify-copies";
import type { AccountCommands } from "./account";

/** How the copy of a ledger in D1 is looked after. */
export interface ProjectionStatus extends ProjectionUpkeep {
  outcome: "projection";
  /** The first entry that is here: those before it have left. */
  kept_from_seq: number;
  /** Calls that began after this are all here, null when all are; of those before, some have left. */
  archived_until_ms: number | null;
}

/** How far the ledger has come, and what may not be forgotten because of it. */
export interface Written {
  outcome: "written";
  entry_seq: number;
  notice_seq: number;
  /** Its keys that are in force. An object of the version before does not say it. */
  keys_of_secrets?: KeysOfSecret[];
  /** See `Organization`. */
  external_id?: string | null;
}

/** An entry by its seq, for whoever has kept its digest. */
export interface ChainedAt {
  outcome: "chained";
  /** The generation in force. */
  epoch: number;
  last_seq: number;
  /** The last entry that has left, 0 when all are here. */
  left_seq: number;
  entry: { epoch: number; digest: string | null; balance_after_micros: number } | null;
}

/** Entries in their order, and the calls that they are of. */
export interface CopiedPage {
  outcome: "copied";
  entries: Entry[];
  calls: ResolvedCall[];
}

/** What a comparison has come to; null as a rule. */
export interface Difference {
  outcome: "compared";
  difference: string | null;
}

/** What D1 was given last. */
export interface NewestCopies {
  entries: KnownEntry[];
  calls: KnownCharge[];
}

/** Whether the ledger adds up, and how far its copies have come. */
export class Checks {
  readonly #engine: LedgerEngine;
  readonly #open: Components;
  readonly #account: AccountCommands;

  constructor(engine: LedgerEngine, open: Components, account: AccountCommands) {
    this.#engine = engine;
    this.#open = open;
    this.#account = account;
  }

  get #memory() {
    return this.#open.state;
  }

  get #store() {
    return this.#engine.store;
  }

  /** One portion of a check of everything; pass null to begin, then the cursor of the answer until it is null. */
  verifyPortion(cursor: VerifyCursor | null): VerifyPortion {
    const until_seq = this.#memory.last_entry?.seq ?? 0;
    const from = cursor ?? { until_seq, seq: 0, balance_micros: 0, call_id: null };
    const { posted_micros, held_micros } = this.#memory;
    const totals = { posted_micros, held_micros };
    const wrong = cursor ? null : verifyTotals(this.#store, this.#memory.live, totals);
    const portion = wrong ? { cursor: null, first_difference: wrong } : verifyPortion(this.#store, from);
    const irregular = irregularCalls(this.#store);
    return {
      outcome: "portion",
      ...portion,
      ...totals,
      ...verifiedRange(this.#store, portion.cursor ?? from),
      ...irregular,
    };
  }

  /**
   * As `verifyPortion`, portion after portion for about `budget_ms`, with a turn for everything else after each: a check of
   * millions of calls takes few requests.
   */
  async verifyFor(cursor: VerifyCursor | null, budget_ms: number): Promise<VerifyPortion> {
    const until_ms = Date.now() + budget_ms;
    for (let next = cursor; ; ) {
      const portion = this.verifyPortion(next);
      if (portion.cursor === null) return portion;
      next = portion.cursor;
      await yieldToEventLoop();
      if (Date.now() >= until_ms) return portion;
    }
  }

  /** What memory says that its rows do not, null as a rule: the first part of a check, and cheap. */
  memoryDifference(): Difference {
    return { outcome: "compared", difference: verifyTotals(this.#store, this.#memory.live, this.#memory) };
  }

  /** How much was written so far: the same numbers again say that nothing was written since. And whose keys are in force. */
  written(): Written {
    const { last_entry, last_resolution_seq, keys, profile } = this.#memory;
    const { external_id } = profile;
    return {
      outcome: "written",
      entry_seq: last_entry?.seq ?? 0,
      notice_seq: last_resolution_seq,
      keys_of_secrets: keys.countBySecret(Date.now()),
      ...(external_id !== undefined && { external_id }),
    };
  }

  /** How the copy in D1 is compared and made anew, and what of the ledger can be. */
  projection(): ProjectionStatus {
    const { store, archived_until_ms } = this.#memory;
    const left_seq = store.checkpoint()?.seq ?? 0;
    return {
      outcome: "projection",
      ...this.#open.projection_keeper.facts,
      kept_from_seq: left_seq + 1,
      archived_until_ms,
    };
  }

  /** Makes the copy in D1 anew from all that is kept here, in the background. While that is under way, another asks in vain. */
  rebuildProjection(fact?: AuditFact): ProjectionStatus {
    this.#open.projection_keeper.startRebuild(fact);
    this.#engine.keepProjectionSoon(this.#open);
    return this.projection();
  }

  /** Compares the copy in D1 with what is kept here, in the background; a difference is told, and the copy made anew. */
  checkProjection(): ProjectionStatus {
    this.#open.projection_keeper.startCheck();
    this.#engine.keepProjectionSoon(this.#open);
    return this.projection();
  }

  /** The entry with this seq as the chain of digests has it, and how far the ledger reaches. */
  chainedAt(seq: number): ChainedAt {
    const entry = this.#store.chain.get(seq);
    const { epoch, last_entry } = this.#memory;
    const left_seq = this.#store.checkpoint()?.seq ?? 0;
    return {
      outcome: "chained",
      epoch,
      last_seq: last_entry?.seq ?? 0,
      left_seq,
      entry: entry
        ? { epoch: entry.epoch, digest: entry.digest, balance_after_micros: entry.balance_after_micros }
        : null,
    };
  }

  /** Entries after `after_seq` with the calls that they are of, to be compared with what D1 has of them. */
  copied(after_seq: number, limit: number): CopiedPage {
    const entries = this.#store.entriesAfter(after_seq, limit);
    const call_ids = new Set(entries.flatMap(({ call_id }) => call_id ?? []));
    const calls = [...call_ids].flatMap((call_id) => this.#store.resolvedCall(call_id) ?? []);
    return { outcome: "copied", entries, calls };
  }

  /** What the newest copies in D1 are of and the ledger no longer has. */
  missing(copies: NewestCopies): Difference {
    return { outcome: "compared", difference: differenceOfCopies(this.#memory, copies) };
  }

  /**
   * How far D1 lags behind, and whether somebody listens to events. Also sets the projection and auto top-up going again when
   * they stand still, and tells the operator's rate card.
   */
  health(card: readonly DatedRate[] | null = null): {
    outcome: "health";
    outbox: number;
    oldest_age_ms: number;
    has_webhooks: boolean;
  } {
    this.#engine.resume();
    if (card) this.#account.hearOfCard(card);
    this.#engine.startDueTopUp(this.#open);
    const { count, oldest_at_ms } = this.#open.projector.outbox();
    return {
      outcome: "health",
      outbox: count,
      oldest_age_ms: oldest_at_ms ? Math.max(0, Date.now() - oldest_at_ms) : 0,
      has_webhooks: this.#memory.event_cursor.wanted.length > 0,
    };
  }
}
