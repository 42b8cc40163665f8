import { counted, inEveryLanguage } from "../../words/languages";

interface Counted {
  seconds: string;
  price: string;
  rate: string;
  increments: string;
  minimum_seconds: number;
  free_seconds: number;
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
  connection: string;
  destination: string;
  providers: string;
  passed_on: string;
  own_key: (cost: string) => string;
  not_answered: (cost: string) => string;
  charged: string;
  used: string;
  free: string;
  late: (seconds: number) => string;
}

/** What one call cost and why. */
export const receiptWords = inEveryLanguage<Words>({
  en: {
    title: "Call receipt",
    back: "All calls",
    print: "You can print this page as a receipt.",
    began: "Began",
    answered: "Answered",
    ended: "Ended",
    length: "Length",
    end_reason: "Ended because",
    call_id: "Call ID",
    cost: "What it cost",
    what: "For",
    how: "How it is calculated",
    amount: "Amount",
    fee: "Platform fee",
    counted: ({ seconds, price, rate, increments, minimum_seconds, free_seconds }) =>
      `${counted(seconds, "second", "seconds")} at ${price} a minute (rate ${rate}, increments ${increments}${minimum_seconds > 0 ? `, at least ${counted(`${minimum_seconds}`, "second", "seconds")}` : ""}${free_seconds > 0 ? `, the first ${counted(`${free_seconds}`, "second", "seconds")} free` : ""})`,
    connection: "Connection fee",
    destination: "Destination",
    providers: "Provider costs",
    passed_on: "the provider's price, passed on",
    own_key: (cost) => `on your own key: you pay ${cost} to the provider`,
    not_answered: (cost) => `never answered: the provider's ${cost} is not charged`,
    charged: "Taken from the balance",
    used: "Used so far",
    free: "Calls that are rejected or not connected cost nothing.",
    late: (seconds) =>
      `Up to ${counted(`${seconds}`, "second", "seconds")} beyond the granted time ${seconds === 1 ? "is" : "are"} not charged.`,
  },
  nl: {
    title: "Gespreksbon",
    back: "Alle gesprekken",
    print: "U kunt deze pagina als bon afdrukken.",
    began: "Begonnen",
    answered: "Opgenomen",
    ended: "Beëindigd",
    length: "Duur",
    end_reason: "Reden van beëindiging",
    call_id: "Gesprek-ID",
    cost: "Kosten van het gesprek",
    what: "Voor",
    how: "Berekening",
    amount: "Bedrag",
    fee: "Platformkosten",
    counted: ({ seconds, price, rate, increments, minimum_seconds, free_seconds }) =>
      `${counted(seconds, "seconde", "seconden")} tegen ${price} per minuut (tarief ${rate}, eenheden ${increments}${minimum_seconds > 0 ? `, ten minste ${counted(`${minimum_seconds}`, "seconde", "seconden")}` : ""}${free_seconds > 0 ? `, de eerste ${counted(`${free_seconds}`, "seconde", "seconden")} gratis` : ""})`,
    connection: "Starttarief",
    destination: "Bestemming",
    providers: "Kosten van aanbieders",
    passed_on: "de prijs van de aanbieder, doorberekend",
    own_key: (cost) => `op uw eigen sleutel: ${cost} rekent u af met de aanbieder`,
    not_answered: (cost) => `niet opgenomen: ${cost} van de aanbieder wordt niet berekend`,
    charged: "Van het saldo afgeschreven",
    used: "Tot nu toe verbruikt",
    free: "Gesprekken die geweigerd zijn of niet tot stand kwamen, kosten niets.",
    late: (seconds) =>
      `Tot ${counted(`${seconds}`, "seconde", "seconden")} boven de toegekende tijd ${seconds === 1 ? "wordt" : "worden"} niet berekend.`,
  },
  de: {
    title: "Anrufbeleg",
    back: "Alle Anrufe",
    print: "Sie können diese Seite als Beleg drucken.",
    began: "Begonnen",
    answered: "Angenommen",
    ended: "Beendet",
    length: "Dauer",
    end_reason: "Grund für das Gesprächsende",
    call_id: "Anruf-ID",
    cost: "Kosten des Anrufs",
    what: "Für",
    how: "Berechnung",
    amount: "Betrag",
    fee: "Plattformgebühr",
    counted: ({ seconds, price, rate, increments, minimum_seconds, free_seconds }) =>
      `${counted(seconds, "Sekunde", "Sekunden")} zu ${price} pro Minute (Tarif ${rate}, Takt ${increments}${minimum_seconds > 0 ? `, mindestens ${counted(`${minimum_seconds}`, "Sekunde", "Sekunden")}` : ""}${free_seconds > 0 ? `, die ersten ${counted(`${free_seconds}`, "Sekunde", "Sekunden")} frei` : ""})`,
    connection: "Verbindungsentgelt",
    destination: "Ziel",
    providers: "Kosten der Anbieter",
    passed_on: "der Preis des Anbieters, weitergegeben",
    own_key: (cost) => `mit Ihrem eigenen Schlüssel: ${cost} zahlen Sie direkt an den Anbieter`,
    not_answered: (cost) => `nicht angenommen: ${cost} des Anbieters werden nicht berechnet`,
    charged: "Vom Guthaben abgezogen",
    used: "Bisher verbraucht",
    free: "Abgewiesene und nicht zustande gekommene Anrufe kosten nichts.",
    late: (seconds) =>
      `Bis zu ${counted(`${seconds}`, "Sekunde", "Sekunden")} über die gewährte Zeit hinaus ${seconds === 1 ? "wird" : "werden"} nicht berechnet.`,
  },
});
