import { inEveryLanguage } from "../../words/languages";

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
    intro:
      "Every change to your balance, newest first. Entries are never altered; the oldest may be combined into one sum.",
    when: "When",
    what: "What",
    amount: "Amount",
    balance: "Balance after",
    number: "No.",
    receipt: "receipt",
    purchase: "purchase",
    none: {
      title: "Nothing yet",
      text: "Your first purchase of credit will be the first entry here.",
    },
    newest: "Newest",
    older: "Older",
    pages: "Pages of entries",
    wrong: { title: "There is no such page of entries", text: "Begin with the newest ones." },
  },
  nl: {
    intro:
      "Elke wijziging van uw saldo, de nieuwste eerst. Boekingen worden nooit gewijzigd; de oudste kunnen zijn opgeteld tot één bedrag.",
    when: "Wanneer",
    what: "Wat",
    amount: "Bedrag",
    balance: "Saldo daarna",
    number: "Nr.",
    receipt: "bon",
    purchase: "aankoop",
    none: {
      title: "Nog niets",
      text: "Uw eerste aankoop van tegoed wordt hier de eerste boeking.",
    },
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's met boekingen",
    wrong: { title: "Deze pagina met boekingen bestaat niet", text: "Begin met de nieuwste." },
  },
  de: {
    intro:
      "Jede Änderung Ihres Guthabens, die neueste zuerst. Buchungen werden nie geändert; die ältesten können zu einer Summe zusammengefasst sein.",
    when: "Wann",
    what: "Was",
    amount: "Betrag",
    balance: "Guthaben danach",
    number: "Nr.",
    receipt: "Beleg",
    purchase: "Kauf",
    none: {
      title: "Noch nichts",
      text: "Ihr erster Kauf von Guthaben wird hier die erste Buchung.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Buchungen",
    wrong: { title: "Diese Seite mit Buchungen gibt es nicht", text: "Beginnen Sie mit den neuesten." },
  },
});
