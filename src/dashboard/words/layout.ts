import type { PortalPage, Role } from "../../access/portal-sessions";
import { inEveryLanguage } from "./languages";

interface Words {
  product: string;
  skip: string;
  menu: string;
  pages: Record<PortalPage, string>;
  groups: { credit: string; records: string; settings: string };
  roles: Record<Role, string>;
  sign_out: string;
  back: string;
  language: string;
  add_credits: string;
  read_only: string;
  times_in: (zone: string) => string;
  only_times_in: (zone: string) => string;
  suspended: { title: string; text: string };
  closed: { title: string; text: string };
  empty: { title: string; text: string };
  negative: { title: string; text: (debt: string) => string };
}

/** What stands around every page. */
export const layoutWords = inEveryLanguage<Words>({
  en: {
    product: "Billing",
    skip: "Skip to content",
    menu: "Menu",
    pages: {
      overview: "Overview",
      credits: "Add credits",
      usage: "Usage",
      ledger: "Ledger",
      invoices: "Invoices",
      information: "Billing information",
      "auto-top-up": "Auto top-up",
      alerts: "Alerts",
      webhooks: "Webhooks",
      keys: "API keys",
      sessions: "Sessions",
      audit: "Audit",
    },
    groups: { credit: "Credit", records: "Records", settings: "Settings" },
    roles: { owner: "Owner", billing: "Billing", viewer: "Viewer" },
    sign_out: "Sign out",
    back: "Back to your platform",
    language: "Language",
    add_credits: "Add credits",
    read_only: "You can view everything here. To change something, ask an owner of your organization.",
    times_in: (zone) => `All times, days and months: ${zone}`,
    only_times_in: (zone) => `All times: ${zone}. Limits count the days and months of UTC.`,
    suspended: {
      title: "Your organization is suspended",
      text: "No calls can start. Please contact your platform.",
    },
    closed: { title: "Your organization is closed", text: "No calls can start and no credit can be bought." },
    empty: {
      title: "Your credit is used up",
      text: "Inbound callers hear a message and their calls are logged as rejected; outbound calls are refused. Calls work again as soon as credit is added.",
    },
    negative: {
      title: "Your balance is below zero",
      text: (debt) =>
        `No calls can start until ${debt} and a little more is added: inbound callers hear a message; outbound calls are refused.`,
    },
  },
  nl: {
    product: "Facturering",
    skip: "Naar de inhoud",
    menu: "Menu",
    pages: {
      overview: "Overzicht",
      credits: "Tegoed kopen",
      usage: "Verbruik",
      ledger: "Grootboek",
      invoices: "Facturen",
      information: "Factuurgegevens",
      "auto-top-up": "Automatisch opwaarderen",
      alerts: "Meldingen",
      webhooks: "Webhooks",
      keys: "API-sleutels",
      sessions: "Sessies",
      audit: "Logboek",
    },
    groups: { credit: "Tegoed", records: "Administratie", settings: "Instellingen" },
    roles: { owner: "Eigenaar", billing: "Facturering", viewer: "Alleen lezen" },
    sign_out: "Uitloggen",
    back: "Terug naar uw platform",
    language: "Taal",
    add_credits: "Tegoed kopen",
    read_only: "U kunt hier alles bekijken. Vraag een eigenaar van uw organisatie om iets te wijzigen.",
    times_in: (zone) => `Alle tijden, dagen en maanden: ${zone}`,
    only_times_in: (zone) => `Alle tijden: ${zone}. Limieten tellen de dagen en maanden van UTC.`,
    suspended: {
      title: "Uw organisatie is geblokkeerd",
      text: "Er kunnen geen gesprekken beginnen. Neem contact op met uw platform.",
    },
    closed: {
      title: "Uw organisatie is gesloten",
      text: "Er kunnen geen gesprekken beginnen en er kan geen tegoed worden gekocht.",
    },
    empty: {
      title: "Uw tegoed is op",
      text: "Wie u belt, hoort een mededeling en het gesprek wordt als geweigerd vastgelegd; uitgaande gesprekken worden geweigerd. Zodra er tegoed is, kunt u weer bellen.",
    },
    negative: {
      title: "Uw saldo staat onder nul",
      text: (debt) =>
        `Er kunnen geen gesprekken beginnen totdat er iets meer dan ${debt} is bijgekomen: wie u belt, hoort een mededeling; uitgaande gesprekken worden geweigerd.`,
    },
  },
  de: {
    product: "Abrechnung",
    skip: "Zum Inhalt",
    menu: "Menü",
    pages: {
      overview: "Übersicht",
      credits: "Guthaben kaufen",
      usage: "Nutzung",
      ledger: "Buchungen",
      invoices: "Rechnungen",
      information: "Rechnungsdaten",
      "auto-top-up": "Automatisch aufladen",
      alerts: "Warnungen",
      webhooks: "Webhooks",
      keys: "API-Schlüssel",
      sessions: "Sitzungen",
      audit: "Protokoll",
    },
    groups: { credit: "Guthaben", records: "Aufzeichnungen", settings: "Einstellungen" },
    roles: { owner: "Eigentümer", billing: "Abrechnung", viewer: "Nur Lesen" },
    sign_out: "Abmelden",
    back: "Zurück zu Ihrer Plattform",
    language: "Sprache",
    add_credits: "Guthaben kaufen",
    read_only:
      "Sie können hier alles ansehen. Für Änderungen bitten Sie einen Eigentümer Ihrer Organisation.",
    times_in: (zone) => `Alle Zeiten, Tage und Monate: ${zone}`,
    only_times_in: (zone) => `Alle Zeiten: ${zone}. Für Limits zählen die Tage und Monate der UTC.`,
    suspended: {
      title: "Ihre Organisation ist gesperrt",
      text: "Es können keine Anrufe beginnen. Bitte wenden Sie sich an Ihre Plattform.",
    },
    closed: {
      title: "Ihre Organisation ist geschlossen",
      text: "Es können keine Anrufe beginnen und kein Guthaben gekauft werden.",
    },
    empty: {
      title: "Ihr Guthaben ist aufgebraucht",
      text: "Wer Sie anruft, hört eine Ansage, und der Anruf wird als abgewiesen vermerkt; ausgehende Anrufe werden abgelehnt. Sobald Guthaben vorhanden ist, können Sie wieder telefonieren.",
    },
    negative: {
      title: "Ihr Guthaben ist unter null",
      text: (debt) =>
        `Es können keine Anrufe beginnen, bis etwas mehr als ${debt} hinzugekommen ist: Wer Sie anruft, hört eine Ansage; ausgehende Anrufe werden abgelehnt.`,
    },
  },
});
