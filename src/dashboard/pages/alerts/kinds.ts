import type { AlertKind } from "../../../ledger/core/credit/balance-alerts";
import { centsToMicros } from "../../../units/money";
import { amountIn, hundredthsOf, unitsOf, type WrittenNumber, wholeNumberIn } from "../../format/amounts";
import type { Format } from "../../format/format";
import type { KindName } from "./words";

/** How a number is read and written on this page. */
interface Unit {
  /** What `numberTrouble` calls it. */
  trouble: "euros" | "number";
  read: (text: string, language: Format["language"]) => WrittenNumber;
  /** The threshold in the unit of its kind; undefined when it cannot be read. */
  thresholdOf: (written: WrittenNumber) => number | undefined;
  text: (threshold: number, format: Format) => string;
}

/** A whole number, such as minutes. */
export const WHOLE_NUMBER: Unit = {
  trouble: "number",
  read: wholeNumberIn,
  thresholdOf: (written) => unitsOf(written) ?? undefined,
  text: (threshold, format) => format.number(threshold),
};

const EUROS: Unit = {
  trouble: "euros",
  read: amountIn,
  thresholdOf: (written) => {
    const cents = hundredthsOf(written);
    return cents === null ? undefined : centsToMicros(cents);
  },
  text: (threshold, format) => format.exactMoney(threshold),
};

/** All that this page has to know of each kind of alert: one that is left out does not compile. */
export const KINDS: Record<AlertKind, { name: KindName; unit: Unit }> = {
  minutes: { name: "minutes", unit: WHOLE_NUMBER },
  amount_micros: { name: "euros", unit: EUROS },
  runway_minutes: { name: "runway", unit: WHOLE_NUMBER },
};
