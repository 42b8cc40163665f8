import { beforeAll, describe, expect, test, vi } from "vitest";
import { PORTAL_PAGES } from "../../src/access/portal-sessions";
import { pathOf } from "../../src/dashboard/layout";
import { adjust, ask, authorize, call, node } from "../support/api/organizations";
import { textOf } from "../support/dashboard/html";
import { type FullOrganization, fullOrganization } from "../support/dashboard/posts";
import { ORIGIN, open, type Visitor, visitor } from "../support/dashboard/visitor";
import { bought } from "../support/purchases/buying";
import { standInStripeForFile } from "../support/purchases/stripe";

const LANGUAGES = ["en", "nl", "de"] as const;
type Language = (typeof LANGUAGES)[number];
type Words = Record<Language, unknown>;

/** All words of the dashboard, whichever files there are. */
const modules = import.meta.glob<Record<string, Partial<Words>>>(
  ["../../src/dashboard/words/*.ts", "../../src/dashboard/pages/*/words.ts"],
  {
    eager: true,
  },
);
const dictionaries = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter((words) => words.en !== undefined);

/** Short words are the same in several languages; longer ones are not by chance. */
const LEAST_CHARACTERS = 8;
/** Every page offers each language by its own name. */
const OWN_NAMES = ["English", "Nederlands", "Deutsch"];
/** What would be a fault in any language. */
const FAULTS = /\bundefined\b|\[object |\bNaN\b|\bnull\b|Infinity|Invalid Date|function\b|=>|\$\{/;

const stripe = standInStripeForFile();
let organization: FullOrganization;
let paths: string[];

beforeAll(async () => {
  organization = await fullOrganization(stripe);
  const { purchase_id } = await bought(stripe, organization);
  await call(organization, "a-call", 6_000, { authorized: { byok: ["llm"] } });
  await authorize(organization, "busy", { direction: "inbound" });
  await node(organization, "busy/void", { end_reason: "busy" });
  await authorize(organization, "live");
  await adjust(organization, -1_000_000);
  await ask(organization, "PUT", "/alerts", {
    body: { alerts: [{ minutes: 60 }, { amount_micros: 12_500_000 }, { runway_minutes: 15 }] },
  });
  const viewer = await visitor(organization, "viewer");
  await vi.waitFor(async () => expect(await viewer.page("/billing/usage")).toContain("usage/calls/busy"));
  paths = [
    ...PORTAL_PAGES.map(pathOf),
    ...["?status=rejected", "/calls/a-call", "/calls/busy", "/calls/live"].map((of) => pathOf("usage") + of),
    ...["?amount=12.50", `/result?purchase_id=${purchase_id}`].map((of) => pathOf("credits") + of),
    `${pathOf("webhooks")}/${organization.endpoint_id}`,
  ];
});

/** The texts of a dictionary, at any depth; none of those that are made of something. */
function textsIn(words: unknown): string[] {
  if (typeof words === "string") return [words];
  return typeof words === "object" && words !== null ? Object.values(words).flatMap(textsIn) : [];
}

/** What stands in one language only, and would be left over in a page of another one. */
function foreignTo(language: Language): string[] {
  const own = new Set(dictionaries.flatMap((words) => textsIn(words[language])));
  const of_others = LANGUAGES.filter((other) => other !== language).flatMap((other) =>
    dictionaries.flatMap((words) => textsIn(words[other])),
  );
  return of_others.filter(
    (text) => text.length >= LEAST_CHARACTERS && !own.has(text) && !OWN_NAMES.includes(text),
  );
}

async function expectInLanguage(html: string, language: Language, path: string): Promise<void> {
  expect(html).toContain(`<html lang="${language}">`);
  const text = textOf(html.replace(/<script.*?<\/script>/gs, ""));
  expect([path, FAULTS.exec(text)?.[0]]).toEqual([path, undefined]);
  const left_over = foreignTo(language).filter((foreign) =>
    new RegExp(`(?<!\\p{L})${foreign.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\p{L})`, "u").test(text),
  );
  expect([path, left_over]).toEqual([path, []]);
}

test("there are words in all languages for everything that is said", () => {
  expect(dictionaries.length).toBeGreaterThan(10);
  for (const words of dictionaries) {
    const [en, nl, de] = LANGUAGES.map((language) => shapeOf(words[language]));
    expect([nl, de]).toEqual([en, en]);
  }
  // A sentence that is the same in two languages was left untranslated.
  const sentences = LANGUAGES.flatMap((language) => [
    ...new Set(
      dictionaries.flatMap((words) => textsIn(words[language])).filter((text) => text.includes(" ")),
    ),
  ]);
  expect(sentences.filter((text, at) => sentences.indexOf(text) !== at)).toEqual([]);
});

/** Which words there are, whatever they are. */
function shapeOf(words: unknown): unknown {
  if (typeof words !== "object" || words === null) return typeof words;
  return Object.fromEntries(Object.entries(words).map(([name, word]) => [name, shapeOf(word)]));
}

describe.each(LANGUAGES)("in the language %s", (language) => {
  test("every page is there for everybody, and has no word of another language", async () => {
    const browsers: Visitor[] = [
      await visitor(organization, "owner", language),
      await visitor(organization, "viewer", language),
    ];
    for (const browser of browsers)
      for (const path of paths) await expectInLanguage(await browser.page(path), language, path);
  });

  test("what is wrong is said, too", async () => {
    const browser = await visitor(organization, "owner", language);
    const bad = [
      "/usage?from=x&to=y&direction=z&status=s&number=()&before=b",
      "/credits?amount=x",
      "/ledger?before=x",
    ];
    for (const path of bad)
      await expectInLanguage(await (await browser.get(`/billing${path}`)).text(), language, path);
    const whe = `/webhooks/${organization.endpoint_id}`;
    const forms: [path: string, fields: Record<string, string>][] = [
      [
        "/information",
        { vat_id: "1".repeat(81), email: "x", line2: "x".repeat(201), region: "x".repeat(101) },
      ],
      ["/auto-top-up", {}],
      ["/alerts", {}],
      ["/keys", { request_key: "a-form-of-a-key", expires: "x" }],
      ["/webhooks", { request_key: "a-form-of-an-endpoint", url: "x", events: "x" }],
      ["/webhooks", { request_key: "a-form-of-an-endpoint", url: "https://10.0.0.1/", events: "all" }],
      [`${whe}/change`, { url: "ftp://x", events: "all" }],
      [`${whe}/resend-failed`, { since: "x" }],
    ];
    for (const [path, fields] of forms) {
      const answer = await browser.post(`/billing${path}`, fields);
      expect([path, answer.status]).toEqual([path, 422]);
      await expectInLanguage(await answer.text(), language, path);
    }
    for (const path of ["/nothing", "/usage/calls/nobody", "/webhooks/x"])
      await expectInLanguage(await (await browser.get(`/billing${path}`)).text(), language, path);
    const viewer = await visitor(organization, "viewer", language);
    await expectInLanguage(await (await viewer.post("/billing/alerts")).text(), language, "a viewer's form");
  });

  test("people are met who are not signed in, by what their browser prefers", async () => {
    for (const path of ["/billing", "/billing/enter/x"]) {
      const answer = await open(ORIGIN + path, { "Accept-Language": `${language}-XX, fr;q=0.9` });
      await expectInLanguage(await answer.text(), language, path);
    }
  });
});
