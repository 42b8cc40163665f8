import manifest from "../../assets/announcements.json";

/** What a node plays to an inbound caller who is refused: the same recording in the formats that telephone platforms take. */
export interface Announcement {
  urls: { wav: string; ulaw: string; alaw: string };
  language: string;
  duration_ms: number;
  /** What is said, in that language. */
  text: string;
}

type Language = keyof typeof manifest;

const isLanguage = (language: string): language is Language => Object.hasOwn(manifest, language);

/**
 * The announcement in the language of a BCP 47 tag (`nl`, `de-AT`), in English when there is none in it.
 * `origin` is where this Worker was reached, such as `https://billing.example.com`: nodes need absolute URLs.
 */
export function announcementFor(language: string, origin: string): Announcement {
  const primary = language.split("-", 1)[0]?.toLowerCase() ?? "";
  const spoken = isLanguage(primary) ? primary : "en";
  const { wav, ulaw, alaw, duration_ms, text } = manifest[spoken];
  return {
    urls: { wav: origin + wav, ulaw: origin + ulaw, alaw: origin + alaw },
    language: spoken,
    duration_ms,
    text,
  };
}
