import { inEveryLanguage } from "./languages";

interface Words {
  intro: string;
  when: string;
  what: string;
  amount: string;
  balance: string;
  number: string;
  receipt: string;
  purchase: string;
  none: { title: string; text: string };
  newest: string;
  older: string;
  pages: string;
  wrong: { title: string; text: string };
}

/** Every change of the balance. */
export const ledgerWords = inEveryLanguage<Words>({
  en: {
    intro: "Every change of your balance, the newest first. Nothing here is ever changed or removed.",
    when: "When",
    what: "What",
    amount: "Amount",
    balance: "Balance after",
    number: "No.",
    receipt: "receipt",
    purchase: "purchase",
    none: {
      title: "Nothing yet",
      text: "The first purchase of credit is the first line here.",
    },
    newest: "Newest",
    older: "Older",
    pages: "Pages of entries",
    wrong: { title: "There is no such page of entries", text: "Begin with the newest ones." },
  },
  nl: {
    intro: "Elke wijziging van uw tegoed, de nieuwste eerst. Hier wordt nooit iets gewijzigd of verwijderd.",
    when: "Wanneer",
    what: "Wat",
    amount: "Bedrag",
    balance: "Tegoed erna",
    number: "Nr.",
    receipt: "bon",
    purchase: "aankoop",
    none: {
      title: "Nog niets",
      text: "De eerste aankoop van tegoed is hier de eerste regel.",
    },
    newest: "Nieuwste",
    older: "Oudere",
    pages: "Pagina's met boekingen",
    wrong: { title: "Deze pagina met boekingen bestaat niet", text: "Begin met de nieuwste." },
  },
  de: {
    intro: "Jede Änderung Ihres Guthabens, die neueste zuerst. Hier wird nie etwas geändert oder entfernt.",
    when: "Wann",
    what: "Was",
    amount: "Betrag",
    balance: "Guthaben danach",
    number: "Nr.",
    receipt: "Beleg",
    purchase: "Kauf",
    none: {
      title: "Noch nichts",
      text: "Der erste Kauf von Guthaben ist hier die erste Zeile.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Buchungen",
    wrong: { title: "Diese Seite mit Buchungen gibt es nicht", text: "Beginnen Sie mit den neuesten." },
  },
});
