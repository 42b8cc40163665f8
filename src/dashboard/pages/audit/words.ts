// Long because it is a dictionary: every action, and what is said of it, in three languages.
import type { AuditAction } from "../../../organizations/audit-actions";
import { counted, inEveryLanguage } from "../../words/languages";

/** Words for what stands in a row besides what was done. */
export interface FactWords {
  quoted: (text: string) => string;
  roles: Record<string, string>;
  default_number: { yes: string; no: string };
  below: (amount: string) => string;
  minutes: (count: string) => string;
  runway: (count: string) => string;
  per_day: (count: string) => string;
  per_month: (amount: string) => string;
  per_minute: (amount: string) => string;
  connection: (amount: string) => string;
  seconds_free: (seconds: string) => string;
  from: (time: string) => string;
  until: (time: string) => string;
  since: (time: string) => string;
  saves_card: string;
  resolutions: Record<string, string>;
  none: string;
  unknown_alert: string;
  all_events: string;
  turned: { yes: string; no: string };
  old_secret_for: (seconds: string) => string;
  languages: Record<string, string>;
  states: Record<string, string>;
  /** What an operator has looked at, where it has a name of its own. */
  parts: Record<string, string>;
  masked: string;
}

interface Words {
  facts: FactWords;
  intro: string;
  when: string;
  who: string;
  what: string;
  detail: string;
  operator: string;
  key: (label: string) => string;
  unknown_key: string;
  actions: Record<AuditAction, string>;
  /** After an action that was not carried out. */
  refused: string;
  none: { title: string; text: string };
  newest: string;
  older: string;
  pages: string;
}

/** Who changed what. */
export const auditWords = inEveryLanguage<Words>({
  en: {
    facts: {
      quoted: (text) => `“${text}”`,
      roles: { owner: "as owner", billing: "for billing", viewer: "to look only" },
      default_number: { yes: "the number that calls come from by default", no: "not the default number" },
      below: (amount) => `below ${amount}`,
      minutes: (count) => counted(count, "minute of calls", "minutes of calls"),
      runway: (count) => `${counted(count, "minute", "minutes")} at the present pace`,
      per_day: (count) => `at most ${counted(count, "time", "times")} a day`,
      per_month: (amount) => `at most ${amount} a month`,
      per_minute: (amount) => `${amount} a minute`,
      connection: (amount) => `${amount} for the connection`,
      seconds_free: (seconds) => `the first ${counted(seconds, "second", "seconds")} free`,
      from: (time) => `from ${time}`,
      until: (time) => `until ${time}`,
      since: (time) => `since ${time}`,
      saves_card: "the card is saved",
      resolutions: { accept: "credited as paid", refund: "paid back", close: "closed" },
      none: "none",
      unknown_alert: "another alert",
      all_events: "all events",
      turned: { yes: "on", no: "off" },
      old_secret_for: (seconds) => `the old one signs for another ${counted(seconds, "second", "seconds")}`,
      languages: { en: "English", nl: "Dutch", de: "German" },
      states: { active: "active", suspended: "suspended", closed: "closed" },
      parts: {
        profile: "the account",
        ledger: "the balance and its entries",
        purchases: "the purchases",
        audit: "this list",
        numbers: "the numbers",
        api_keys: "the API keys",
        rates: "the rates",
        portal_sessions: "who has access to the dashboard",
        parked_calls: "calls on hold",
      },
      masked: "(hidden)",
    },
    intro: "Every change that someone requested, newest first. Nothing here can be removed.",
    when: "When",
    who: "Who",
    what: "What",
    detail: "Details",
    operator: "Your platform's operator",
    key: (label) => `API key “${label}”`,
    unknown_key: "An API key",
    actions: {
      "billing_portal.open": "Opened the payment provider’s page",
      "billing_profile.save": "Saved the billing information",
      "auto_top_up.set": "Set auto top-up",
      "payment_method.remove": "Removed the saved card",
      "alerts.set": "Set the alerts",
      "api_key.create": "Created an API key",
      "api_key.revoke": "Revoked an API key",
      "webhook_endpoint.create": "Created a webhook endpoint",
      "webhook_endpoint.change": "Changed a webhook endpoint",
      "webhook_endpoint.delete": "Deleted a webhook endpoint",
      "webhook_endpoint.rotate_secret": "Replaced a webhook secret",
      "webhook_endpoint.end_previous_secret": "Ended an old webhook secret",
      "organization.create": "Created the organization",
      "organization.change": "Changed the organization",
      "adjustment.post": "Adjusted the balance",
      "purchase.start": "Started a purchase",
      "purchase.refund": "Refunded a purchase",
      "purchase.resolve": "Resolved a purchase",
      "purchase.tax_refund": "Gave back VAT of a purchase",
      "reconciliation.adopt": "Adopted a payment that was lost here",
      "rate.put": "Changed a rate",
      "rate_deck.publish": "Published a rate deck",
      "rate_deck.withdraw": "Withdrew a rate deck",
      "number.move": "Assigned a number",
      "call.release": "Released a parked call",
      "epoch.begin": "Began a new epoch of the ledger",
      "projection.rebuild": "Rebuilt the lists from the ledger",
      "number.free": "Removed a number",
      "portal_session.create": "Gave dashboard access",
      "portal_session.end": "Ended dashboard access",
      "key.create": "Created a platform key",
      "key.revoke": "Revoked a platform key",
      "ledger.verify": "Checked the ledger",
      "export.calls": "Downloaded the list of calls",
      "export.document": "Downloaded a document",
      "organization.look": "Looked at your data",
      "payment_method.save": "Saved a card",
      "payment_method.set_up": "Opened the page to save a card",
      "portal_session.language": "Chose another language",
      "portal_session.sign_in": "Signed in",
      "portal_session.sign_out": "Signed out",
      "webhook_delivery.resend": "Sent an event again",
      "webhook_delivery.resend_failed": "Sent failed events again",
      "webhook_delivery.test": "Sent a test event",
      "reconciliation.run": "Compared the records with Stripe",
    },
    refused: "Refused: nothing was changed.",
    none: { title: "Nothing yet", text: "Changes to settings, keys and webhooks will appear here." },
    newest: "Newest",
    older: "Older",
    pages: "Audit pages",
  },
  nl: {
    facts: {
      quoted: (text) => `“${text}”`,
      roles: { owner: "als eigenaar", billing: "voor facturatie", viewer: "alleen om te kijken" },
      default_number: { yes: "het nummer waarmee standaard wordt gebeld", no: "niet het standaardnummer" },
      below: (amount) => `onder ${amount}`,
      minutes: (count) => counted(count, "minuut bellen", "minuten bellen"),
      runway: (count) => `${counted(count, "minuut", "minuten")} in het huidige tempo`,
      per_day: (count) => `hoogstens ${count} keer per dag`,
      per_month: (amount) => `hoogstens ${amount} per maand`,
      per_minute: (amount) => `${amount} per minuut`,
      connection: (amount) => `starttarief ${amount}`,
      seconds_free: (seconds) => `de eerste ${counted(seconds, "seconde", "seconden")} gratis`,
      from: (time) => `vanaf ${time}`,
      until: (time) => `tot ${time}`,
      since: (time) => `sinds ${time}`,
      saves_card: "de kaart wordt bewaard",
      resolutions: { accept: "bijgeschreven zoals betaald", refund: "terugbetaald", close: "gesloten" },
      none: "geen",
      unknown_alert: "een andere melding",
      all_events: "alle gebeurtenissen",
      turned: { yes: "aan", no: "uit" },
      old_secret_for: (seconds) => `de oude tekent nog ${counted(seconds, "seconde", "seconden")}`,
      languages: { en: "Engels", nl: "Nederlands", de: "Duits" },
      states: { active: "actief", suspended: "geblokkeerd", closed: "gesloten" },
      parts: {
        profile: "het account",
        ledger: "het saldo en de boekingen",
        purchases: "de aankopen",
        audit: "dit logboek",
        numbers: "de nummers",
        api_keys: "de API-sleutels",
        rates: "de tarieven",
        portal_sessions: "wie toegang heeft tot het dashboard",
        parked_calls: "wachtende gesprekken",
      },
      masked: "(verborgen)",
    },
    intro:
      "Elke wijziging die iemand heeft aangevraagd, de nieuwste eerst. Hier kan niets worden verwijderd.",
    when: "Wanneer",
    who: "Wie",
    what: "Wat",
    detail: "Details",
    operator: "Uw platformbeheerder",
    key: (label) => `API-sleutel “${label}”`,
    unknown_key: "Een API-sleutel",
    actions: {
      "billing_portal.open": "Pagina van de betaaldienst geopend",
      "billing_profile.save": "Factuurgegevens opgeslagen",
      "auto_top_up.set": "Automatisch opwaarderen ingesteld",
      "payment_method.remove": "Opgeslagen kaart verwijderd",
      "alerts.set": "Meldingen ingesteld",
      "api_key.create": "API-sleutel aangemaakt",
      "api_key.revoke": "API-sleutel ingetrokken",
      "webhook_endpoint.create": "Webhook-adres toegevoegd",
      "webhook_endpoint.change": "Webhook-adres gewijzigd",
      "webhook_endpoint.delete": "Webhook-adres verwijderd",
      "webhook_endpoint.rotate_secret": "Geheime webhooksleutel vervangen",
      "webhook_endpoint.end_previous_secret": "Oude geheime webhooksleutel laten vervallen",
      "organization.create": "Organisatie aangemaakt",
      "organization.change": "Organisatie gewijzigd",
      "adjustment.post": "Saldo aangepast",
      "purchase.start": "Aankoop gestart",
      "purchase.refund": "Aankoop terugbetaald",
      "purchase.resolve": "Aankoop afgehandeld",
      "purchase.tax_refund": "Btw van een aankoop terugbetaald",
      "reconciliation.adopt": "Betaling overgenomen die hier ontbrak",
      "rate.put": "Tarief gewijzigd",
      "rate_deck.publish": "Tarieflijst gepubliceerd",
      "rate_deck.withdraw": "Tarieflijst ingetrokken",
      "number.move": "Nummer toegewezen",
      "call.release": "Wachtend gesprek vrijgegeven",
      "epoch.begin": "Nieuwe periode van het grootboek begonnen",
      "projection.rebuild": "Overzichten opnieuw opgebouwd uit het grootboek",
      "number.free": "Nummer verwijderd",
      "portal_session.create": "Toegang tot dashboard gegeven",
      "portal_session.end": "Toegang tot dashboard beëindigd",
      "key.create": "Platformsleutel gemaakt",
      "key.revoke": "Platformsleutel ingetrokken",
      "ledger.verify": "Grootboek gecontroleerd",
      "export.calls": "Gesprekkenlijst gedownload",
      "export.document": "Document gedownload",
      "organization.look": "Uw gegevens bekeken",
      "payment_method.save": "Kaart opgeslagen",
      "payment_method.set_up": "Pagina geopend om een kaart op te slaan",
      "portal_session.language": "Andere taal gekozen",
      "portal_session.sign_in": "Ingelogd",
      "portal_session.sign_out": "Uitgelogd",
      "webhook_delivery.resend": "Gebeurtenis opnieuw verstuurd",
      "webhook_delivery.resend_failed": "Mislukte gebeurtenissen opnieuw verstuurd",
      "webhook_delivery.test": "Testgebeurtenis verstuurd",
      "reconciliation.run": "Administratie met Stripe vergeleken",
    },
    refused: "Geweigerd: er is niets gewijzigd.",
    none: {
      title: "Nog niets",
      text: "Wijzigingen van instellingen, sleutels en webhooks komen hier te staan.",
    },
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's van het logboek",
  },
  de: {
    facts: {
      quoted: (text) => `„${text}“`,
      roles: { owner: "als Inhaber", billing: "für die Abrechnung", viewer: "nur zum Ansehen" },
      default_number: {
        yes: "die Nummer, von der standardmäßig angerufen wird",
        no: "nicht die Standardnummer",
      },
      below: (amount) => `unter ${amount}`,
      minutes: (count) => counted(count, "Minute Gesprächszeit", "Minuten Gesprächszeit"),
      runway: (count) => `${counted(count, "Minute", "Minuten")} im jetzigen Tempo`,
      per_day: (count) => `höchstens ${count}-mal am Tag`,
      per_month: (amount) => `höchstens ${amount} im Monat`,
      per_minute: (amount) => `${amount} pro Minute`,
      connection: (amount) => `Verbindungsentgelt ${amount}`,
      seconds_free: (seconds) => `die ersten ${counted(seconds, "Sekunde", "Sekunden")} frei`,
      from: (time) => `ab ${time}`,
      until: (time) => `bis ${time}`,
      since: (time) => `seit ${time}`,
      saves_card: "die Karte wird gespeichert",
      resolutions: { accept: "gutgeschrieben wie bezahlt", refund: "zurückgezahlt", close: "geschlossen" },
      none: "keine",
      unknown_alert: "eine andere Warnung",
      all_events: "alle Ereignisse",
      turned: { yes: "ein", no: "aus" },
      old_secret_for: (seconds) => `das alte signiert noch ${counted(seconds, "Sekunde", "Sekunden")}`,
      languages: { en: "Englisch", nl: "Niederländisch", de: "Deutsch" },
      states: { active: "aktiv", suspended: "gesperrt", closed: "geschlossen" },
      parts: {
        profile: "das Konto",
        ledger: "das Guthaben und die Buchungen",
        purchases: "die Käufe",
        audit: "dieses Protokoll",
        numbers: "die Nummern",
        api_keys: "die API-Schlüssel",
        rates: "die Tarife",
        portal_sessions: "wer Zugang zum Dashboard hat",
        parked_calls: "wartende Anrufe",
      },
      masked: "(ausgeblendet)",
    },
    intro: "Jede Änderung, die jemand veranlasst hat, die neueste zuerst. Hier lässt sich nichts entfernen.",
    when: "Wann",
    who: "Wer",
    what: "Was",
    detail: "Einzelheiten",
    operator: "Ihr Plattformbetreiber",
    key: (label) => `API-Schlüssel „${label}“`,
    unknown_key: "Ein API-Schlüssel",
    actions: {
      "billing_portal.open": "Seite des Zahlungsdienstes geöffnet",
      "billing_profile.save": "Rechnungsdaten gespeichert",
      "auto_top_up.set": "Automatisches Aufladen eingestellt",
      "payment_method.remove": "Gespeicherte Karte entfernt",
      "alerts.set": "Warnungen eingestellt",
      "api_key.create": "API-Schlüssel erstellt",
      "api_key.revoke": "API-Schlüssel widerrufen",
      "webhook_endpoint.create": "Webhook-Adresse hinzugefügt",
      "webhook_endpoint.change": "Webhook-Adresse geändert",
      "webhook_endpoint.delete": "Webhook-Adresse gelöscht",
      "webhook_endpoint.rotate_secret": "Webhook-Secret ersetzt",
      "webhook_endpoint.end_previous_secret": "Altes Webhook-Secret beendet",
      "organization.create": "Organisation angelegt",
      "organization.change": "Organisation geändert",
      "adjustment.post": "Guthaben angepasst",
      "purchase.start": "Kauf begonnen",
      "purchase.refund": "Kauf erstattet",
      "purchase.resolve": "Kauf geklärt",
      "purchase.tax_refund": "USt. eines Kaufs erstattet",
      "reconciliation.adopt": "Hier verlorene Zahlung übernommen",
      "rate.put": "Tarif geändert",
      "rate_deck.publish": "Tarifliste veröffentlicht",
      "rate_deck.withdraw": "Tarifliste zurückgezogen",
      "number.move": "Nummer zugeordnet",
      "call.release": "Wartenden Anruf freigegeben",
      "epoch.begin": "Neuen Abschnitt der Buchungen begonnen",
      "projection.rebuild": "Listen aus den Buchungen neu aufgebaut",
      "number.free": "Nummer entfernt",
      "portal_session.create": "Zugang zum Dashboard gegeben",
      "portal_session.end": "Zugang zum Dashboard beendet",
      "key.create": "Plattformschlüssel erstellt",
      "key.revoke": "Plattformschlüssel widerrufen",
      "ledger.verify": "Buchungen geprüft",
      "export.calls": "Anrufliste heruntergeladen",
      "export.document": "Dokument heruntergeladen",
      "organization.look": "Ihre Daten eingesehen",
      "payment_method.save": "Karte gespeichert",
      "payment_method.set_up": "Seite zum Speichern einer Karte geöffnet",
      "portal_session.language": "Andere Sprache gewählt",
      "portal_session.sign_in": "Angemeldet",
      "portal_session.sign_out": "Abgemeldet",
      "webhook_delivery.resend": "Ereignis erneut gesendet",
      "webhook_delivery.resend_failed": "Fehlgeschlagene Ereignisse erneut gesendet",
      "webhook_delivery.test": "Testereignis gesendet",
      "reconciliation.run": "Aufzeichnungen mit Stripe abgeglichen",
    },
    refused: "Abgelehnt: Es wurde nichts geändert.",
    none: {
      title: "Noch nichts",
      text: "Änderungen an Einstellungen, Schlüsseln und Webhooks erscheinen hier.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten des Protokolls",
  },
});
