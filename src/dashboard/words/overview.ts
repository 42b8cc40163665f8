import { inEveryLanguage } from "./languages";

interface Words {
  balance: string;
  minutes: (minutes: string) => string;
  spendable: string;
  spendable_note: string;
  held: string;
  held_note: (calls: number) => string;
  runway: string;
  runway_idle: string;
  runway_over: string;
  runway_left: (time: string) => string;
  runway_until: (time: string) => string;
  minutes_long: (n: number) => string;
  hours_long: (n: string) => string;
  days_long: (n: string) => string;
  month: (month: string) => string;
  month_note: (minutes: string, calls: string) => string;
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
    minutes: (minutes) => `${minutes} minutes`,
    spendable: "For new calls",
    spendable_note: "what is not held by live calls",
    held: "Held",
    held_note: (calls) => (calls === 1 ? "for 1 live call" : `for ${calls} live calls`),
    runway: "Lasts",
    runway_idle: "No calls at the moment: nothing is being spent.",
    runway_over: "less than a minute",
    runway_left: (time) => `about ${time}`,
    runway_until: (time) => `at the present pace, until ${time}`,
    minutes_long: (n) => (n === 1 ? "1 minute" : `${n} minutes`),
    hours_long: (n) => `${n} hours`,
    days_long: (n) => `${n} days`,
    month: (month) => `Spent in ${month}`,
    month_note: (minutes, calls) => `${minutes} minutes in ${calls} calls`,
    low: {
      title: "Your credit is running low",
      text: (minutes) => `It pays for ${minutes} more minutes of calls. Then calls are refused.`,
      action: "Add credits",
    },
    top_up: {
      card_declined: "Your card was declined. Replace it, and auto top-up goes on.",
      authentication_required: "Your bank asks you to confirm the payment.",
      monthly_cap: "The amount that you have set for a month is used up.",
      max_per_day: "It has bought as often today as you have set.",
    },
    top_up_title: "Auto top-up has paused",
    top_up_link: "To auto top-up",
    live: { title: "Live calls", none: "No live calls.", more: (n) => `and ${n} more` },
    call: {
      length: "Length",
      cost: "Cost so far",
    },
    usage: {
      title: (days) => `Spent by day, last ${days} days`,
      none_title: "No calls yet",
      none_text: "As soon as calls go through your numbers, each day's spending stands here.",
    },
    entries: {
      title: "Last entries",
      all: "Whole ledger",
      none: "Nothing yet. Every purchase and every call will stand here.",
      when: "When",
      what: "What",
      amount: "Amount",
      balance: "Balance",
    },
  },
  nl: {
    balance: "Saldo",
    minutes: (minutes) => `${minutes} minuten`,
    spendable: "Voor nieuwe gesprekken",
    spendable_note: "wat niet voor lopende gesprekken is gereserveerd",
    held: "Gereserveerd",
    held_note: (calls) => (calls === 1 ? "voor 1 lopend gesprek" : `voor ${calls} lopende gesprekken`),
    runway: "Genoeg voor",
    runway_idle: "Geen gesprekken op dit moment: er wordt niets verbruikt.",
    runway_over: "nog geen minuut",
    runway_left: (time) => `ongeveer ${time}`,
    runway_until: (time) => `in dit tempo, tot ${time}`,
    minutes_long: (n) => (n === 1 ? "1 minuut" : `${n} minuten`),
    hours_long: (n) => `${n} uur`,
    days_long: (n) => `${n} dagen`,
    month: (month) => `Verbruikt in ${month}`,
    month_note: (minutes, calls) => `${minutes} minuten in ${calls} gesprekken`,
    low: {
      title: "Uw tegoed raakt op",
      text: (minutes) =>
        `Het is genoeg voor nog ${minutes} minuten bellen. Daarna worden gesprekken geweigerd.`,
      action: "Tegoed kopen",
    },
    top_up: {
      card_declined: "Uw kaart is geweigerd. Vervang hem, dan gaat het opwaarderen verder.",
      authentication_required: "Uw bank vraagt u de betaling te bevestigen.",
      monthly_cap: "Het bedrag dat u voor een maand hebt ingesteld is op.",
      max_per_day: "Vandaag is al zo vaak opgewaardeerd als u hebt ingesteld.",
    },
    top_up_title: "Automatisch opwaarderen staat stil",
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
      all: "Hele grootboek",
      none: "Nog niets. Elke aankoop en elk gesprek komt hier te staan.",
      when: "Wanneer",
      what: "Wat",
      amount: "Bedrag",
      balance: "Saldo",
    },
  },
  de: {
    balance: "Guthaben",
    minutes: (minutes) => `${minutes} Minuten`,
    spendable: "Für neue Anrufe",
    spendable_note: "was nicht für laufende Anrufe reserviert ist",
    held: "Reserviert",
    held_note: (calls) => (calls === 1 ? "für 1 laufenden Anruf" : `für ${calls} laufende Anrufe`),
    runway: "Reicht noch",
    runway_idle: "Gerade keine Anrufe: Es wird nichts verbraucht.",
    runway_over: "keine Minute mehr",
    runway_left: (time) => `etwa ${time}`,
    runway_until: (time) => `in diesem Tempo, bis ${time}`,
    minutes_long: (n) => (n === 1 ? "1 Minute" : `${n} Minuten`),
    hours_long: (n) => `${n} Stunden`,
    days_long: (n) => `${n} Tage`,
    month: (month) => `Verbraucht im ${month}`,
    month_note: (minutes, calls) => `${minutes} Minuten in ${calls} Anrufen`,
    low: {
      title: "Ihr Guthaben geht zur Neige",
      text: (minutes) => `Es reicht für weitere ${minutes} Minuten. Danach werden Anrufe abgelehnt.`,
      action: "Guthaben kaufen",
    },
    top_up: {
      card_declined: "Ihre Karte wurde abgelehnt. Ersetzen Sie sie, dann wird weiter aufgeladen.",
      authentication_required: "Ihre Bank bittet Sie, die Zahlung zu bestätigen.",
      monthly_cap: "Der Betrag, den Sie für einen Monat festgelegt haben, ist aufgebraucht.",
      max_per_day: "Heute wurde schon so oft aufgeladen, wie Sie festgelegt haben.",
    },
    top_up_title: "Das automatische Aufladen ruht",
    top_up_link: "Zum automatischen Aufladen",
    live: { title: "Laufende Anrufe", none: "Keine laufenden Anrufe.", more: (n) => `und ${n} weitere` },
    call: {
      length: "Dauer",
      cost: "Kosten bisher",
    },
    usage: {
      title: (days) => `Verbrauch je Tag, letzte ${days} Tage`,
      none_title: "Noch keine Anrufe",
      none_text: "Sobald über Ihre Nummern telefoniert wird, steht hier, was jeder Tag kostet.",
    },
    entries: {
      title: "Letzte Buchungen",
      all: "Ganzes Kontobuch",
      none: "Noch nichts. Jeder Kauf und jeder Anruf wird hier stehen.",
      when: "Wann",
      what: "Was",
      amount: "Betrag",
      balance: "Guthaben",
    },
  },
});
