import { inEveryLanguage } from "./languages";

type Kind = "minutes" | "euros" | "runway";

interface Words {
  intro: string;
  nobody: { title: string; text: string };
  to_webhooks: string;
  list: string;
  what: string;
  state: string;
  below: (kind: Kind, amount: string) => string;
  armed: string;
  gone_off: string;
  remove: string;
  remove_which: (what: string) => string;
  action: string;
  none: { title: string; text: string };
  add_title: string;
  kind: string;
  kinds: Record<Kind, string>;
  amount: string;
  amount_hint: string;
  wrong: string;
  too_many: string;
  known: string;
  errors: string;
  add: string;
  done: Record<"added" | "removed", string>;
}

/** When the organization is told that credit is low. */
export const alertsWords = inEveryLanguage<Words>({
  en: {
    intro:
      "An alert goes off once when your balance falls below it, also while calls are going on, and is armed again when credit is added. It watches the balance, not what is reserved.",
    nobody: {
      title: "Nobody is told yet",
      text: "Alerts are sent to webhook endpoints, and none of yours listens to balance.low.",
    },
    to_webhooks: "Set up a webhook",
    list: "Your alerts",
    what: "Alert when there is less than",
    state: "State",
    below: (kind, amount) =>
      ({
        minutes: `${amount} minutes of calls`,
        euros: amount,
        runway: `${amount} minutes at the present pace`,
      })[kind],
    armed: "Armed",
    gone_off: "Has gone off",
    remove: "Remove",
    remove_which: (what) => `Remove the alert: ${what}`,
    action: "Change",
    none: { title: "No alerts", text: "You are still told when the credit is used up." },
    add_title: "Add an alert",
    kind: "Measured in",
    kinds: {
      minutes: "Minutes of calls",
      euros: "Euros",
      runway: "Minutes at the present pace of all live calls",
    },
    amount: "Less than",
    amount_hint: "Such as 60, or 12.50 for euros.",
    wrong: "Enter a whole number of minutes, or an amount in euros such as 12.50.",
    too_many: "There are ten alerts. Remove one first.",
    known: "There is such an alert already.",
    errors: "Please correct this:",
    add: "Add alert",
    done: { added: "The alert is set", removed: "The alert is removed" },
  },
  nl: {
    intro:
      "Een melding gaat één keer af als uw saldo eronder komt, ook tijdens gesprekken, en staat weer klaar zodra er tegoed bijkomt. Ze let op het saldo, niet op wat gereserveerd is.",
    nobody: {
      title: "Er krijgt nog niemand bericht",
      text: "Meldingen gaan naar webhook-adressen, en geen van uw adressen luistert naar balance.low.",
    },
    to_webhooks: "Webhook instellen",
    list: "Uw meldingen",
    what: "Melden als er minder is dan",
    state: "Status",
    below: (kind, amount) =>
      ({
        minutes: `${amount} minuten bellen`,
        euros: amount,
        runway: `${amount} minuten in het huidige tempo`,
      })[kind],
    armed: "Staat klaar",
    gone_off: "Is afgegaan",
    remove: "Verwijderen",
    remove_which: (what) => `Melding verwijderen: ${what}`,
    action: "Wijzigen",
    none: { title: "Geen meldingen", text: "U krijgt wel bericht als het tegoed op is." },
    add_title: "Melding toevoegen",
    kind: "Gemeten in",
    kinds: {
      minutes: "Minuten bellen",
      euros: "Euro's",
      runway: "Minuten in het tempo van alle lopende gesprekken",
    },
    amount: "Minder dan",
    amount_hint: "Bijvoorbeeld 60, of 12,50 voor euro's.",
    wrong: "Voer een heel aantal minuten in, of een bedrag in euro's zoals 12,50.",
    too_many: "Er zijn tien meldingen. Verwijder er eerst een.",
    known: "Zo'n melding is er al.",
    errors: "Graag verbeteren:",
    add: "Melding toevoegen",
    done: { added: "De melding is ingesteld", removed: "De melding is verwijderd" },
  },
  de: {
    intro:
      "Eine Warnung geht einmal los, wenn Ihr Guthaben darunter fällt, auch während Anrufe laufen, und ist wieder scharf, sobald Guthaben hinzukommt. Sie achtet auf das Guthaben, nicht auf das Reservierte.",
    nobody: {
      title: "Noch erfährt es niemand",
      text: "Warnungen gehen an Webhook-Adressen, und keine der Ihren hört auf balance.low.",
    },
    to_webhooks: "Webhook einrichten",
    list: "Ihre Warnungen",
    what: "Warnen bei weniger als",
    state: "Stand",
    below: (kind, amount) =>
      ({ minutes: `${amount} Minuten Anrufe`, euros: amount, runway: `${amount} Minuten im jetzigen Tempo` })[
        kind
      ],
    armed: "Scharf",
    gone_off: "Ist losgegangen",
    remove: "Entfernen",
    remove_which: (what) => `Warnung entfernen: ${what}`,
    action: "Ändern",
    none: { title: "Keine Warnungen", text: "Sie erfahren es trotzdem, wenn das Guthaben aufgebraucht ist." },
    add_title: "Warnung hinzufügen",
    kind: "Gemessen in",
    kinds: {
      minutes: "Minuten Anrufe",
      euros: "Euro",
      runway: "Minuten im Tempo aller laufenden Anrufe",
    },
    amount: "Weniger als",
    amount_hint: "Etwa 60, oder 12,50 für Euro.",
    wrong: "Geben Sie ganze Minuten ein, oder einen Betrag in Euro wie 12,50.",
    too_many: "Es gibt zehn Warnungen. Entfernen Sie zuerst eine.",
    known: "Eine solche Warnung gibt es schon.",
    errors: "Bitte berichtigen:",
    add: "Warnung hinzufügen",
    done: { added: "Die Warnung ist eingestellt", removed: "Die Warnung ist entfernt" },
  },
});
