import type { EntryKind } from "../../ledger/types";
import { inEveryLanguage } from "./languages";

/** The kinds of entries, as people call them. */
export const entryWords = inEveryLanguage<Record<EntryKind, string>>({
  en: {
    purchase: "Credit bought",
    promotion: "Gift",
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
    promotion: "Cadeau",
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
    promotion: "Geschenk",
    call: "Anruf",
    refund: "Erstattung",
    dispute: "Angefochtene Zahlung",
    adjustment: "Anpassung",
    correction: "Korrektur eines Anrufs",
    expiry: "Verfallenes Guthaben",
    checkpoint: "Summe früherer Buchungen",
  },
});
