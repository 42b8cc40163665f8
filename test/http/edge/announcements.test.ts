import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import manifest from "../../../src/assets/announcements.json";
import { announcementFor } from "../../../src/http/edge/announcements.ts";

const ORIGIN = "https://billing.example.com";
const SAMPLES_PER_MS = 8;
const WAV_HEADER_BYTES = 44;
const LANGUAGES = Object.keys(manifest);

const contentTypes = {
  wav: "audio/wav",
  ulaw: "audio/PCMU; rate=8000",
  alaw: "audio/PCMA; rate=8000",
} as const;
const formats = Object.keys(contentTypes) as (keyof typeof contentTypes)[];

const download = async (url: string) => new Uint8Array(await (await env.ASSETS.fetch(url)).arrayBuffer());

/** One G.711 byte as a 16-bit sample (ITU-T G.711, tables 1 and 2). */
function decodeG711(law: "ulaw" | "alaw", byte: number): number {
  const code = law === "ulaw" ? ~byte & 0xff : byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = code & 15;
  if (law === "ulaw") {
    const magnitude = (((step << 3) + 0x84) << segment) - 0x84;
    return code & 0x80 ? -magnitude : magnitude;
  }
  const magnitude = segment === 0 ? (step << 4) + 8 : ((step << 4) + 0x108) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
}

describe("the announcement for a refused inbound caller", () => {
  it("is chosen by language, whatever the region and the case", () => {
    expect(announcementFor("nl", ORIGIN).language).toBe("nl");
    expect(announcementFor("de-AT", ORIGIN).language).toBe("de");
    expect(announcementFor("NL-be", ORIGIN).language).toBe("nl");
  });

  it.each(["fr", "", "constructor", "__proto__"])("is English when there is none in %j", (language) => {
    expect(announcementFor(language, ORIGIN)).toEqual(announcementFor("en", ORIGIN));
  });

  it("is given by absolute URLs that change with the content", async () => {
    for (const language of LANGUAGES) {
      for (const url of Object.values(announcementFor(language, ORIGIN).urls)) {
        const digest = await crypto.subtle.digest("SHA-256", await download(url));
        const hash = Array.from(new Uint8Array(digest, 0, 4), (byte) =>
          byte.toString(16).padStart(2, "0"),
        ).join("");
        expect(url).toMatch(new RegExp(`^${ORIGIN}/announcements/unavailable\\.${language}\\.${hash}\\.`));
      }
    }
  });

  it("does not tell the caller about the customer's money", () => {
    for (const { text } of Object.values(manifest)) {
      expect(text).not.toMatch(/credit|balance|pay|tegoed|saldo|betaal|guthaben|zahl/i);
    }
  });
});

describe.each(LANGUAGES)("the recording in %s", (language) => {
  const { urls, duration_ms } = announcementFor(language, ORIGIN);
  const samples = duration_ms * SAMPLES_PER_MS;

  it.each(formats)("is served as %s with its type, to be kept for ever", async (format) => {
    const response = await env.ASSETS.fetch(urls[format]);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(contentTypes[format]);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const bytes = samples * (format === "wav" ? 2 : 1) + (format === "wav" ? WAV_HEADER_BYTES : 0);
    expect((await response.arrayBuffer()).byteLength).toBe(bytes);
  });

  it("takes 4 to 6 seconds in whole packets of 20 ms", () => {
    expect(duration_ms).toBeGreaterThanOrEqual(4000);
    expect(duration_ms).toBeLessThanOrEqual(6000);
    expect(duration_ms % 20).toBe(0);
  });

  it("is WAV of 8 kHz, mono, 16-bit PCM", async () => {
    const wav = new DataView((await download(urls.wav)).buffer);
    const text = (at: number) =>
      String.fromCharCode(...Array.from({ length: 4 }, (_, i) => wav.getUint8(at + i)));
    expect([text(0), text(8), text(12), text(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
    expect(wav.getUint32(4, true)).toBe(wav.byteLength - 8);
    expect(wav.getUint16(20, true)).toBe(1);
    expect(wav.getUint16(22, true)).toBe(1);
    expect(wav.getUint32(24, true)).toBe(8000);
    expect(wav.getUint16(34, true)).toBe(16);
    expect(wav.getUint32(40, true)).toBe(samples * 2);
  });

  it("begins with 200 ms of silence and is loud but never clips", async () => {
    const pcm = new Int16Array((await download(urls.wav)).slice(WAV_HEADER_BYTES).buffer);
    expect(pcm.subarray(0, 200 * SAMPLES_PER_MS).every((sample) => sample === 0)).toBe(true);
    const peak = pcm.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
    expect(peak).toBeGreaterThan(0.7 * 32768);
    expect(peak).toBeLessThan(0.95 * 32768);
  });

  it.each(["ulaw", "alaw"] as const)("says the same as %s as in the WAV", async (law) => {
    const pcm = new Int16Array((await download(urls.wav)).slice(WAV_HEADER_BYTES).buffer);
    const g711 = await download(urls[law]);
    let signal = 0;
    let error = 0;
    pcm.forEach((sample, i) => {
      signal += sample ** 2;
      error += (sample - decodeG711(law, g711[i] ?? 0)) ** 2;
    });
    expect(10 * Math.log10(signal / error)).toBeGreaterThan(35);
  });
});

describe("the sources of the recordings", () => {
  it.each(["announcements.json", "make-announcements.sh", "_headers"])("%s is not served", async (file) => {
    expect((await env.ASSETS.fetch(`${ORIGIN}/${file}`)).status).toBe(404);
  });
});
