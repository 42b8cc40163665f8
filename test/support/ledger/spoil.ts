import { vi } from "vitest";
import { LedgerMemory } from "../../../src/ledger/object/memory";
import type { NumberedChanges } from "../../../src/ledger/store/changes";

/**
 * Spoils what is decided of one call, or of the entry with one key, between the decision and the commit: the object runs in this
 * isolate, so its classes can be spoiled here. Until `vi.restoreAllMocks`.
 */
export function spoilChanges(
  of: string,
  spoil: (changes: NumberedChanges) => Partial<NumberedChanges> | undefined,
): void {
  const placed = LedgerMemory.prototype.withRowNumbers;
  vi.spyOn(LedgerMemory.prototype, "withRowNumbers").mockImplementation(function (this: LedgerMemory, all) {
    return placed.call(this, all).map((changes) => {
      const { hold, resolved, entry } = changes;
      const is_meant = [hold?.call_id, resolved?.call_id, entry?.key].includes(of);
      return is_meant ? { ...changes, ...spoil(changes) } : changes;
    });
  });
}
