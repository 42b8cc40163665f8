import { beforeAll, describe, expect, test } from "vitest";
import { api, type Json } from "../../support/api/api";
import { auditCopied } from "../../support/api/audit-copied";
import {
  adjust,
  adminKey,
  authorize,
  newOrganization,
  node,
  type TestOrganization,
} from "../../support/api/organizations";
import { errorsOf } from "../../support/dashboard/html";
import { visitor } from "../../support/dashboard/visitor";
import { BERLIN } from "../../support/purchases/billing-profile";
import { AMSTERDAM, bought } from "../../support/purchases/buying";
import { standInStripeForFile } from "../../support/purchases/stripe";

const stripe = standInStripeForFile();

let organization: TestOrganization;
let admin: string;
let keys = 0;

beforeAll(async () => {
  organization = await newOrganization(10_000_000);
  admin = await adminKey();
});

interface Door {
  param: string;
  send(text: string): Promise<{ status: number; body: Json }>;
  /** What is kept of it, from its answer. */
  kept(body: Json): unknown;
}

const once = () => ({ "Idempotency-Key": `typed-${++keys}` });
const ours = (method: string, path: string, body: Json) =>
  api(method, `/api/v1${path}`, { key: organization.key, body });
const operators = (method: string, path: string, body: Json) =>
  api(method, `/api/v1/admin${path}`, { key: admin, body, headers: once() });

function profileField(field: string, change: (text: string) => Json = (text) => ({ [field]: text })): Door {
  const part = field.replace("address.", "");
  return {
    param: field,
    send: (text) => ours("PUT", "/billing_profile", { ...BERLIN, ...change(text) }),
    kept: (body) => (field.startsWith("address.") ? body.address[part] : body[part]),
  };
}

const inAddress = (field: string) =>
  profileField(`address.${field}`, (text) => ({ address: { ...BERLIN.address, [field]: text } }));

/** Every text that people type at the API. */
const DOORS: Record<string, Door> = {
  "the name on invoices": profileField("company_name"),
  "a street": inAddress("line1"),
  "a second line": inAddress("line2"),
  "a city": inAddress("city"),
  "a region": inAddress("region"),
  "an organization's name": {
    param: "company_name",
    send: (company_name) => operators("POST", "/organizations", { company_name }),
    kept: (body) => body.company_name,
  },
  "an organization's new name": {
    param: "company_name",
    send: (company_name) => operators("PATCH", `/organizations/${organization.id}`, { company_name }),
    kept: (body) => body.company_name,
  },
  "the reason of an adjustment": {
    param: "reason",
    send: (reason) =>
      operators("POST", `/organizations/${organization.id}/adjustments`, {
        ...{ amount_micros: 1, kind: "promotion", reason },
      }),
    kept: (body) => body.reason,
  },
  "the label of a key": {
    param: "label",
    send: (label) => ours("POST", "/api_keys", { label, scopes: ["read"] }),
    kept: (body) => body.label,
  },
  "the label of a platform key": {
    param: "label",
    send: (label) => operators("POST", "/keys", { kind: "edge", label }),
    kept: (body) => body.label,
  },
  "the description of an endpoint": {
    param: "description",
    send: (description) =>
      ours("POST", "/webhook_endpoints", {
        url: "https://hooks.example.com/a",
        description,
        events: ["call.lost"],
      }),
    kept: (body) => body.description,
  },
};

describe.each(Object.entries(DOORS))("%s", (_, { param, send, kept }) => {
  test("loses invisible signs and odd spaces", async () => {
    const { status, body } = await send("\u200bExam\u00adple\u00a0Name \ufeff");
    expect([status, kept(body)], JSON.stringify(body)).toEqual([expect.closeTo(200, -1), "Example Name"]);
  });

  test("keeps the joiners of a Persian and a Sinhala name", async () => {
    const name = "فناوری\u200cهای ශ්\u200dරී";
    expect(kept((await send(name)).body)).toBe(name);
  });

  test("is refused with what changes directions, controls and nothing to see", async () => {
    const refusal = async (text: string) => {
      const { status, body } = await send(text);
      return [status, body.error.param, body.error.message];
    };
    expect(await refusal("Exam\u202eple")).toEqual([
      ...[400, param],
      "Contains U+202E, which changes the direction of the text around it. Please remove it.",
    ]);
    expect(await refusal("Exam\u0007ple")).toEqual([
      ...[400, param],
      "Contains U+0007, which is a control character. Please remove it.",
    ]);
    if (param !== "description") expect((await refusal("\u200b\u3164 "))[0]).toBe(400);
  });
});

test("the reason of a refund is cleaned, too, and written down so", async () => {
  const buyer = await newOrganization();
  await api("PUT", "/api/v1/billing_profile", { key: buyer.key, body: AMSTERDAM });
  const { purchase_id } = await bought(stripe, buyer);
  const refund = (reason: string) =>
    operators("POST", `/organizations/${buyer.id}/purchases/${purchase_id}/refunds`, {
      net_cents: 100,
      reason,
    });
  const refused = await refund("Twice\u202e");
  expect([refused.status, refused.body.error.param]).toEqual([400, "reason"]);
  expect((await refund("Bought\u00a0twice\u200b")).status).toBe(201);
  await auditCopied();
  const { body } = await api("GET", `/api/v1/admin/organizations/${buyer.id}/audit`, { key: admin });
  expect(body.changes[0].detail.reason).toBe("Bought twice");
});

test("an e-mail address may be pasted with what nobody sees", async () => {
  const { status, body } = await ours("PUT", "/billing_profile", {
    ...BERLIN,
    email: "\ufeffbilling\u200b@example.com ",
  });
  expect([status, body.email]).toEqual([200, "billing@example.com"]);
});

test("the id of a call is the machine's, and no sign of it is touched", async () => {
  const call_id = "a\u00a0b e\u0301";
  await adjust(organization, 1_000_000);
  expect((await authorize(organization, call_id)).body.call_id).toBe(call_id);
  expect((await node(organization, `${encodeURIComponent(call_id)}/void`)).status).toBe(200);
  expect((await authorize(organization, "a\u200db")).status).toBe(400);
});

test.each([
  ["en", "This text contains an invisible character (U+202E) that changes its direction."],
  ["nl", "Deze tekst bevat een onzichtbaar teken (U+202E) dat de leesrichting verandert."],
  ["de", "Dieser Text enthält ein unsichtbares Zeichen (U+202E), das die Leserichtung ändert."],
] as const)("the dashboard says what is wrong with a text in %s, at every form", async (language, said) => {
  const owner = await visitor(organization, "owner", language);
  const pages = [
    await owner.post("/billing/information", {
      company_name: "Exam\u202eple",
      is_business: "business",
      country: "DE",
    }),
    await owner.post("/billing/keys", {
      request_key: "a-key-of-this-form",
      label: "C\u202eRM",
      scopes: "read",
    }),
    await owner.post("/billing/webhooks", {
      ...{ request_key: "a-key-of-this-form", url: "https://hooks.example.com/b" },
      ...{ events: "all", description: "a\u202eb" },
    }),
    await owner.get(`/billing/usage?number=${encodeURIComponent("\u202e+3120")}`),
  ];
  pages.push(
    await owner.post("/billing/webhooks", {
      ...{ request_key: "another-key-of-this-form", url: "https://hooks.example.com/\u202eb" },
      ...{ events: "all", description: "" },
    }),
  );
  for (const page of pages) expect(Object.values(errorsOf(await page.text())).join(" ")).toContain(said);
});

test("a number is found with what was pasted around it", async () => {
  const { body } = await authorize(organization, "pasted-number", { to: "+31207650001" });
  await node(organization, "pasted-number/void");
  expect(body.decision).toBe("allow");
  const owner = await visitor(organization);
  const page = await owner.page(
    `/billing/usage?number=${encodeURIComponent("\u200e+31\u00a020\u200b 7650001")}`,
  );
  expect(page).toContain('value="+31207650001"');
});
