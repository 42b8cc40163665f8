import type { NewEvent } from "../../webhooks/event-catalogue";
import type { ApiKey } from "../core/account/api-keys";
import type { Organization } from "../core/account/organization";
import type { OwnNumber } from "../core/account/own-numbers";
import type { Changes, Decision } from "../core/book";
import type { AlertFacts } from "../core/credit/balance-alerts";
import type { DatedRate } from "../core/credit/rating";
import type { StandardVoiceRate } from "../core/credit/standard-voice-rate";
import type { ArchiveBatch } from "./archive-store";
import type { EventCursor } from "./event-outbox";

/** Where the copy to D1 stands: the last entry and the last notice that it has. */
export interface ProjectionCursor {
  entry_seq: number;
  notice_seq: number;
}

/**
 * Everything that one commit may change: what the core has decided of calls and money, and what is the object's own. Each
 * field is written by `ObjectStore.apply` and then followed by `LedgerMemory.apply`; nothing else writes.
 */
export interface LedgerChanges extends Changes {
  /** The first commit of an object: makes its tables. */
  created?: Organization;
  /** Who the organization is from now on, and the generation of its ledger. */
  organization?: { organization: Organization; epoch: number };
  /** A key that is new, used or revoked. */
  api_key?: ApiKey;
  /** A version of one of the organization's own rates. */
  rate?: DatedRate;
  /** Numbers that are new or marked otherwise. */
  numbers?: readonly OwnNumber[];
  /** A number that is not the organization's any more. */
  removed_number?: string;
  alerts?: AlertFacts;
  standard_voice_rate?: StandardVoiceRate;
  /** To be told, with the other changes of the commit or not at all. */
  events?: readonly NewEvent[];
  /** Events that have been told, by the seq of their rows. */
  relayed?: readonly { seq: number }[];
  event_cursor?: EventCursor;
  projection_cursor?: ProjectionCursor;
  /** The oldest entries and calls leave. */
  archive?: ArchiveBatch;
}

/** Changes with the numbers of their rows. */
export interface PlacedChanges extends LedgerChanges {
  /** The row of the call's hold. */
  hold_id: number;
  /** The seq of the notice, when the call resolves without an entry. */
  notice_seq: number;
}

/** A decision with what the object adds to its changes. */
export interface LedgerDecision<Answer> extends Decision<Answer> {
  changes?: LedgerChanges;
  more?: LedgerChanges[];
}
