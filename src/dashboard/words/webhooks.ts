import type { DeliveryState, Endpoint } from "../../webhooks/types";
import { inEveryLanguage } from "./languages";

interface Words {
  intro: string;
  list: string;
  none: { title: string; text: string };
  url: string;
  url_hint: string;
  url_wrong: string;
  description: string;
  description_hint: string;
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
  remove: string;
  remove_sure: string;
  remove_confirm: string;
  done: Record<"saved" | "disabled" | "enabled" | "removed" | "tested" | "resent", string>;
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
      "We send events such as a low balance or a finished call to an address of yours, signed, until it takes them.",
    list: "Your endpoints",
    none: { title: "No endpoints yet", text: "Create one below to hear of alerts, calls and invoices." },
    url: "Address",
    url_hint: "An https address that the public can reach, such as https://example.com/ringfence.",
    url_wrong:
      "Enter a complete https address with the name of a public host: no IP address, private network or address of ours, no port, user name or #.",
    description: "Description",
    description_hint: "Optional, for your colleagues.",
    events: "Events",
    all_events: "All events",
    all_hint: "Those that come to be later, too.",
    events_wrong: "Choose all events, or at least one.",
    description_wrong: "At most 200 characters.",
    state: "State",
    states: { enabled: "On", disabled: "Off" },
    because: {
      gone: "It answered that it is gone (410).",
      failing: "It took nothing for five days.",
      owner: "Somebody turned it off here.",
    },
    failing: (since) => `fails since ${since}`,
    create_title: "New endpoint",
    create: "Create endpoint",
    errors: "Please correct this:",
    made: {
      title: "The endpoint is there. Its secret:",
      text: "Copy it now: it is shown only here, only once.",
    },
    rotated: {
      title: "The new secret:",
      text: "Copy it now: it is shown only once. The old one signs beside it for a day, so that you can change over.",
    },
    made_before: {
      title: "This was done before",
      text: "The secret was shown then. If it is lost, replace it.",
    },
    verify: "Your receiver checks the signature with it: any library for Standard Webhooks can.",
    copy: "Copy",
    copied: "Copied",
    done_copying: "I have copied it",
    too_many: "There are ten endpoints. Delete one first.",
    rotation_under_way: "The secret before is still in use for up to a day. Wait until it has ended.",
    endpoint_disabled: "The endpoint is off: turn it on first.",
    change_title: "Change",
    save: "Save",
    test: "Send a test event",
    disable: "Turn off",
    enable: "Turn on",
    rotate: "Replace the secret…",
    rotate_sure: "The new secret is shown once. The old one goes on signing for a day.",
    rotate_confirm: "Replace the secret",
    remove: "Delete…",
    remove_sure: "The endpoint and what is known of its deliveries are deleted for good.",
    remove_confirm: "Delete this endpoint",
    done: {
      saved: "Saved",
      disabled: "The endpoint is off. What was still to be sent is given up.",
      enabled: "The endpoint is on",
      removed: "The endpoint is deleted",
      tested: "A test event is on its way. It stands below.",
      resent: "It is sent again",
    },
    resent_all: (count) => `Events sent again: ${count}`,
    deliveries: "Deliveries of the last 30 days",
    no_deliveries: "Nothing was sent yet. Send a test event.",
    when: "When",
    event: "Event",
    delivery: "State",
    delivery_states: { pending: "Under way", delivered: "Taken", failed: "Given up" },
    tries: "Tries",
    last_answer: "Last answer",
    no_answer: "No answer",
    next: (time) => `next try ${time}`,
    again: "Send again",
    again_which: (event) => `Send again: ${event}`,
    all_failed: "Send again what was given up",
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
      "Wij sturen gebeurtenissen, zoals een laag saldo of een afgelopen gesprek, ondertekend naar een adres van u, totdat het ze aanneemt.",
    list: "Uw adressen",
    none: {
      title: "Nog geen adressen",
      text: "Maak er hieronder een om van meldingen, gesprekken en facturen te horen.",
    },
    url: "Adres",
    url_hint: "Een https-adres dat openbaar bereikbaar is, zoals https://example.com/ringfence.",
    url_wrong:
      "Voer een volledig https-adres in met de naam van een openbare host: geen IP-adres, privénetwerk of adres van ons, geen poort, gebruikersnaam of #.",
    description: "Omschrijving",
    description_hint: "Niet verplicht, voor uw collega's.",
    events: "Gebeurtenissen",
    all_events: "Alle gebeurtenissen",
    all_hint: "Ook die er later bijkomen.",
    events_wrong: "Kies alle gebeurtenissen, of minstens één.",
    description_wrong: "Hoogstens 200 tekens.",
    state: "Status",
    states: { enabled: "Aan", disabled: "Uit" },
    because: {
      gone: "Het antwoordde dat het niet meer bestaat (410).",
      failing: "Het nam vijf dagen niets aan.",
      owner: "Iemand heeft het hier uitgezet.",
    },
    failing: (since) => `faalt sinds ${since}`,
    create_title: "Nieuw adres",
    create: "Adres maken",
    errors: "Graag verbeteren:",
    made: {
      title: "Het adres is er. Het geheim:",
      text: "Kopieer het nu: het wordt alleen hier en maar één keer getoond.",
    },
    rotated: {
      title: "Het nieuwe geheim:",
      text: "Kopieer het nu: het wordt maar één keer getoond. Het oude ondertekent nog een dag mee, zodat u kunt overstappen.",
    },
    made_before: {
      title: "Dit is al gedaan",
      text: "Het geheim is toen getoond. Is het kwijt, vervang het dan.",
    },
    verify:
      "Uw ontvanger controleert er de handtekening mee: elke bibliotheek voor Standard Webhooks kan dat.",
    copy: "Kopiëren",
    copied: "Gekopieerd",
    done_copying: "Ik heb het gekopieerd",
    too_many: "Er zijn tien adressen. Verwijder er eerst een.",
    rotation_under_way: "Het vorige geheim is nog hoogstens een dag in gebruik. Wacht tot dat voorbij is.",
    endpoint_disabled: "Het adres staat uit: zet het eerst aan.",
    change_title: "Wijzigen",
    save: "Opslaan",
    test: "Testgebeurtenis sturen",
    disable: "Uitzetten",
    enable: "Aanzetten",
    rotate: "Geheim vervangen…",
    rotate_sure: "Het nieuwe geheim wordt één keer getoond. Het oude ondertekent nog een dag mee.",
    rotate_confirm: "Geheim vervangen",
    remove: "Verwijderen…",
    remove_sure: "Het adres en wat van zijn leveringen bekend is, worden voorgoed verwijderd.",
    remove_confirm: "Dit adres verwijderen",
    done: {
      saved: "Opgeslagen",
      disabled: "Het adres staat uit. Wat nog verstuurd moest worden, vervalt.",
      enabled: "Het adres staat aan",
      removed: "Het adres is verwijderd",
      tested: "Een testgebeurtenis is onderweg. Hij staat hieronder.",
      resent: "Het wordt opnieuw verstuurd",
    },
    resent_all: (count) => `Opnieuw verstuurde gebeurtenissen: ${count}`,
    deliveries: "Leveringen van de laatste 30 dagen",
    no_deliveries: "Er is nog niets verstuurd. Stuur een testgebeurtenis.",
    when: "Wanneer",
    event: "Gebeurtenis",
    delivery: "Status",
    delivery_states: { pending: "Onderweg", delivered: "Aangenomen", failed: "Opgegeven" },
    tries: "Pogingen",
    last_answer: "Laatste antwoord",
    no_answer: "Geen antwoord",
    next: (time) => `volgende poging ${time}`,
    again: "Opnieuw sturen",
    again_which: (event) => `Opnieuw sturen: ${event}`,
    all_failed: "Opnieuw sturen wat is opgegeven",
    all_failed_day: "Sinds",
    all_failed_send: "Opnieuw sturen",
    day_wrong: "Kies een dag.",
    newest: "Nieuwste",
    older: "Oudere",
    pages: "Pagina's met leveringen",
    back: "Alle adressen",
  },
  de: {
    intro:
      "Wir senden Ereignisse wie ein niedriges Guthaben oder einen beendeten Anruf signiert an eine Adresse von Ihnen, bis sie angenommen werden.",
    list: "Ihre Adressen",
    none: {
      title: "Noch keine Adressen",
      text: "Legen Sie unten eine an, um von Warnungen, Anrufen und Rechnungen zu hören.",
    },
    url: "Adresse",
    url_hint: "Eine öffentlich erreichbare https-Adresse, etwa https://example.com/ringfence.",
    url_wrong:
      "Geben Sie eine vollständige https-Adresse mit dem Namen eines öffentlichen Hosts ein: keine IP-Adresse, kein privates Netz, keine Adresse von uns, ohne Port, Benutzernamen und #.",
    description: "Beschreibung",
    description_hint: "Freiwillig, für Ihre Kollegen.",
    events: "Ereignisse",
    all_events: "Alle Ereignisse",
    all_hint: "Auch die, die später hinzukommen.",
    events_wrong: "Wählen Sie alle Ereignisse, oder mindestens eines.",
    description_wrong: "Höchstens 200 Zeichen.",
    state: "Stand",
    states: { enabled: "Ein", disabled: "Aus" },
    because: {
      gone: "Sie antwortete, dass es sie nicht mehr gibt (410).",
      failing: "Sie hat fünf Tage lang nichts angenommen.",
      owner: "Jemand hat sie hier ausgeschaltet.",
    },
    failing: (since) => `scheitert seit ${since}`,
    create_title: "Neue Adresse",
    create: "Adresse anlegen",
    errors: "Bitte berichtigen:",
    made: {
      title: "Die Adresse ist angelegt. Ihr Geheimnis:",
      text: "Kopieren Sie es jetzt: Es wird nur hier und nur einmal gezeigt.",
    },
    rotated: {
      title: "Das neue Geheimnis:",
      text: "Kopieren Sie es jetzt: Es wird nur einmal gezeigt. Das alte signiert noch einen Tag mit, damit Sie umstellen können.",
    },
    made_before: {
      title: "Das ist schon geschehen",
      text: "Das Geheimnis wurde damals gezeigt. Ist es verloren, ersetzen Sie es.",
    },
    verify: "Ihr Empfänger prüft damit die Signatur: Jede Bibliothek für Standard Webhooks kann das.",
    copy: "Kopieren",
    copied: "Kopiert",
    done_copying: "Ich habe es kopiert",
    too_many: "Es gibt zehn Adressen. Löschen Sie zuerst eine.",
    rotation_under_way: "Das vorige Geheimnis gilt noch bis zu einem Tag. Warten Sie, bis es abgelaufen ist.",
    endpoint_disabled: "Die Adresse ist aus: Schalten Sie sie zuerst ein.",
    change_title: "Ändern",
    save: "Speichern",
    test: "Testereignis senden",
    disable: "Ausschalten",
    enable: "Einschalten",
    rotate: "Geheimnis ersetzen…",
    rotate_sure: "Das neue Geheimnis wird einmal gezeigt. Das alte signiert noch einen Tag mit.",
    rotate_confirm: "Geheimnis ersetzen",
    remove: "Löschen…",
    remove_sure: "Die Adresse und was von ihren Lieferungen bekannt ist, werden endgültig gelöscht.",
    remove_confirm: "Diese Adresse löschen",
    done: {
      saved: "Gespeichert",
      disabled: "Die Adresse ist aus. Was noch zu senden war, verfällt.",
      enabled: "Die Adresse ist ein",
      removed: "Die Adresse ist gelöscht",
      tested: "Ein Testereignis ist unterwegs. Es steht unten.",
      resent: "Es wird erneut gesendet",
    },
    resent_all: (count) => `Erneut gesendete Ereignisse: ${count}`,
    deliveries: "Lieferungen der letzten 30 Tage",
    no_deliveries: "Noch wurde nichts gesendet. Senden Sie ein Testereignis.",
    when: "Wann",
    event: "Ereignis",
    delivery: "Stand",
    delivery_states: { pending: "Unterwegs", delivered: "Angenommen", failed: "Aufgegeben" },
    tries: "Versuche",
    last_answer: "Letzte Antwort",
    no_answer: "Keine Antwort",
    next: (time) => `nächster Versuch ${time}`,
    again: "Erneut senden",
    again_which: (event) => `Erneut senden: ${event}`,
    all_failed: "Aufgegebenes erneut senden",
    all_failed_day: "Seit",
    all_failed_send: "Erneut senden",
    day_wrong: "Wählen Sie einen Tag.",
    newest: "Neueste",
    older: "Ältere",
    pages: "Seiten der Lieferungen",
    back: "Alle Adressen",
  },
});
