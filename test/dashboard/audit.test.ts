import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Format } from "../../src/dashboard/format/format";
import { factsText } from "../../src/dashboard/pages/audit/facts";
import { auditWords } from "../../src/dashboard/pages/audit/words";
import { api } from "../support/api/api";
import { auditCopied } from "../support/api/audit-copied";
import { adjust, adminKey, ask, newOrganization } from "../support/api/organizations";
import { linkOf, rowsOf, submit } from "../support/dashboard/html";
import { type Visitor, visitor } from "../support/dashboard/visitor";
import { newCustomer } from "../support/purchases/billing-profile";
import { standInStripe } from "../support/purchases/stripe";

const AUDIT = "/billing/audit";

const named = (name: string) => ({ user: { id: `user-${name}`, name } });

/** Who, what and how, the newest first. */
async function rows(browser: Visitor): Promise<string[][]> {
  await auditCopied();
  return rowsOf(await browser.page(AUDIT)).map(([, ...cells]) => cells);
}

test("names who changed what, in which order: people, keys and the operator", async () => {
  standInStripe();
  const organization = await newCustomer();
  const anna = await visitor(organization, "owner", "en", named("Anna Amsterdam"));
  const bert = await visitor(organization, "billing", "en", named("Bert Berlin"));
  await submit(anna, "/billing/keys", "Create key", { label: "CRM" });
  await submit(bert, "/billing/alerts", "Add alert", { kind: "minutes", amount: "30" });
  await submit(bert, "/billing/information", "Save", { city: "Potsdam" });
  await ask(organization, "PUT", "/alerts", { body: { alerts: [] } });
  await adjust(organization, 5_000_000);
  expect((await rows(anna)).slice(0, 5)).toEqual([
    ["Your platform's operator", "Adjusted the balance", "€5.00"],
    ["API key “first key”", "Set the alerts", "none"],
    ["Bert Berlin", "Saved the billing information", expect.stringContaining("Potsdam")],
    ["Bert Berlin", "Set the alerts", "below 60 minutes of calls; below 30 minutes of calls"],
    ["Anna Amsterdam", "Created an API key", "“CRM”, read"],
  ]);
});

test("has no secret in it, and nothing of what an operator wrote", async () => {
  const organization = await newOrganization();
  const browser = await visitor(organization);
  const made = await (await submit(browser, "/billing/keys", "Create key", { label: "CRM" })).text();
  // Before there is an endpoint, so that nothing is delivered.
  await api("POST", `/api/v1/admin/organizations/${organization.id}/adjustments`, {
    key: await adminKey(),
    headers: { "Idempotency-Key": "audit" },
    body: { amount_micros: 1, reason: "A word for operators only", kind: "adjustment" },
  });
  const url = "https://hooks.example.com/x";
  const endpoint = await (await submit(browser, "/billing/webhooks", "Create endpoint", { url })).text();
  await auditCopied();
  const page = await browser.page(AUDIT);
  expect(await rows(browser)).toHaveLength(6);
  const secrets = [/rf_live_\w+/.exec(made)?.[0], /whsec_[\w+/=]+/.exec(endpoint)?.[0]];
  for (const secret of secrets) expect(page).not.toContain(secret ?? "a secret that was never shown");
  expect(secrets).toEqual([expect.any(String), expect.any(String)]);
  expect(page).not.toContain("A word for operators only");
});

test("has nothing of what was refused", async () => {
  const organization = await newOrganization();
  const browser = await visitor(organization);
  const before = await rows(browser);
  const inside = { url: "https://10.0.0.1/x" };
  expect((await submit(browser, "/billing/webhooks", "Create endpoint", inside)).status).toBe(422);
  expect((await ask(organization, "POST", "/webhook_endpoints", { body: inside })).status).toBe(422);
  expect(await rows(browser)).toEqual(before);
});

test("is paged, each change once, also while new ones come", async () => {
  const organization = await newOrganization();
  // One session may not ask that often in ten seconds.
  const [browser, another] = [await visitor(organization), await visitor(organization)];
  for (let at = 0; at < 60; at++) {
    const by = at < 30 ? another : browser;
    const key = `minutes:${1_000 + (at % 9)}`;
    await by.post("/billing/alerts", { kind: "minutes", amount: key.slice("minutes:".length) });
    await by.post("/billing/alerts/remove", { key });
  }
  const seen: string[] = [];
  let path: string | undefined = AUDIT;
  while (path) {
    await auditCopied();
    const page: string = await browser.page(path);
    seen.push(...rowsOf(page).map(([, , what = "", how = ""]) => what + how));
    const older = linkOf(page, "Older");
    path = older && AUDIT + older;
    await browser.post("/billing/alerts/remove", { key: "minutes:60" });
  }
  expect(seen).toHaveLength(125);
  expect(seen.at(-1)).toMatch(/^Created the organization/);
  expect((await browser.get(`${AUDIT}?before=nobody`)).status).toBe(200);
});

test("is of the organization alone", async () => {
  const [one, other] = [await newOrganization(), await newOrganization()];
  await submit(await visitor(one), "/billing/keys", "Create key", { label: "Only one's" });
  expect(await (await visitor(other)).page(AUDIT)).not.toContain("Only one's");
});

test("says of what was refused that it was, and names no purchase that there is not", async () => {
  standInStripe();
  const organization = await newCustomer();
  const headers = { "Idempotency-Key": "too-much" };
  const too_much = { body: { net_cents: 99_999_999 }, headers };
  expect((await ask(organization, "POST", "/purchases", too_much)).status).toBe(422);
  const refused = (await rows(await visitor(organization))).find(([, what]) => what?.startsWith("Started"));
  expect(refused?.[1]).toMatch(/^Started a purchase\s+Refused: nothing was changed\.$/);
  expect(refused?.[2]).not.toContain("pur_");
});

test("has the host of an endpoint alone, also of rows in which all of its address stands", async () => {
  const organization = await newOrganization();
  const old = JSON.stringify({ endpoint_id: "whe_1", url: "https://hooks.example.com/a-token" });
  await env.DB.prepare(
    "INSERT INTO audit (id, at_ms, key_id, action, organization_id, detail) VALUES (?, ?, 'user:1', ?, ?, ?)",
  )
    .bind("aud_01k9z3v8qhe1w9m4c7d2x5n6tp", Date.now(), "webhook_endpoint.create", organization.id, old)
    .run();
  const page = await (await visitor(organization, "viewer")).page(AUDIT);
  expect(page).toContain("https://hooks.example.com/…");
  const path = `/api/v1/admin/organizations/${organization.id}/audit`;
  const { body } = await api("GET", path, { key: await adminKey() });
  for (const shown of [page, JSON.stringify(body)]) expect(shown).not.toContain("a-token");
});

const AT_MS = Date.UTC(2026, 10, 24, 13, 5);

/** What rows say, and how each language reads it. */
const ROWS: [detail: Record<string, unknown>, en: string, nl: string, de: string][] = [
  [
    { number: "+31201234567", is_default: true },
    "+31201234567, the number",
    "+31201234567, het nummer",
    "+31201234567, die",
  ],
  [
    { purchase_id: "pur_1", net_cents: 2_500, save_card: true },
    "€25.00, the card",
    "€ 25,00, de kaart",
    "25,00 €, die Karte",
  ],
  [
    { key: "adjustment:1", kind: "adjustment", amount_micros: -5_000_000, reason: "A word" },
    "-€5.00",
    "€ -5,00",
    "-5,00 €",
  ],
  [
    { alerts: [{ minutes: 60 }, { amount_micros: 5_000_000 }] },
    "below 60 minutes of calls; below €5.00",
    "onder 60 minuten bellen; onder € 5,00",
    "unter 60 Minuten Gesprächszeit; unter 5,00 €",
  ],
  [
    { name: "voice", price_micros_per_minute: 80_000, first_seconds: 60, effective_from_ms: AT_MS },
    "€0.08 a minute, from 24 Nov 2026",
    "€ 0,08 per minuut, vanaf 24 nov 2026",
    "0,08 € pro Minute, ab 24.11.2026",
  ],
  [
    { endpoint_id: "whe_1", enabled: false, events: null },
    "all events, off",
    "alle gebeurtenissen, uit",
    "alle Ereignisse, aus",
  ],
  [
    { user: { id: "user-1", name: "J. Jansen" }, role: "viewer" },
    "“J. Jansen”, to look only",
    "“J. Jansen”, alleen",
    "„J. Jansen“, nur",
  ],
  [{ part: "ledger" }, "the balance", "het saldo", "das Guthaben"],
  [{ number: `masked:${"0".repeat(64)}` }, "(hidden)", "(verborgen)", "(ausgeblendet)"],
  [{ something_new: { nested: [1] }, report_id: "chk_1" }, "", "", ""],
];

test.for(ROWS)(
  "%j is read in each language, without names of fields and without JSON",
  ([detail, ...read]) => {
    for (const [at, language] of (["en", "nl", "de"] as const).entries()) {
      const format = Format.of(language, "Europe/Amsterdam");
      const said = factsText(detail, { format, t: auditWords[language].facts, is_own: true });
      expect(said.replaceAll("\u00a0", " ")).toContain(read[at] ?? "");
      expect(said).not.toMatch(/[{}[\]"_]|null|undefined|A word/);
      if (read[at] === "") expect(said).toBe("");
    }
  },
);
