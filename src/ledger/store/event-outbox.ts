import type { NewEvent } from "../../webhooks/event-catalogue";
import { type AlertFacts, DEFAULT_ALERTS } from "../core/credit/balance-alerts";
import type { StandardVoiceRate } from "../core/credit/standard-voice-rate";

/** What an organization's endpoints want to hear; `all` with those events that are yet to come. */
export type Subscription = "all" | string[];

export function includesEvent(wanted: Subscription, type: string): boolean {
  return wanted === "all" || wanted.includes(type);
}

export interface EventCursor {
  entry_seq: number;
  notice_seq: number;
  wanted: Subscription;
}

/** What a commit may change of what is told. */
export interface EventChanges {
  alerts?: AlertFacts;
  standard_voice_rate?: StandardVoiceRate;
  /** To be told, with the other changes of the commit or not at all. */
  events?: readonly NewEvent[];
  /** Events that have been told, by the seq of their rows. */
  relayed?: readonly { seq: number }[];
  event_cursor?: EventCursor;
}

/** Rows of what is to be told. */
export class EventOutbox {
  /** Whether there is an event to tell of; undefined when that has to be looked up. */
  private has_some: boolean | undefined;

  constructor(private readonly sql: SqlStorage) {}

  alerts(): AlertFacts {
    const row = this.sql.exec<{ facts: string }>("SELECT facts FROM alert").toArray()[0];
    return row ? (JSON.parse(row.facts) as AlertFacts) : DEFAULT_ALERTS;
  }

  /** The operator's voice rate as it was last heard of, undefined before it was. */
  standardVoiceRate(): StandardVoiceRate | undefined {
    const row = this.sql.exec<{ facts: string }>("SELECT facts FROM standard_voice").toArray()[0];
    return row && (JSON.parse(row.facts) as StandardVoiceRate);
  }

  /** Costs nothing while nothing changes: asked after every command. */
  get hasSome(): boolean {
    this.has_some ??= this.sql.exec("SELECT 1 FROM event LIMIT 1").toArray().length > 0;
    return this.has_some;
  }

  /** The oldest that are for the customer, or for operators. */
  first(whom: "customer" | "operators", limit: number): { seq: number; event: NewEvent }[] {
    return this.sql
      .exec<{ seq: number; event_id: string; type: string; at_ms: number; data: string }>(
        `SELECT seq, event_id, type, at_ms, data FROM event WHERE (type LIKE 'ops.%') = ? ORDER BY seq LIMIT ?`,
        whom === "operators" ? 1 : 0,
        limit,
      )
      .toArray()
      .map(({ seq, event_id: id, type, at_ms: occurred_at_ms, data }) => ({
        seq,
        event: { id, type, occurred_at_ms, data: JSON.parse(data) } as NewEvent,
      }));
  }

  cursor(): EventCursor {
    const { wanted, ...told } = this.sql
      .exec<{ entry_seq: number; notice_seq: number; wanted: string }>(
        "SELECT entry_seq, notice_seq, wanted FROM told",
      )
      .one();
    return { ...told, wanted: JSON.parse(wanted) };
  }

  /** Writes what is to be told, what was told, and what decides whether it is. */
  apply({ alerts, standard_voice_rate, events = [], relayed = [], event_cursor }: EventChanges): void {
    if (alerts) this.putAlerts(alerts);
    if (standard_voice_rate) this.putStandardVoiceRate(standard_voice_rate);
    for (const event of events) this.insert(event);
    this.delete(relayed);
    if (event_cursor) this.putCursor(event_cursor);
  }

  private putAlerts(facts: AlertFacts): void {
    this.sql.exec(
      "INSERT INTO alert (id, facts) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts",
      JSON.stringify(facts),
    );
  }

  private putStandardVoiceRate(voice: StandardVoiceRate): void {
    this.sql.exec(
      "INSERT INTO standard_voice (id, facts) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts",
      JSON.stringify(voice),
    );
  }

  private insert({ id, type, occurred_at_ms, data }: NewEvent): void {
    this.has_some = true;
    this.sql.exec(
      "INSERT INTO event (event_id, type, at_ms, data) VALUES (?, ?, ?, ?)",
      id,
      type,
      occurred_at_ms,
      JSON.stringify(data),
    );
  }

  private delete(told: readonly { seq: number }[]): void {
    if (told.length === 0) return;
    this.has_some = undefined;
    const seqs = JSON.stringify(told.map(({ seq }) => seq));
    this.sql.exec("DELETE FROM event WHERE seq IN (SELECT value FROM json_each(?))", seqs);
  }

  private putCursor({ entry_seq, notice_seq, wanted }: EventCursor): void {
    this.sql.exec(
      "UPDATE told SET entry_seq = ?, notice_seq = ?, wanted = ?",
      entry_seq,
      notice_seq,
      JSON.stringify(wanted),
    );
  }
}
