import type { Scope } from "../../../ledger/core/account/api-keys";
import { inEveryLanguage } from "../../words/languages";

interface Words {
  intro: string;
  label: string;
  label_hint: string;
  label_wrong: string;
  scopes: string;
  scopes_wrong: string;
  scopes_beyond: string;
  /** The heading over what keys may do, where it has to be short. */
  access: string;
  scope: Record<Scope, { name: string; allows: string }>;
  expires: string;
  expires_hint: string;
  /** Where the key that opened the session ends. */
  expires_hint_until: (end: string) => string;
  expires_wrong: string;
  expires_too_late: string;
  create: string;
  create_title: string;
  errors: string;
  made: { title: string; text: string };
  made_before: { title: string; text: string };
  too_many: string;
  copy: string;
  copied: string;
  done: string;
  list: string;
  /** After the day of its making: the key that it was made with. */
  made_with: (label: string) => string;
  /** Leads to the sessions that the key has opened. */
  its_sessions: string;
  created: string;
  last_used: string;
  /** That `last_used` is no more precise than that. */
  to_the_hour: string;
  unused: string;
  state: string;
  states: { works: string; expired: string; revoked: string };
  until: (day: string) => string;
  revoke: string;
  revoke_sure: (label: string) => string;
  /** Keys that were made with it and work on. */
  revoke_leaves: (labels: string[]) => string;
  revoke_confirm: string;
  revoked: { title: string };
  none: { title: string; text: string };
}

/** Keys of the API. */
export const keysWords = inEveryLanguage<Words>({
  en: {
    intro:
      "Your own programs use a key to read your account and to place calls. Keep it as secret as a password.",
    label: "What is it for?",
    label_hint: "So that you know later which one to revoke, for example CRM integration.",
    label_wrong: "Enter a name of 1 to 100 characters.",
    scopes: "What may it do?",
    scopes_wrong: "Choose at least one.",
    scopes_beyond: "Choose only what the key that opened this session may do itself.",
    access: "Access",
    scope: {
      read: { name: "Read", allows: "Account, usage, calls, ledger, purchases and invoices." },
      calls: { name: "Calls", allows: "Place outbound calls." },
      billing: {
        name: "Billing",
        allows: "Buy credit, change billing information, auto top-up, alerts and webhooks.",
      },
      keys: { name: "Keys", allows: "Create and revoke keys, and give people access to this dashboard." },
    },
    expires: "Valid until the end of",
    expires_hint: "Optional. Without a date it is valid until it is revoked.",
    expires_hint_until: (end) =>
      `Optional. The key that opened this session ends on ${end}: keys made here end then, or earlier.`,
    expires_wrong: "Choose a date that has not passed.",
    expires_too_late: "Choose an earlier date: the key that opened this session ends before that one does.",
    create: "Create key",
    create_title: "New key",
    errors: "Please correct the following:",
    made: { title: "Your new key", text: "Copy it now: it is shown only here, only once." },
    made_before: {
      title: "This form was sent before",
      text: "The key that it created is in the list. To create another one, fill in the form again.",
    },
    too_many: "There are 100 active keys. Revoke one first.",
    copy: "Copy",
    copied: "Copied",
    done: "I have copied it",
    list: "Your keys",
    made_with: (label) => `with “${label}”`,
    its_sessions: "Sessions opened with it",
    created: "Created",
    last_used: "Last used",
    to_the_hour: "(to the hour)",
    unused: "Never",
    state: "Status",
    states: { works: "Active", expired: "Expired", revoked: "Revoked" },
    until: (day) => `until ${day}`,
    revoke: "Revoke…",
    revoke_sure: (label) =>
      `Programs that use “${label}” stop working at once and for good, and whoever it let in to this dashboard is signed out.`,
    revoke_leaves: (labels) =>
      `Keys that were made with it go on working: ${labels.map((label) => `“${label}”`).join(", ")}.`,
    revoke_confirm: "Revoke this key",
    revoked: { title: "The key is revoked" },
    none: { title: "No keys yet", text: "Create one below to use the API." },
  },
  nl: {
    intro:
      "Uw eigen programma's gebruiken een sleutel om uw account op te vragen en te bellen. Houd hem even geheim als een wachtwoord.",
    label: "Waarvoor is hij?",
    label_hint: "Zodat u later weet welke u moet intrekken, bijvoorbeeld CRM-koppeling.",
    label_wrong: "Voer een naam in van 1 tot 100 tekens.",
    scopes: "Wat mag hij?",
    scopes_wrong: "Kies er minstens één.",
    scopes_beyond: "Kies alleen wat de sleutel waarmee deze sessie is geopend, zelf ook mag.",
    access: "Rechten",
    scope: {
      read: { name: "Lezen", allows: "Account, verbruik, gesprekken, grootboek, aankopen en facturen." },
      calls: { name: "Bellen", allows: "Uitgaande gesprekken starten." },
      billing: {
        name: "Facturering",
        allows: "Tegoed kopen, factuurgegevens, automatisch opwaarderen, meldingen en webhooks wijzigen.",
      },
      keys: {
        name: "Sleutels",
        allows: "Sleutels maken en intrekken, en mensen toegang geven tot dit dashboard.",
      },
    },
    expires: "Geldig tot en met",
    expires_hint: "Optioneel. Zonder datum is hij geldig totdat hij wordt ingetrokken.",
    expires_hint_until: (end) =>
      `Optioneel. De sleutel waarmee deze sessie is geopend, eindigt op ${end}: sleutels die u hier maakt, eindigen dan of eerder.`,
    expires_wrong: "Kies een datum die nog niet voorbij is.",
    expires_too_late: "Kies een eerdere datum: de sleutel waarmee deze sessie is geopend, eindigt eerder.",
    create: "Sleutel maken",
    create_title: "Nieuwe sleutel",
    errors: "Controleer het volgende:",
    made: {
      title: "Uw nieuwe sleutel",
      text: "Kopieer hem nu: hij wordt alleen hier en maar één keer getoond.",
    },
    made_before: {
      title: "Dit formulier is al eerder verzonden",
      text: "De sleutel van toen staat in de lijst. Vul het formulier opnieuw in om er nog een te maken.",
    },
    too_many: "Er zijn 100 actieve sleutels. Trek er eerst een in.",
    copy: "Kopiëren",
    copied: "Gekopieerd",
    done: "Ik heb hem gekopieerd",
    list: "Uw sleutels",
    made_with: (label) => `met “${label}”`,
    its_sessions: "Sessies die ermee zijn geopend",
    created: "Gemaakt",
    last_used: "Laatst gebruikt",
    to_the_hour: "(tot op het uur)",
    unused: "Nooit",
    state: "Status",
    states: { works: "Actief", expired: "Verlopen", revoked: "Ingetrokken" },
    until: (day) => `tot ${day}`,
    revoke: "Intrekken…",
    revoke_sure: (label) =>
      `Programma's die “${label}” gebruiken, werken meteen en voorgoed niet meer, en wie ermee op dit dashboard is gekomen, wordt uitgelogd.`,
    revoke_leaves: (labels) =>
      `Sleutels die ermee zijn gemaakt, blijven werken: ${labels.map((label) => `“${label}”`).join(", ")}.`,
    revoke_confirm: "Deze sleutel intrekken",
    revoked: { title: "De sleutel is ingetrokken" },
    none: { title: "Nog geen sleutels", text: "Maak er hieronder een om de API te gebruiken." },
  },
  de: {
    intro:
      "Ihre eigenen Programme nutzen einen Schlüssel, um Ihr Konto abzufragen und Anrufe zu tätigen. Halten Sie ihn geheim wie ein Passwort.",
    label: "Wofür ist er?",
    label_hint: "Damit Sie später wissen, welchen Sie widerrufen, etwa CRM-Anbindung.",
    label_wrong: "Geben Sie einen Namen von 1 bis 100 Zeichen ein.",
    scopes: "Was darf er?",
    scopes_wrong: "Wählen Sie mindestens eines.",
    scopes_beyond: "Wählen Sie nur, was der Schlüssel, mit dem diese Sitzung geöffnet wurde, selbst darf.",
    access: "Rechte",
    scope: {
      read: { name: "Lesen", allows: "Konto, Nutzung, Anrufe, Buchungen, Käufe und Rechnungen." },
      calls: { name: "Anrufen", allows: "Ausgehende Anrufe tätigen." },
      billing: {
        name: "Abrechnung",
        allows: "Guthaben kaufen, Rechnungsdaten, automatisches Aufladen, Warnungen und Webhooks ändern.",
      },
      keys: {
        name: "Schlüssel",
        allows: "Schlüssel erstellen und widerrufen, und Personen Zugang zu diesem Dashboard geben.",
      },
    },
    expires: "Gültig bis einschließlich",
    expires_hint: "Optional. Ohne Datum gilt er, bis er widerrufen wird.",
    expires_hint_until: (end) =>
      `Optional. Der Schlüssel, mit dem diese Sitzung geöffnet wurde, endet am ${end}: Schlüssel, die Sie hier erstellen, enden dann oder früher.`,
    expires_wrong: "Wählen Sie ein Datum, das noch nicht vorbei ist.",
    expires_too_late:
      "Wählen Sie ein früheres Datum: Der Schlüssel, mit dem diese Sitzung geöffnet wurde, endet eher.",
    create: "Schlüssel erstellen",
    create_title: "Neuer Schlüssel",
    errors: "Bitte prüfen Sie Folgendes:",
    made: {
      title: "Ihr neuer Schlüssel",
      text: "Kopieren Sie ihn jetzt: Er wird nur hier und nur einmal angezeigt.",
    },
    made_before: {
      title: "Dieses Formular wurde bereits gesendet",
      text: "Der Schlüssel von damals steht in der Liste. Für einen weiteren füllen Sie das Formular bitte neu aus.",
    },
    too_many: "Es gibt 100 aktive Schlüssel. Widerrufen Sie zuerst einen.",
    copy: "Kopieren",
    copied: "Kopiert",
    done: "Ich habe ihn kopiert",
    list: "Ihre Schlüssel",
    made_with: (label) => `mit „${label}“`,
    its_sessions: "Damit geöffnete Sitzungen",
    created: "Erstellt",
    last_used: "Zuletzt genutzt",
    to_the_hour: "(stundengenau)",
    unused: "Nie",
    state: "Status",
    states: { works: "Aktiv", expired: "Abgelaufen", revoked: "Widerrufen" },
    until: (day) => `bis ${day}`,
    revoke: "Widerrufen…",
    revoke_sure: (label) =>
      `Programme, die „${label}“ nutzen, funktionieren sofort und endgültig nicht mehr, und wer damit auf dieses Dashboard gekommen ist, wird abgemeldet.`,
    revoke_leaves: (labels) =>
      `Schlüssel, die damit erstellt wurden, gelten weiter: ${labels.map((label) => `„${label}“`).join(", ")}.`,
    revoke_confirm: "Diesen Schlüssel widerrufen",
    revoked: { title: "Der Schlüssel ist widerrufen" },
    none: { title: "Noch keine Schlüssel", text: "Erstellen Sie unten einen, um die API zu nutzen." },
  },
});
