import { inEveryLanguage } from "../../words/languages";
import type { FilterField } from "./filter";

interface Words {
  filter: string;
  first: string;
  last: string;
  number: string;
  all: string;
  show: string;
  wrong_title: string;
  wrong: Record<FilterField, (max_days: number) => string>;
  total: string;
  total_note: string;
  minutes: string;
  minutes_note: string;
  calls: string;
  rejected: (calls: string) => string;
  fee: string;
  fee_note: string;
  provider_costs: string;
  provider_costs_note: string;
  chart: string;
  csv: string;
  began: string;
  length: string;
  cost: string;
  none: { title: string; text: string };
  newest: string;
  older: string;
  pages: string;
}

/** Calls, filtered. */
export const usageWords = inEveryLanguage<Words>({
  en: {
    filter: "Which calls",
    first: "From",
    last: "Up to",
    number: "Phone number",
    all: "All",
    show: "Show",
    wrong_title: "These calls cannot be shown",
    wrong: {
      from: () => "From: enter a day, such as 2026-11-01.",
      to: (max_days) => `Up to: enter a day that is not before the first, at most ${max_days} days in all.`,
      direction: () => "Direction: choose inbound, outbound or all.",
      status: () => "Status: choose one from the list.",
      number: () => "Phone number: enter it with + and the country code, such as +31201234567.",
      before: () => "This page of older calls does not exist. Start again with Show.",
    },
    total: "Charged",
    total_note: "for the calls shown here",
    minutes: "Minutes",
    minutes_note: "as charged",
    calls: "Calls",
    rejected: (calls) => `${calls} of them rejected`,
    fee: "Platform fee",
    fee_note: "per minute",
    provider_costs: "Provider costs",
    provider_costs_note: "passed on",
    chart: "Charged by day",
    csv: "Download as CSV",
    began: "Began",
    length: "Length",
    cost: "Cost",
    none: {
      title: "No calls here",
      text: "Choose other days or fewer filters, and write numbers with + and the country code. A call appears here once it has ended.",
    },
    newest: "Newest",
    older: "Older",
    pages: "Pages of calls",
  },
  nl: {
    filter: "Welke gesprekken",
    first: "Van",
    last: "Tot en met",
    number: "Telefoonnummer",
    all: "Alle",
    show: "Tonen",
    wrong_title: "Deze gesprekken kunnen niet worden getoond",
    wrong: {
      from: () => "Van: vul een dag in, zoals 2026-11-01.",
      to: (max_days) =>
        `Tot en met: vul een dag in die niet voor de eerste ligt, samen ten hoogste ${max_days} dagen.`,
      direction: () => "Richting: kies inkomend, uitgaand of alle.",
      status: () => "Status: kies er een uit de lijst.",
      number: () => "Telefoonnummer: vul het in met + en het landnummer, zoals +31201234567.",
      before: () => "Deze pagina met oudere gesprekken bestaat niet. Begin opnieuw met Tonen.",
    },
    total: "In rekening gebracht",
    total_note: "voor de gesprekken hier",
    minutes: "Minuten",
    minutes_note: "zoals berekend",
    calls: "Gesprekken",
    rejected: (calls) => `waarvan ${calls} geweigerd`,
    fee: "Platformkosten",
    fee_note: "per minuut",
    provider_costs: "Kosten van aanbieders",
    provider_costs_note: "doorberekend",
    chart: "In rekening gebracht per dag",
    csv: "Downloaden als CSV",
    began: "Begonnen",
    length: "Duur",
    cost: "Kosten",
    none: {
      title: "Hier zijn geen gesprekken",
      text: "Kies andere dagen of minder filters, en schrijf nummers met + en het landnummer. Een gesprek staat hier zodra het beëindigd is.",
    },
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's met gesprekken",
  },
  de: {
    filter: "Welche Anrufe",
    first: "Von",
    last: "Bis",
    number: "Telefonnummer",
    all: "Alle",
    show: "Anzeigen",
    wrong_title: "Diese Anrufe lassen sich nicht anzeigen",
    wrong: {
      from: () => "Von: Geben Sie einen Tag ein, etwa 2026-11-01.",
      to: (max_days) =>
        `Bis: Geben Sie einen Tag ein, der nicht vor dem ersten liegt, zusammen höchstens ${max_days} Tage.`,
      direction: () => "Richtung: Wählen Sie eingehend, ausgehend oder alle.",
      status: () => "Status: Wählen Sie einen aus der Liste.",
      number: () => "Telefonnummer: Geben Sie sie mit + und Landesvorwahl ein, etwa +31201234567.",
      before: () => "Diese Seite älterer Anrufe gibt es nicht. Beginnen Sie neu mit Anzeigen.",
    },
    total: "Berechnet",
    total_note: "für die Anrufe hier",
    minutes: "Minuten",
    minutes_note: "wie berechnet",
    calls: "Anrufe",
    rejected: (calls) => `davon ${calls} abgewiesen`,
    fee: "Plattformgebühr",
    fee_note: "pro Minute",
    provider_costs: "Kosten der Anbieter",
    provider_costs_note: "weitergegeben",
    chart: "Berechnet pro Tag",
    csv: "Als CSV herunterladen",
    began: "Begonnen",
    length: "Dauer",
    cost: "Kosten",
    none: {
      title: "Hier sind keine Anrufe",
      text: "Wählen Sie andere Tage oder weniger Filter, und schreiben Sie Nummern mit + und Landesvorwahl. Ein Anruf erscheint hier, sobald er beendet ist.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Anrufe",
  },
});
