import type { EntryKind } from "../../ledger/core/credit/entry";
import { inEveryLanguage } from "./languages";

/** The kinds of entries, as people call them. */
export const entryWords = inEveryLanguage<Record<EntryKind, string>>({
  en: {
    purchase: "Credit bought",
    promotion: "Free credit",
    call: "Call",
    refund: "Refund",
    dispute: "Disputed payment",
    adjustment: "Adjustment",
    correction: "Correction of a call",
    expiry: "Expired credit",
    checkpoint: "Sum of earlier entries",
  },
  nl: {
    purchase: "Tegoed gekocht",
    promotion: "Gratis tegoed",
    call: "Gesprek",
    refund: "Terugbetaling",
    dispute: "Betwiste betaling",
    adjustment: "Aanpassing",
    correction: "Correctie van een gesprek",
    expiry: "Verlopen tegoed",
    checkpoint: "Som van eerdere boekingen",
  },
  de: {
    purchase: "Guthaben gekauft",
    promotion: "Gratisguthaben",
    call: "Anruf",
    refund: "Erstattung",
    dispute: "Angefochtene Zahlung",
    adjustment: "Anpassung",
    correction: "Korrektur eines Anrufs",
    expiry: "Verfallenes Guthaben",
    checkpoint: "Summe früherer Buchungen",
  },
});
