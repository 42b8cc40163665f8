import type { AuditFact } from "../../../units/audit-fact";
import type { Book } from "../../core/book";
import {
  type CardMissing,
  cardMissing,
  changedOnly,
  type TopUpAnswer,
  type TopUpCard,
  type TopUpFacts,
  type TopUpSettings,
  topUpView,
} from "../../core/credit/auto-top-up";
import {
  closeTopUp,
  pausedTopUp,
  topUpAfterRestore,
  withMismatch,
  withoutMismatch,
  withoutTopUpCard,
  withTopUpCard,
  withTopUpSettings,
} from "../../core/credit/auto-top-up-transitions";
import { purchaseKey } from "../../core/entry-keys";
import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import { newEvent } from "../events/event-payloads";
import { endedEvent } from "../events/top-up-pause-events";
import type { LedgerMemory } from "../memory";
import type { EventCommands } from "./events";

/** How auto top-up is set and paused, and how a purchase that it has claimed ends. */
export class TopUpCommands {
  readonly #engine: LedgerEngine;
  readonly #open: Components;
  readonly #events: EventCommands;

  constructor(engine: LedgerEngine, open: Components, events: EventCommands) {
    this.#engine = engine;
    this.#open = open;
    this.#events = events;
  }

  get #memory() {
    return this.#open.state;
  }

  get #store() {
    return this.#engine.store;
  }

  /** Auto top-up as it is set and as it stands. */
  autoTopUp(): TopUpAnswer {
    return topUpAnswer(this.#memory);
  }

  /** Turns auto top-up on with these settings, or off with null. On needs a saved card. */
  setAutoTopUp(settings: TopUpSettings | null, fact?: AuditFact): TopUpAnswer | CardMissing {
    if (settings && !this.#memory.top_up.card) return cardMissing();
    return this.#changeTopUp((facts) => withTopUpSettings(facts, settings), fact);
  }

  /** The card that auto top-up charges from now on, unless a later one is known. */
  putTopUpCard(card: TopUpCard): TopUpAnswer {
    return this.#changeTopUp((facts) => withTopUpCard(facts, card));
  }

  /** No card is charged any more, and auto top-up is off. Null: whichever card it is. */
  removeTopUpCard(payment_method_id: string | null, fact?: AuditFact): TopUpAnswer {
    return this.#changeTopUp((facts) => withoutTopUpCard(facts, payment_method_id), fact);
  }

  /** The purchase of a claim has failed for good. Of one that is not claimed, or not any more, it changes nothing. */
  closeTopUp(purchase_id: string, failure: { code: string; message: string }): TopUpAnswer {
    const { claim } = this.#memory.top_up;
    const answer = this.#changeTopUp((facts) => closeTopUp(facts, purchase_id, failure, Date.now()));
    if (claim?.purchase_id === purchase_id) {
      const { net_cents } = claim;
      this.#events.noteEvent({
        ...newEvent("auto_top_up.failed"),
        data: { purchase_id, net_cents, ...failure },
      });
    }
    return answer;
  }

  /**
   * A refund or dispute was heard of: nothing more is bought until a person turns auto top-up on again. Once for each `key`:
   * whoever has turned it on since is not stopped by a repeat.
   */
  pauseTopUp(key: `refund:${string}` | `dispute:${string}`, reason: "refund" | "dispute"): TopUpAnswer {
    return this.#engine.transact(this.#memory, ({ now_ms }) => {
      const answer = topUpAnswer(this.#memory);
      if (this.#store.earlierUse(key)) return { answer };
      const top_up = changedOnly(this.#memory.top_up, pausedTopUp(this.#memory.top_up, reason, now_ms));
      return { answer, changes: { top_up, key: { key, fingerprint: reason, answer: null } } };
    });
  }

  /** Money came for a purchase otherwise than it was asked for: nothing is bought until that is resolved. */
  openMismatch(purchase_id: string): TopUpAnswer {
    const is_credited = this.#store.earlierUse(purchaseKey(purchase_id)) !== undefined;
    return this.#changeTopUp((facts) => (is_credited ? facts : withMismatch(facts, purchase_id)));
  }

  /**
   * A person has resolved a mismatch without credit; one that is credited ends with its entry. Money that was given back is not
   * charged again by itself, either.
   */
  closeMismatch(purchase_id: string, by: "refunded" | "closed"): TopUpAnswer {
    return this.#changeTopUp((before) => {
      // One that the ledger has not heard of may still be claimed: the claim ends with it.
      const is_claimed = before.claim?.purchase_id === purchase_id;
      const facts = withoutMismatch(is_claimed ? withMismatch(before, purchase_id) : before, purchase_id);
      const is_charged_back = facts !== before && by === "refunded";
      return is_charged_back ? pausedTopUp(facts, "refund", Date.now()) : facts;
    });
  }

  /** The ledger was restored from a point in time: nothing is bought until a person turns auto top-up on again. */
  restored(): void {
    this.#changeTopUp((facts) => topUpAfterRestore(facts, this.#memory.topUpNeed(Date.now())));
  }

  /** Changes what is known of auto top-up, and tells of it when that ends it. */
  #changeTopUp(change: (facts: TopUpFacts) => TopUpFacts, asked_by?: AuditFact): TopUpAnswer {
    const decide = ({ now_ms }: Book) => {
      const { top_up: before } = this.#memory;
      const top_up = changedOnly(before, change(before));
      const event = top_up && endedEvent(before, top_up, now_ms);
      return { answer: undefined, changes: top_up && { top_up, ...(event && { events: [event] }) } };
    };
    this.#engine.transact(this.#memory, decide, { asked_by });
    return topUpAnswer(this.#memory);
  }
}

function topUpAnswer({ top_up, profile }: LedgerMemory): TopUpAnswer {
  return { outcome: "auto_top_up", top_up: topUpView(top_up, profile.state, Date.now()) };
}
