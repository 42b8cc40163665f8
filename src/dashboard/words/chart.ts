import { counted, inEveryLanguage } from "./languages";

interface Words {
  summary: (total: string, calls: string) => string;
  table: string;
  day: string;
  month: string;
  calls: string;
  rejected: string;
  minutes: string;
  cost: string;
}

/** What calls cost by day or month. */
export const chartWords = inEveryLanguage<Words>({
  en: {
    summary: (total, calls) => `${total} for ${counted(calls, "call", "calls")}.`,
    table: "Show as table",
    day: "Day",
    month: "Month",
    calls: "Calls",
    rejected: "Rejected",
    minutes: "Minutes",
    cost: "Cost",
  },
  nl: {
    summary: (total, calls) => `${total} voor ${counted(calls, "gesprek", "gesprekken")}.`,
    table: "Als tabel tonen",
    day: "Dag",
    month: "Maand",
    calls: "Gesprekken",
    rejected: "Geweigerd",
    minutes: "Minuten",
    cost: "Kosten",
  },
  de: {
    summary: (total, calls) => `${total} für ${counted(calls, "Anruf", "Anrufe")}.`,
    table: "Als Tabelle anzeigen",
    day: "Tag",
    month: "Monat",
    calls: "Anrufe",
    rejected: "Abgewiesen",
    minutes: "Minuten",
    cost: "Kosten",
  },
});
