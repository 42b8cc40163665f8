import { counted, inEveryLanguage } from "../../words/languages";

/** What the form and these words call each kind of alert. */
export type KindName = "minutes" | "euros" | "runway";

interface Words {
  intro: string;
  nobody: { title: string; text: string };
  to_webhooks: string;
  list: string;
  what: string;
  state: string;
  below: (kind: KindName, amount: string) => string;
  armed: string;
  gone_off: string;
  remove: string;
  remove_which: (what: string) => string;
  action: string;
  none: { title: string; text: string };
  add_title: string;
  kind: string;
  kinds: Record<KindName, string>;
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
      "An alert is triggered once when your balance falls below it, also during calls, and is active again when credit is added. It watches the balance, not what is held.",
    nobody: {
      title: "No one is notified yet",
      text: "Alerts are sent to webhook endpoints, and none of yours receives balance.low.",
    },
    to_webhooks: "Set up a webhook",
    list: "Your alerts",
    what: "Alert when there is less than",
    state: "Status",
    below: (kind, amount) =>
      ({
        minutes: `${counted(amount, "minute", "minutes")} of calls`,
        euros: amount,
        runway: `${counted(amount, "minute", "minutes")} at the present pace`,
      })[kind],
    armed: "Active",
    gone_off: "Triggered",
    remove: "Remove",
    remove_which: (what) => `Remove the alert: ${what}`,
    action: "Change",
    none: { title: "No alerts", text: "You are still notified when your credit is used up." },
    add_title: "Add an alert",
    kind: "Measured in",
    kinds: {
      minutes: "Minutes of calls",
      euros: "Euros",
      runway: "Minutes at the present pace of all live calls",
    },
    amount: "Less than",
    amount_hint: "For example 60, or 12.50 for euros.",
    wrong: "Enter a whole number of minutes, or an amount in euros such as 12.50.",
    too_many: "You already have ten alerts. Remove one first.",
    known: "This alert already exists.",
    errors: "Please correct the following:",
    add: "Add alert",
    done: { added: "Alert added", removed: "Alert removed" },
  },
  nl: {
    intro:
      "Een melding wordt één keer verstuurd als uw saldo eronder komt, ook tijdens gesprekken, en is weer actief zodra er tegoed bijkomt. De melding volgt het saldo, niet wat gereserveerd is.",
    nobody: {
      title: "Er krijgt nog niemand bericht",
      text: "Meldingen gaan naar webhook-adressen, en geen van uw adressen ontvangt balance.low.",
    },
    to_webhooks: "Webhook instellen",
    list: "Uw meldingen",
    what: "Melden als er minder is dan",
    state: "Status",
    below: (kind, amount) =>
      ({
        minutes: `${counted(amount, "minuut", "minuten")} bellen`,
        euros: amount,
        runway: `${counted(amount, "minuut", "minuten")} in het huidige tempo`,
      })[kind],
    armed: "Actief",
    gone_off: "Verstuurd",
    remove: "Verwijderen",
    remove_which: (what) => `Melding verwijderen: ${what}`,
    action: "Wijzigen",
    none: { title: "Geen meldingen", text: "U krijgt wel bericht als het tegoed op is." },
    add_title: "Melding toevoegen",
    kind: "Gemeten in",
    kinds: {
      minutes: "Minuten bellen",
      euros: "Euro's",
      runway: "Minuten in het huidige tempo van alle lopende gesprekken",
    },
    amount: "Minder dan",
    amount_hint: "Bijvoorbeeld 60, of 12,50 voor euro's.",
    wrong: "Voer een heel aantal minuten in, of een bedrag in euro's zoals 12,50.",
    too_many: "U hebt al tien meldingen. Verwijder er eerst een.",
    known: "Deze melding bestaat al.",
    errors: "Controleer het volgende:",
    add: "Melding toevoegen",
    done: { added: "Melding toegevoegd", removed: "Melding verwijderd" },
  },
  de: {
    intro:
      "Eine Warnung wird einmal ausgelöst, wenn Ihr Guthaben darunter fällt, auch während laufender Anrufe, und ist wieder aktiv, sobald Guthaben hinzukommt. Maßgeblich ist das Guthaben, nicht der reservierte Betrag.",
    nobody: {
      title: "Noch wird niemand benachrichtigt",
      text: "Warnungen gehen an Webhook-Adressen, und keine Ihrer Adressen empfängt balance.low.",
    },
    to_webhooks: "Webhook einrichten",
    list: "Ihre Warnungen",
    what: "Warnen bei weniger als",
    state: "Status",
    below: (kind, amount) =>
      ({
        minutes: `${counted(amount, "Minute", "Minuten")} Gesprächszeit`,
        euros: amount,
        runway: `${counted(amount, "Minute", "Minuten")} im jetzigen Tempo`,
      })[kind],
    armed: "Aktiv",
    gone_off: "Ausgelöst",
    remove: "Entfernen",
    remove_which: (what) => `Warnung entfernen: ${what}`,
    action: "Ändern",
    none: {
      title: "Keine Warnungen",
      text: "Sie werden trotzdem benachrichtigt, wenn Ihr Guthaben aufgebraucht ist.",
    },
    add_title: "Warnung hinzufügen",
    kind: "Gemessen in",
    kinds: {
      minutes: "Minuten Gesprächszeit",
      euros: "Euro",
      runway: "Minuten im jetzigen Tempo aller laufenden Anrufe",
    },
    amount: "Weniger als",
    amount_hint: "Zum Beispiel 60, oder 12,50 für Euro.",
    wrong: "Geben Sie ganze Minuten ein, oder einen Betrag in Euro wie 12,50.",
    too_many: "Sie haben bereits zehn Warnungen. Entfernen Sie zuerst eine.",
    known: "Diese Warnung gibt es bereits.",
    errors: "Bitte prüfen Sie Folgendes:",
    add: "Warnung hinzufügen",
    done: { added: "Warnung hinzugefügt", removed: "Warnung entfernt" },
  },
});
