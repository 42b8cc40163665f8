import { inEveryLanguage } from "../../words/languages";

interface Words {
  intro: { own: string; all: string };
  list: string;
  person: string;
  access: string;
  since: string;
  not_used: string;
  last_seen: string;
  until: string;
  opened_with: string;
  operator: string;
  unknown_key: string;
  this_one: string;
  end: string;
  end_sure: (name: string) => string;
  end_confirm: string;
  end_others: string;
  end_others_sure: string;
  end_others_confirm: string;
  end_all: (name: string) => string;
  end_all_sure: string;
  end_all_confirm: string;
  /** That one person, or one key, is shown alone. */
  only: string;
  everybody: string;
  ended: { title: string };
  more: { title: string; text: string };
  none: { title: string; text: string };
  newest: string;
  older: string;
}

/** Who is signed in. */
export const sessionsWords = inEveryLanguage<Words>({
  en: {
    intro: {
      own: "Where you are signed in, and links that have not been used yet.",
      all: "Who is signed in, and links that have not been used yet. A session also ends by itself: after eight hours, after half an hour without use, and with the key that opened it.",
    },
    list: "Sessions",
    person: "Person",
    access: "Access",
    since: "Signed in",
    not_used: "Link not used yet",
    last_seen: "Last used",
    until: "Until",
    opened_with: "Opened with",
    operator: "Your platform's operator",
    unknown_key: "A key that is no longer known",
    this_one: "this session",
    end: "End",
    end_sure: (name) => `${name} is signed out at once.`,
    end_confirm: "End this session",
    end_others: "End my other sessions",
    end_others_sure: "You are signed out everywhere but here, and your unused links stop working.",
    end_others_confirm: "End my other sessions now",
    end_all: (name) => `End all sessions of ${name}`,
    end_all_sure: "The person is signed out everywhere, and their unused links stop working.",
    end_all_confirm: "End all of these now",
    only: "Only some sessions are shown.",
    everybody: "Show all sessions",
    ended: { title: "Ended" },
    more: {
      title: "There were too many to end at once",
      text: "Please end them once more until none is left.",
    },
    none: {
      title: "Nobody is signed in here",
      text: "Whoever opens billing on your platform is shown here.",
    },
    newest: "Newest sessions",
    older: "Older sessions",
  },
  nl: {
    intro: {
      own: "Waar u bent aangemeld, en links die nog niet zijn gebruikt.",
      all: "Wie er is aangemeld, en links die nog niet zijn gebruikt. Een sessie eindigt ook vanzelf: na acht uur, na een half uur zonder gebruik, en met de sleutel waarmee zij is geopend.",
    },
    list: "Sessies",
    person: "Persoon",
    access: "Toegang",
    since: "Aangemeld",
    not_used: "Link nog niet gebruikt",
    last_seen: "Laatst gebruikt",
    until: "Tot",
    opened_with: "Geopend met",
    operator: "De beheerder van uw platform",
    unknown_key: "Een sleutel die niet meer bekend is",
    this_one: "deze sessie",
    end: "Beëindigen",
    end_sure: (name) => `${name} wordt meteen afgemeld.`,
    end_confirm: "Deze sessie beëindigen",
    end_others: "Mijn andere sessies beëindigen",
    end_others_sure: "U wordt overal behalve hier afgemeld, en uw ongebruikte links werken niet meer.",
    end_others_confirm: "Mijn andere sessies nu beëindigen",
    end_all: (name) => `Alle sessies van ${name} beëindigen`,
    end_all_sure: "Deze persoon wordt overal afgemeld, en ongebruikte links werken niet meer.",
    end_all_confirm: "Deze nu allemaal beëindigen",
    only: "Niet alle sessies worden getoond.",
    everybody: "Alle sessies tonen",
    ended: { title: "Beëindigd" },
    more: {
      title: "Het waren er te veel voor één keer",
      text: "Beëindig ze nog eens, tot er geen meer over is.",
    },
    none: {
      title: "Hier is niemand aangemeld",
      text: "Wie op uw platform de facturering opent, staat hier.",
    },
    newest: "Nieuwste sessies",
    older: "Oudere sessies",
  },
  de: {
    intro: {
      own: "Wo Sie angemeldet sind, und Links, die noch nicht benutzt wurden.",
      all: "Wer angemeldet ist, und Links, die noch nicht benutzt wurden. Eine Sitzung endet auch von selbst: nach acht Stunden, nach einer halben Stunde ohne Nutzung und mit dem Schlüssel, der sie geöffnet hat.",
    },
    list: "Sitzungen",
    person: "Person",
    access: "Zugriff",
    since: "Angemeldet",
    not_used: "Link noch nicht benutzt",
    last_seen: "Zuletzt genutzt",
    until: "Bis",
    opened_with: "Geöffnet mit",
    operator: "Der Betreiber Ihrer Plattform",
    unknown_key: "Ein nicht mehr bekannter Schlüssel",
    this_one: "diese Sitzung",
    end: "Beenden",
    end_sure: (name) => `${name} wird sofort abgemeldet.`,
    end_confirm: "Diese Sitzung beenden",
    end_others: "Meine anderen Sitzungen beenden",
    end_others_sure:
      "Sie werden überall außer hier abgemeldet, und Ihre unbenutzten Links gelten nicht mehr.",
    end_others_confirm: "Meine anderen Sitzungen jetzt beenden",
    end_all: (name) => `Alle Sitzungen von ${name} beenden`,
    end_all_sure: "Die Person wird überall abgemeldet, und ihre unbenutzten Links gelten nicht mehr.",
    end_all_confirm: "Diese jetzt alle beenden",
    only: "Es werden nicht alle Sitzungen gezeigt.",
    everybody: "Alle Sitzungen anzeigen",
    ended: { title: "Beendet" },
    more: {
      title: "Es waren zu viele für ein Mal",
      text: "Bitte beenden Sie sie noch einmal, bis keine mehr übrig ist.",
    },
    none: {
      title: "Hier ist niemand angemeldet",
      text: "Wer auf Ihrer Plattform die Abrechnung öffnet, steht hier.",
    },
    newest: "Neueste Sitzungen",
    older: "Ältere Sitzungen",
  },
});
