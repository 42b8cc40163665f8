import { inEveryLanguage } from "./languages";

interface Counted {
  seconds: string;
  price: string;
  rate: string;
  increments: string;
  minimum_seconds: number;
}

interface Words {
  title: string;
  back: string;
  print: string;
  began: string;
  answered: string;
  ended: string;
  length: string;
  end_reason: string;
  call_id: string;
  cost: string;
  what: string;
  how: string;
  amount: string;
  fee: string;
  counted: (counted: Counted) => string;
  providers: string;
  passed_on: string;
  own_key: (cost: string) => string;
  charged: string;
  free: string;
}

/** What one call cost and why. */
export const receiptWords = inEveryLanguage<Words>({
  en: {
    title: "Receipt of a call",
    back: "All calls",
    print: "This page prints as a receipt.",
    began: "Began",
    answered: "Answered",
    ended: "Ended",
    length: "Length",
    end_reason: "Reason of the end",
    call_id: "Call ID",
    cost: "What it cost",
    what: "For",
    how: "How it is counted",
    amount: "Amount",
    fee: "Platform fee",
    counted: ({ seconds, price, rate, increments, minimum_seconds }) =>
      `${seconds} seconds at ${price} a minute (rate ${rate}, increments ${increments}${minimum_seconds > 0 ? `, at least ${minimum_seconds} seconds` : ""})`,
    providers: "Provider costs",
    passed_on: "the provider's price, passed on",
    own_key: (cost) => `on your own key: ${cost} is between you and the provider`,
    charged: "Taken from the balance",
    free: "Calls that are rejected or not connected cost nothing.",
  },
  nl: {
    title: "Bon van een gesprek",
    back: "Alle gesprekken",
    print: "Deze pagina is als bon af te drukken.",
    began: "Begonnen",
    answered: "Opgenomen",
    ended: "Beëindigd",
    length: "Duur",
    end_reason: "Reden van het einde",
    call_id: "Gesprek-ID",
    cost: "Wat het kostte",
    what: "Voor",
    how: "Hoe het is berekend",
    amount: "Bedrag",
    fee: "Platformkosten",
    counted: ({ seconds, price, rate, increments, minimum_seconds }) =>
      `${seconds} seconden tegen ${price} per minuut (tarief ${rate}, eenheden ${increments}${minimum_seconds > 0 ? `, ten minste ${minimum_seconds} seconden` : ""})`,
    providers: "Kosten van aanbieders",
    passed_on: "de prijs van de aanbieder, doorberekend",
    own_key: (cost) => `op uw eigen sleutel: ${cost} is tussen u en de aanbieder`,
    charged: "Van het tegoed afgeschreven",
    free: "Gesprekken die geweigerd zijn of niet tot stand kwamen, kosten niets.",
  },
  de: {
    title: "Beleg eines Anrufs",
    back: "Alle Anrufe",
    print: "Diese Seite lässt sich als Beleg drucken.",
    began: "Begonnen",
    answered: "Angenommen",
    ended: "Beendet",
    length: "Dauer",
    end_reason: "Grund des Endes",
    call_id: "Anruf-ID",
    cost: "Was er gekostet hat",
    what: "Für",
    how: "Wie gerechnet wird",
    amount: "Betrag",
    fee: "Plattformgebühr",
    counted: ({ seconds, price, rate, increments, minimum_seconds }) =>
      `${seconds} Sekunden zu ${price} je Minute (Tarif ${rate}, Takt ${increments}${minimum_seconds > 0 ? `, mindestens ${minimum_seconds} Sekunden` : ""})`,
    providers: "Kosten der Anbieter",
    passed_on: "der Preis des Anbieters, weitergegeben",
    own_key: (cost) => `mit Ihrem eigenen Schlüssel: ${cost} gehen direkt an den Anbieter`,
    charged: "Vom Guthaben abgebucht",
    free: "Abgewiesene und nicht zustande gekommene Anrufe kosten nichts.",
  },
});
