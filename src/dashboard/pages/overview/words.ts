import { counted, inEveryLanguage } from "../../words/languages";

interface Words {
  balance: string;
  minutes: (minutes: string) => string;
  spendable: string;
  spendable_note: string;
  held: string;
  held_note: (calls: number) => string;
  runway: string;
  runway_idle: string;
  runway_none: string;
  runway_over: string;
  runway_left: (time: string) => string;
  runway_until: (time: string) => string;
  runway_until_lately: (time: string) => string;
  minutes_long: (n: number) => string;
  hours_long: (n: string) => string;
  days_long: (n: string) => string;
  month: (month: string) => string;
  /** `rejected` is null when there were none. */
  month_note: (minutes: string, calls: string, rejected: string | null) => string;
  low: { title: string; text: (minutes: string) => string; action: string };
  top_up: Record<"card_declined" | "authentication_required" | "monthly_cap" | "max_per_day", string>;
  top_up_title: string;
  top_up_link: string;
  live: { title: string; none: string; more: (n: number) => string };
  call: { length: string; cost: string };
  usage: {
    title: (days: number) => string;
    none_title: string;
    none_text: string;
  };
  entries: {
    title: string;
    all: string;
    none: string;
    when: string;
    what: string;
    amount: string;
    balance: string;
  };
}

/** The page that people see first. */
export const overviewWords = inEveryLanguage<Words>({
  en: {
    balance: "Balance",
    minutes: (minutes) => counted(minutes, "minute", "minutes"),
    spendable: "For new calls",
    spendable_note: "not held for live calls",
    held: "Held",
    held_note: (calls) => (calls === 1 ? "for 1 live call" : `for ${calls} live calls`),
    runway: "Time left",
    runway_idle: "No calls at the moment: nothing is being spent.",
    runway_none: "used up",
    runway_over: "less than a minute",
    runway_left: (time) => `about ${time}`,
    runway_until: (time) => `at the present pace, until ${time}`,
    runway_until_lately: (time) => `at the pace of the last five minutes, until ${time}`,
    minutes_long: (n) => (n === 1 ? "1 minute" : `${n} minutes`),
    hours_long: (n) => `${n} hours`,
    days_long: (n) => `${n} days`,
    month: (month) => `Spent in ${month}`,
    month_note: (minutes, calls, rejected) =>
      `${counted(minutes, "minute", "minutes")}; ${counted(calls, "call", "calls")}${rejected === null ? "" : `, ${rejected} rejected`}`,
    low: {
      title: "Your credit is running low",
      text: (minutes) =>
        `It pays for ${counted(minutes, "more minute", "more minutes")} of calls. After that, calls are refused.`,
      action: "Add credits",
    },
    top_up: {
      card_declined: "Your card was declined. Replace it to resume auto top-up.",
      authentication_required: "Your bank asks you to confirm the payment.",
      monthly_cap: "The maximum that you set per month has been reached.",
      max_per_day: "The maximum that you set per day has been reached.",
    },
    top_up_title: "Auto top-up is paused",
    top_up_link: "To auto top-up",
    live: { title: "Live calls", none: "No live calls.", more: (n) => `and ${n} more` },
    call: {
      length: "Length",
      cost: "Cost so far",
    },
    usage: {
      title: (days) => `Spent by day, last ${days} days`,
      none_title: "No calls yet",
      none_text: "As soon as there are calls, each day's spending appears here.",
    },
    entries: {
      title: "Latest entries",
      all: "Full ledger",
      none: "Nothing yet. Every purchase and every call will appear here.",
      when: "When",
      what: "What",
      amount: "Amount",
      balance: "Balance",
    },
  },
  nl: {
    balance: "Saldo",
    minutes: (minutes) => counted(minutes, "minuut", "minuten"),
    spendable: "Voor nieuwe gesprekken",
    spendable_note: "niet gereserveerd voor lopende gesprekken",
    held: "Gereserveerd",
    held_note: (calls) => (calls === 1 ? "voor 1 lopend gesprek" : `voor ${calls} lopende gesprekken`),
    runway: "Resterende tijd",
    runway_idle: "Geen gesprekken op dit moment: er wordt niets verbruikt.",
    runway_none: "op",
    runway_over: "minder dan een minuut",
    runway_left: (time) => `ongeveer ${time}`,
    runway_until: (time) => `in het huidige tempo, tot ${time}`,
    runway_until_lately: (time) => `in het tempo van de laatste vijf minuten, tot ${time}`,
    minutes_long: (n) => (n === 1 ? "1 minuut" : `${n} minuten`),
    hours_long: (n) => `${n} uur`,
    days_long: (n) => `${n} dagen`,
    month: (month) => `Verbruikt in ${month}`,
    month_note: (minutes, calls, rejected) =>
      `${counted(minutes, "minuut", "minuten")}; ${counted(calls, "gesprek", "gesprekken")}${rejected === null ? "" : `, ${rejected} geweigerd`}`,
    low: {
      title: "Uw tegoed raakt op",
      text: (minutes) =>
        `Het is nog genoeg voor ${counted(minutes, "minuut", "minuten")} bellen. Daarna worden gesprekken geweigerd.`,
      action: "Tegoed kopen",
    },
    top_up: {
      card_declined: "Uw kaart is geweigerd. Vervang de kaart om weer automatisch op te waarderen.",
      authentication_required: "Uw bank vraagt u de betaling te bevestigen.",
      monthly_cap: "Het maximum per maand dat u hebt ingesteld, is bereikt.",
      max_per_day: "Het maximum per dag dat u hebt ingesteld, is bereikt.",
    },
    top_up_title: "Automatisch opwaarderen is gepauzeerd",
    top_up_link: "Naar automatisch opwaarderen",
    live: { title: "Lopende gesprekken", none: "Geen lopende gesprekken.", more: (n) => `en nog ${n}` },
    call: {
      length: "Duur",
      cost: "Kosten tot nu toe",
    },
    usage: {
      title: (days) => `Verbruik per dag, laatste ${days} dagen`,
      none_title: "Nog geen gesprekken",
      none_text: "Zodra er via uw nummers wordt gebeld, staat hier wat elke dag kost.",
    },
    entries: {
      title: "Laatste boekingen",
      all: "Volledig grootboek",
      none: "Nog niets. Elke aankoop en elk gesprek komt hier te staan.",
      when: "Wanneer",
      what: "Wat",
      amount: "Bedrag",
      balance: "Saldo",
    },
  },
  de: {
    balance: "Guthaben",
    minutes: (minutes) => counted(minutes, "Minute", "Minuten"),
    spendable: "Für neue Anrufe",
    spendable_note: "nicht für laufende Anrufe reserviert",
    held: "Reserviert",
    held_note: (calls) => (calls === 1 ? "für 1 laufenden Anruf" : `für ${calls} laufende Anrufe`),
    runway: "Verbleibende Zeit",
    runway_idle: "Derzeit keine Anrufe: Es wird nichts verbraucht.",
    runway_none: "aufgebraucht",
    runway_over: "weniger als eine Minute",
    runway_left: (time) => `etwa ${time}`,
    runway_until: (time) => `im jetzigen Tempo, bis ${time}`,
    runway_until_lately: (time) => `im Tempo der letzten fünf Minuten, bis ${time}`,
    minutes_long: (n) => (n === 1 ? "1 Minute" : `${n} Minuten`),
    hours_long: (n) => `${n} Stunden`,
    days_long: (n) => `${n} Tage`,
    month: (month) => `Verbraucht im ${month}`,
    month_note: (minutes, calls, rejected) =>
      `${counted(minutes, "Minute", "Minuten")}; ${counted(calls, "Anruf", "Anrufe")}${rejected === null ? "" : `, ${rejected} abgewiesen`}`,
    low: {
      title: "Ihr Guthaben geht zur Neige",
      text: (minutes) =>
        `Es reicht noch für ${counted(minutes, "Minute", "Minuten")} Gesprächszeit. Danach werden Anrufe abgelehnt.`,
      action: "Guthaben kaufen",
    },
    top_up: {
      card_declined: "Ihre Karte wurde abgelehnt. Ersetzen Sie sie, um wieder automatisch aufzuladen.",
      authentication_required: "Ihre Bank bittet Sie, die Zahlung zu bestätigen.",
      monthly_cap: "Das von Ihnen festgelegte Maximum pro Monat ist erreicht.",
      max_per_day: "Das von Ihnen festgelegte Maximum pro Tag ist erreicht.",
    },
    top_up_title: "Das automatische Aufladen ist pausiert",
    top_up_link: "Zum automatischen Aufladen",
    live: {
      title: "Laufende Anrufe",
      none: "Keine laufenden Anrufe.",
      more: (n) => (n === 1 ? "und 1 weiterer" : `und ${n} weitere`),
    },
    call: {
      length: "Dauer",
      cost: "Kosten bisher",
    },
    usage: {
      title: (days) => `Verbrauch pro Tag, letzte ${days} Tage`,
      none_title: "Noch keine Anrufe",
      none_text: "Sobald über Ihre Nummern telefoniert wird, steht hier, was jeder Tag kostet.",
    },
    entries: {
      title: "Letzte Buchungen",
      all: "Alle Buchungen",
      none: "Noch nichts. Jeder Kauf und jeder Anruf erscheint hier.",
      when: "Wann",
      what: "Was",
      amount: "Betrag",
      balance: "Guthaben",
    },
  },
});
