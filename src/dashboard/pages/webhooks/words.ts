import type { DeliveryState, Endpoint } from "../../../webhooks/types";
import { inEveryLanguage } from "../../words/languages";

// Long because it is a dictionary in three languages: a page's words stay in one file, so that translators see them together.

interface Words {
  intro: string;
  list: string;
  none: { title: string; text: string };
  url: string;
  url_hint: string;
  url_wrong: string;
  description: string;
  description_hint: string;
  format: string;
  format_hint: string;
  product_format: string;
  events: string;
  all_events: string;
  all_hint: string;
  events_wrong: string;
  description_wrong: string;
  state: string;
  states: { enabled: string; disabled: string };
  because: Record<NonNullable<Endpoint["disabled_because"]>, string>;
  failing: (since: string) => string;
  create_title: string;
  create: string;
  errors: string;
  made: { title: string; text: string };
  rotated: { title: string; text: string };
  rotated_at_once: { title: string; text: string };
  made_before: { title: string; text: string };
  verify: string;
  copy: string;
  copied: string;
  done_copying: string;
  too_many: string;
  rotation_under_way: string;
  endpoint_disabled: string;
  change_title: string;
  save: string;
  test: string;
  disable: string;
  enable: string;
  rotate: string;
  rotate_sure: string;
  rotate_confirm: string;
  rotate_at_once: string;
  end_old: string;
  end_old_sure: string;
  end_old_confirm: string;
  remove: string;
  remove_sure: string;
  remove_confirm: string;
  done: Record<
    "saved" | "old_secret_ended" | "disabled" | "enabled" | "removed" | "tested" | "resent",
    string
  >;
  resent_all: (count: string) => string;
  deliveries: string;
  no_deliveries: string;
  when: string;
  event: string;
  delivery: string;
  delivery_states: Record<DeliveryState, string>;
  tries: string;
  last_answer: string;
  no_answer: string;
  next: (time: string) => string;
  again: string;
  again_which: (event: string) => string;
  all_failed: string;
  all_failed_day: string;
  all_failed_send: string;
  day_wrong: string;
  newest: string;
  older: string;
  pages: string;
  back: string;
}

/** Endpoints that events are sent to. */
export const webhooksWords = inEveryLanguage<Words>({
  en: {
    intro:
      "We send signed events, such as a low balance or an ended call, to your address until it accepts them.",
    list: "Your endpoints",
    none: {
      title: "No endpoints yet",
      text: "Create one below to be notified of alerts, calls and invoices.",
    },
    url: "Address",
    url_hint: "An https address that the public can reach, such as https://example.com/ringfence.",
    url_wrong:
      "Enter a complete https address with the name of a public host: no IP address, private network or address of ours, no port, user name or #.",
    description: "Description",
    description_hint: "Optional, for your colleagues.",
    format: "Format",
    format_hint:
      "Both carry the same facts. Choose the platform's format if your receiver already handles its call webhooks.",
    product_format: "The platform's call webhooks",
    events: "Events",
    all_events: "All events",
    all_hint: "Including events added later.",
    events_wrong: "Choose all events, or at least one.",
    description_wrong: "At most 200 characters.",
    state: "Status",
    states: { enabled: "On", disabled: "Off" },
    because: {
      gone: "The address answered 410 (gone).",
      failing: "Nothing could be delivered for five days.",
      owner: "It was turned off in this dashboard.",
    },
    failing: (since) => `failing since ${since}`,
    create_title: "New endpoint",
    create: "Create endpoint",
    errors: "Please correct the following:",
    made: {
      title: "The endpoint has been created. Its secret:",
      text: "Copy it now: it is shown only here, only once.",
    },
    rotated: {
      title: "The new secret:",
      text: "Copy it now: it is shown only once. The old one also signs for another day, so that you can switch over.",
    },
    rotated_at_once: {
      title: "The new secret:",
      text: "Copy it now: it is shown only once. The old one no longer signs, so your receiver needs this one right away.",
    },
    made_before: {
      title: "This form was sent before",
      text: "Its secret cannot be shown again. If it is lost, replace it.",
    },
    verify: "Your receiver uses it to check the signature, with any Standard Webhooks library.",
    copy: "Copy",
    copied: "Copied",
    done_copying: "I have copied it",
    too_many: "There are ten endpoints. Delete one first.",
    rotation_under_way:
      "The old secret still signs for up to a day. Wait until it has expired, or end it now.",
    endpoint_disabled: "The endpoint is off: turn it on first.",
    change_title: "Change",
    save: "Save",
    test: "Send a test event",
    disable: "Turn off",
    enable: "Turn on",
    rotate: "Replace the secret…",
    rotate_sure: "The new secret is shown once. The old one also signs for another day.",
    rotate_confirm: "Replace the secret",
    rotate_at_once: "Replace it and end the old one now",
    end_old: "End the old secret…",
    end_old_sure:
      "From now on only the new secret signs. A receiver that still checks with the old one will refuse events.",
    end_old_confirm: "End the old secret now",
    remove: "Delete…",
    remove_sure: "The endpoint and the record of its deliveries are permanently deleted.",
    remove_confirm: "Delete this endpoint",
    done: {
      saved: "Saved",
      old_secret_ended: "The old secret no longer signs",
      disabled: "The endpoint is off. Events still waiting will not be sent.",
      enabled: "The endpoint is on",
      removed: "The endpoint has been deleted",
      tested: "A test event is on its way. It appears below.",
      resent: "The event is sent again",
    },
    resent_all: (count) => `Events sent again: ${count}`,
    deliveries: "Deliveries of the last 30 days",
    no_deliveries: "Nothing has been sent yet. Send a test event.",
    when: "When",
    event: "Event",
    delivery: "Status",
    delivery_states: { pending: "Under way", delivered: "Delivered", failed: "Failed" },
    tries: "Attempts",
    last_answer: "Last answer",
    no_answer: "No answer",
    next: (time) => `next attempt ${time}`,
    again: "Send again",
    again_which: (event) => `Send again: ${event}`,
    all_failed: "Send failed events again",
    all_failed_day: "Since",
    all_failed_send: "Send again",
    day_wrong: "Choose a day.",
    newest: "Newest",
    older: "Older",
    pages: "Pages of deliveries",
    back: "All endpoints",
  },
  nl: {
    intro:
      "Wij sturen ondertekende gebeurtenissen, zoals een laag saldo of een beëindigd gesprek, naar uw adres totdat ze zijn ontvangen.",
    list: "Uw adressen",
    none: {
      title: "Nog geen adressen",
      text: "Voeg er hieronder een toe om bericht te krijgen van meldingen, gesprekken en facturen.",
    },
    url: "Adres",
    url_hint: "Een https-adres dat openbaar bereikbaar is, zoals https://example.com/ringfence.",
    url_wrong:
      "Voer een volledig https-adres in met de naam van een openbare host: geen IP-adres, privénetwerk of adres van ons, geen poort, gebruikersnaam of #.",
    description: "Omschrijving",
    description_hint: "Optioneel, voor uw collega's.",
    format: "Formaat",
    format_hint:
      "Beide bevatten dezelfde gegevens. Kies het formaat van het platform als uw ontvanger de gesprekswebhooks al verwerkt.",
    product_format: "Gesprekswebhooks van het platform",
    events: "Gebeurtenissen",
    all_events: "Alle gebeurtenissen",
    all_hint: "Ook gebeurtenissen die later worden toegevoegd.",
    events_wrong: "Kies alle gebeurtenissen, of minstens één.",
    description_wrong: "Hoogstens 200 tekens.",
    state: "Status",
    states: { enabled: "Aan", disabled: "Uit" },
    because: {
      gone: "Het adres antwoordde 410 (bestaat niet meer).",
      failing: "Er kon vijf dagen lang niets worden afgeleverd.",
      owner: "Het is in dit dashboard uitgezet.",
    },
    failing: (since) => `mislukt sinds ${since}`,
    create_title: "Nieuw adres",
    create: "Adres toevoegen",
    errors: "Controleer het volgende:",
    made: {
      title: "Het adres is toegevoegd. De geheime sleutel:",
      text: "Kopieer hem nu: hij wordt alleen hier en maar één keer getoond.",
    },
    rotated: {
      title: "De nieuwe geheime sleutel:",
      text: "Kopieer hem nu: hij wordt maar één keer getoond. De oude ondertekent nog een dag mee, zodat u kunt overstappen.",
    },
    rotated_at_once: {
      title: "De nieuwe geheime sleutel:",
      text: "Kopieer hem nu: hij wordt maar één keer getoond. De oude ondertekent niet meer, dus uw ontvanger heeft deze meteen nodig.",
    },
    made_before: {
      title: "Dit formulier is al eerder verzonden",
      text: "De geheime sleutel van toen kan niet meer worden getoond. Is hij kwijt, vervang hem dan.",
    },
    verify:
      "Uw ontvanger controleert hiermee de handtekening; elke bibliotheek voor Standard Webhooks kan dat.",
    copy: "Kopiëren",
    copied: "Gekopieerd",
    done_copying: "Ik heb hem gekopieerd",
    too_many: "Er zijn tien adressen. Verwijder er eerst een.",
    rotation_under_way:
      "De oude geheime sleutel ondertekent nog hoogstens een dag. Wacht tot hij is verlopen, of laat hem nu vervallen.",
    endpoint_disabled: "Het adres staat uit: zet het eerst aan.",
    change_title: "Wijzigen",
    save: "Opslaan",
    test: "Testgebeurtenis sturen",
    disable: "Uitzetten",
    enable: "Aanzetten",
    rotate: "Geheime sleutel vervangen…",
    rotate_sure: "De nieuwe geheime sleutel wordt één keer getoond. De oude ondertekent nog een dag mee.",
    rotate_confirm: "Geheime sleutel vervangen",
    rotate_at_once: "Vervangen en de oude meteen laten vervallen",
    end_old: "Oude geheime sleutel laten vervallen…",
    end_old_sure:
      "Vanaf nu ondertekent alleen de nieuwe geheime sleutel. Een ontvanger die nog met de oude controleert, weigert gebeurtenissen.",
    end_old_confirm: "Oude sleutel nu laten vervallen",
    remove: "Verwijderen…",
    remove_sure: "Het adres en het overzicht van zijn verzendingen worden definitief verwijderd.",
    remove_confirm: "Dit adres verwijderen",
    done: {
      saved: "Opgeslagen",
      old_secret_ended: "De oude geheime sleutel ondertekent niet meer",
      disabled: "Het adres staat uit. Wachtende gebeurtenissen worden niet meer verstuurd.",
      enabled: "Het adres staat aan",
      removed: "Het adres is verwijderd",
      tested: "Een testgebeurtenis is onderweg. Die staat hieronder.",
      resent: "De gebeurtenis wordt opnieuw verstuurd",
    },
    resent_all: (count) => `Opnieuw verstuurde gebeurtenissen: ${count}`,
    deliveries: "Verzendingen van de laatste 30 dagen",
    no_deliveries: "Er is nog niets verstuurd. Stuur een testgebeurtenis.",
    when: "Wanneer",
    event: "Gebeurtenis",
    delivery: "Status",
    delivery_states: { pending: "Onderweg", delivered: "Afgeleverd", failed: "Mislukt" },
    tries: "Pogingen",
    last_answer: "Laatste antwoord",
    no_answer: "Geen antwoord",
    next: (time) => `volgende poging ${time}`,
    again: "Opnieuw sturen",
    again_which: (event) => `Opnieuw sturen: ${event}`,
    all_failed: "Mislukte gebeurtenissen opnieuw sturen",
    all_failed_day: "Sinds",
    all_failed_send: "Opnieuw sturen",
    day_wrong: "Kies een dag.",
    newest: "Nieuwste",
    older: "Ouder",
    pages: "Pagina's met verzendingen",
    back: "Alle adressen",
  },
  de: {
    intro:
      "Wir senden signierte Ereignisse, etwa bei niedrigem Guthaben oder nach einem Anruf, an Ihre Adresse, bis sie zugestellt sind.",
    list: "Ihre Adressen",
    none: {
      title: "Noch keine Adressen",
      text: "Fügen Sie unten eine hinzu, um über Warnungen, Anrufe und Rechnungen benachrichtigt zu werden.",
    },
    url: "Adresse",
    url_hint: "Eine öffentlich erreichbare https-Adresse, etwa https://example.com/ringfence.",
    url_wrong:
      "Geben Sie eine vollständige https-Adresse mit dem Namen eines öffentlichen Hosts ein: keine IP-Adresse, kein privates Netz, keine Adresse von uns, ohne Port, Benutzernamen und #.",
    description: "Beschreibung",
    description_hint: "Optional, für Ihre Kollegen.",
    format: "Format",
    format_hint:
      "Beide enthalten dieselben Angaben. Wählen Sie das Format der Plattform, wenn Ihr Empfänger deren Anruf-Webhooks bereits verarbeitet.",
    product_format: "Anruf-Webhooks der Plattform",
    events: "Ereignisse",
    all_events: "Alle Ereignisse",
    all_hint: "Auch Ereignisse, die später hinzukommen.",
    events_wrong: "Wählen Sie alle Ereignisse, oder mindestens eines.",
    description_wrong: "Höchstens 200 Zeichen.",
    state: "Status",
    states: { enabled: "Ein", disabled: "Aus" },
    because: {
      gone: "Die Adresse antwortete 410 (nicht mehr vorhanden).",
      failing: "Fünf Tage lang konnte nichts zugestellt werden.",
      owner: "Sie wurde in diesem Dashboard ausgeschaltet.",
    },
    failing: (since) => `fehlgeschlagen seit ${since}`,
    create_title: "Neue Adresse",
    create: "Adresse hinzufügen",
    errors: "Bitte prüfen Sie Folgendes:",
    made: {
      title: "Die Adresse ist hinzugefügt. Ihr Secret:",
      text: "Kopieren Sie es jetzt: Es wird nur hier und nur einmal angezeigt.",
    },
    rotated: {
      title: "Das neue Secret:",
      text: "Kopieren Sie es jetzt: Es wird nur einmal angezeigt. Das alte signiert noch einen Tag mit, damit Sie umstellen können.",
    },
    rotated_at_once: {
      title: "Das neue Secret:",
      text: "Kopieren Sie es jetzt: Es wird nur einmal angezeigt. Das alte signiert nicht mehr, Ihr Empfänger braucht also sofort dieses.",
    },
    made_before: {
      title: "Dieses Formular wurde bereits gesendet",
      text: "Das Secret von damals kann nicht mehr angezeigt werden. Ist es verloren, ersetzen Sie es.",
    },
    verify: "Ihr Empfänger prüft damit die Signatur: Jede Bibliothek für Standard Webhooks kann das.",
    copy: "Kopieren",
    copied: "Kopiert",
    done_copying: "Ich habe es kopiert",
    too_many: "Es gibt zehn Adressen. Löschen Sie zuerst eine.",
    rotation_under_way:
      "Das alte Secret signiert noch bis zu einem Tag. Warten Sie, bis es abgelaufen ist, oder beenden Sie es jetzt.",
    endpoint_disabled: "Die Adresse ist ausgeschaltet: Schalten Sie sie zuerst ein.",
    change_title: "Ändern",
    save: "Speichern",
    test: "Testereignis senden",
    disable: "Ausschalten",
    enable: "Einschalten",
    rotate: "Secret ersetzen…",
    rotate_sure: "Das neue Secret wird einmal angezeigt. Das alte signiert noch einen Tag mit.",
    rotate_confirm: "Secret ersetzen",
    rotate_at_once: "Ersetzen und das alte sofort beenden",
    end_old: "Altes Secret beenden…",
    end_old_sure:
      "Ab jetzt signiert nur das neue Secret. Ein Empfänger, der noch mit dem alten prüft, lehnt Ereignisse ab.",
    end_old_confirm: "Altes Secret jetzt beenden",
    remove: "Löschen…",
    remove_sure: "Die Adresse und die Übersicht ihrer Zustellungen werden endgültig gelöscht.",
    remove_confirm: "Diese Adresse löschen",
    done: {
      saved: "Gespeichert",
      old_secret_ended: "Das alte Secret signiert nicht mehr",
      disabled: "Die Adresse ist ausgeschaltet. Wartende Ereignisse werden nicht mehr gesendet.",
      enabled: "Die Adresse ist eingeschaltet",
      removed: "Die Adresse ist gelöscht",
      tested: "Ein Testereignis ist unterwegs. Es steht unten.",
      resent: "Das Ereignis wird erneut gesendet",
    },
    resent_all: (count) => `Erneut gesendete Ereignisse: ${count}`,
    deliveries: "Zustellungen der letzten 30 Tage",
    no_deliveries: "Noch wurde nichts gesendet. Senden Sie ein Testereignis.",
    when: "Wann",
    event: "Ereignis",
    delivery: "Status",
    delivery_states: { pending: "Unterwegs", delivered: "Zugestellt", failed: "Fehlgeschlagen" },
    tries: "Versuche",
    last_answer: "Letzte Antwort",
    no_answer: "Keine Antwort",
    next: (time) => `nächster Versuch ${time}`,
    again: "Erneut senden",
    again_which: (event) => `Erneut senden: ${event}`,
    all_failed: "Fehlgeschlagene Ereignisse erneut senden",
    all_failed_day: "Seit",
    all_failed_send: "Erneut senden",
    day_wrong: "Wählen Sie einen Tag.",
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Zustellungen",
    back: "Alle Adressen",
  },
});
