import { inEveryLanguage } from "../../words/languages";

interface Words {
  intro: string;
  when: string;
  who: string;
  what: string;
  detail: string;
  operator: string;
  key: (label: string) => string;
  unknown_key: string;
  /** By the action's name, as it is written down. */
  actions: Record<string, string>;
  none: { title: string; text: string };
  newest: string;
  older: string;
  pages: string;
}

/** Who changed what. */
export const auditWords = inEveryLanguage<Words>({
  en: {
    intro: "Every change that someone requested, newest first. Nothing here can be removed.",
    when: "When",
    who: "Who",
    what: "What",
    detail: "Details",
    operator: "Your platform's operator",
    key: (label) => `API key “${label}”`,
    unknown_key: "An API key",
    actions: {
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
      "purchase.refund": "Refunded a purchase",
      "purchase.resolve": "Resolved a purchase",
      "purchase.tax_refund": "Gave back VAT of a purchase",
      "reconciliation.adopt": "Adopted a payment that was lost here",
      "rate.put": "Changed a rate",
      "number.move": "Assigned a number",
      "call.release": "Released a parked call",
      "epoch.begin": "Began a new epoch of the ledger",
      "projection.rebuild": "Rebuilt the lists from the ledger",
      "number.free": "Removed a number",
      "portal_session.create": "Gave dashboard access",
    },
    none: { title: "Nothing yet", text: "Changes to settings, keys and webhooks will appear here." },
    newest: "Newest",
    older: "Older",
    pages: "Audit pages",
  },
  nl: {
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
      "purchase.refund": "Aankoop terugbetaald",
      "purchase.resolve": "Aankoop afgehandeld",
      "purchase.tax_refund": "Btw van een aankoop terugbetaald",
      "reconciliation.adopt": "Betaling overgenomen die hier ontbrak",
      "rate.put": "Tarief gewijzigd",
      "number.move": "Nummer toegewezen",
      "call.release": "Wachtend gesprek vrijgegeven",
      "epoch.begin": "Nieuwe periode van het grootboek begonnen",
      "projection.rebuild": "Overzichten opnieuw opgebouwd uit het grootboek",
      "number.free": "Nummer verwijderd",
      "portal_session.create": "Toegang tot dashboard gegeven",
    },
    none: {
      title: "Nog niets",
      text: "Wijzigingen van instellingen, sleutels en webhooks komen hier te staan.",
    },
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's van het logboek",
  },
  de: {
    intro: "Jede Änderung, die jemand veranlasst hat, die neueste zuerst. Hier lässt sich nichts entfernen.",
    when: "Wann",
    who: "Wer",
    what: "Was",
    detail: "Einzelheiten",
    operator: "Ihr Plattformbetreiber",
    key: (label) => `API-Schlüssel „${label}“`,
    unknown_key: "Ein API-Schlüssel",
    actions: {
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
      "purchase.refund": "Kauf erstattet",
      "purchase.resolve": "Kauf geklärt",
      "purchase.tax_refund": "USt. eines Kaufs erstattet",
      "reconciliation.adopt": "Hier verlorene Zahlung übernommen",
      "rate.put": "Tarif geändert",
      "number.move": "Nummer zugeordnet",
      "call.release": "Wartenden Anruf freigegeben",
      "epoch.begin": "Neuen Abschnitt der Buchungen begonnen",
      "projection.rebuild": "Listen aus den Buchungen neu aufgebaut",
      "number.free": "Nummer entfernt",
      "portal_session.create": "Zugang zum Dashboard gegeben",
    },
    none: {
      title: "Noch nichts",
      text: "Änderungen an Einstellungen, Schlüsseln und Webhooks erscheinen hier.",
    },
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten des Protokolls",
  },
});
