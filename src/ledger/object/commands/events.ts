import type { AuditFact } from "../../../units/audit-fact";
import type { NewEvent } from "../../../webhooks/event-catalogue";
import {
  type AlertFacts,
  type AlertThreshold,
  sameAlerts,
  withThresholds,
} from "../../core/credit/balance-alerts";
import type { Subscription } from "../../store/event-outbox";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import { needsLedgerEvents } from "../event-relay";

export interface AlertsAnswer {
  outcome: "alerts";
  alerts: AlertFacts;
}

/** Which alerts and events somebody wants to hear. */
export class EventCommands {
  readonly #engine: LedgerEngine;
  readonly #open: Components;

  constructor(engine: LedgerEngine, open: Components) {
    this.#engine = engine;
    this.#open = open;
  }

  get #memory() {
    return this.#open.state;
  }

  /** The alerts that are set, and which of them have gone off. */
  alerts(): AlertsAnswer {
    return { outcome: "alerts", alerts: this.#memory.alerts };
  }

  /**
   * Other alerts from now on. One that is below its threshold goes off at once. With `instead_of` only if these are the
   * present ones: of two people who change them at once, neither undoes what the other has done.
   */
  setAlerts(
    thresholds: AlertThreshold[],
    { instead_of, fact }: { instead_of?: AlertThreshold[] | undefined; fact?: AuditFact | undefined } = {},
  ): AlertsAnswer {
    const { alerts } = this.#memory;
    if (sameAlerts(alerts.thresholds, thresholds)) return { outcome: "alerts", alerts };
    if (instead_of && !sameAlerts(alerts.thresholds, instead_of)) return { outcome: "alerts", alerts };
    const facts = withThresholds(this.#memory.alerts, thresholds);
    this.#engine.commit({ alerts: facts, asked_by: fact });
    this.#engine.raiseDueAlerts(this.#open, false);
    return { outcome: "alerts", alerts: this.#memory.alerts };
  }

  /** Notes an event that happened outside the ledger, to be told with its own. */
  noteEvent(event: NewEvent): { outcome: "changed" } {
    this.#engine.commit({ events: [event] });
    this.#engine.relaySoon(this.#open);
    return { outcome: "changed" };
  }

  /** Which events somebody listens to. What happened while nobody did is not told afterwards. */
  setWanted(wanted: Subscription): { outcome: "changed" } {
    const here = {
      entry_seq: this.#memory.last_entry?.seq ?? 0,
      notice_seq: this.#memory.last_resolution_seq,
    };
    const event_cursor = {
      ...(needsLedgerEvents(this.#memory.event_cursor.wanted) ? this.#memory.event_cursor : here),
      wanted,
    };
    this.#engine.commit({ event_cursor });
    return { outcome: "changed" };
  }
}
