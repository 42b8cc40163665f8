import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SYSTEM } from "../../../src/organizations/actor";
import { NOTICE_MS } from "../../../src/organizations/deck-versions";
import { clearDirectoryCache } from "../../../src/organizations/directory";
import { publishDeck, withdrawDeck } from "../../../src/pricing/deck/publish";
import { contentKey, forgetContent } from "../../../src/pricing/deck/reader";
import type { DeckRow } from "../../../src/pricing/deck/row";
import { newId } from "../../../src/units/id";
import { ask, bindings, newOrganization, outbound, platformKey } from "../../support/api/as-operator";

let admin = "";
let edge = "";
let organization_id = "";

beforeEach(async () => {
  [admin, edge] = [await platformKey("admin"), await platformKey("edge")];
  ({ id: organization_id } = await newOrganization(admin, 10_000_000));
});
afterEach(() => {
  vi.useRealTimers();
});

const row = (prefix: string, price_micros_per_minute: number): DeckRow => ({
  direction: "outbound",
  prefix,
  origins: [],
  name: `Destination ${prefix}`,
  terms: {
    treatment: "rated",
    tariff: { price_micros_per_minute, first_seconds: 1, next_seconds: 1, minimum_seconds: 0 },
  },
  until_ms: null,
});

/** Publishes a version of the organization's own deck that begins as soon as one may. */
async function publish(rows: DeckRow[]) {
  const effective_from_ms = Date.now() + NOTICE_MS + 1_000;
  const deck_id = newId("deck");
  const stated = { deck_id, label: "test", effective_from_ms, markup_basis_points: null, rows };
  expect(await publishDeck(bindings, SYSTEM, organization_id, stated)).toMatchObject({
    outcome: "published",
  });
  return { deck_id, effective_from_ms };
}

function forgetAll() {
  clearDirectoryCache();
  forgetContent();
}

const setTime = (now_ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: now_ms });

async function authorize(to: string, more: object = {}) {
  const call_id = newId("call");
  const { status, body } = await ask(edge, "POST", "/edge/calls/authorize", {
    call_id,
    ...outbound(organization_id),
    to,
    ...more,
  });
  return {
    call_id,
    status,
    body: body as { rate?: { price_micros_per_minute: number; destination?: object } },
  };
}

describe("a version of a rate deck", () => {
  it.each(["warm", "cold"])("sets prices from its instant on, with %s caches", async (caches) => {
    const { deck_id, effective_from_ms } = await publish([row("31", 20_000)]);
    setTime(effective_from_ms - 1);
    if (caches === "cold") forgetAll();
    expect((await authorize("+31207654321")).body.rate).toMatchObject({ price_micros_per_minute: 70_000 });
    setTime(effective_from_ms);
    if (caches === "cold") forgetAll();
    expect((await authorize("+31207654321")).body.rate).toMatchObject({
      price_micros_per_minute: 20_000,
      destination: { deck: deck_id, prefix: "31", name: "Destination 31" },
    });
  });

  it("never sets one when it was withdrawn", async () => {
    const { deck_id, effective_from_ms } = await publish([row("31", 20_000)]);
    setTime(effective_from_ms - NOTICE_MS - 1);
    expect(await withdrawDeck(bindings, SYSTEM, organization_id, deck_id)).toMatchObject({
      outcome: "withdrawn",
    });
    setTime(effective_from_ms + 1);
    expect((await authorize("+31207654321")).body.rate).toMatchObject({ price_micros_per_minute: 70_000 });
  });

  it("that cannot be read makes calls unavailable, and neither a rate that its node names nor another price stands in", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { deck_id, effective_from_ms } = await publish([row("31", 20_000)]);
    setTime(effective_from_ms);
    await env.DIRECTORY.delete(contentKey(deck_id));
    forgetAll();
    expect((await authorize("+31207654321")).status).toBe(503);
    expect((await authorize("112")).status).toBe(200);
  });
});

describe("a blocked destination", () => {
  it("is refused with its reason, again when it is asked again, and stands in the calls as rejected", async () => {
    const { call_id, status, body } = await authorize("+881612345678");
    expect({ status, body }).toMatchObject({
      status: 403,
      body: {
        error: { code: "destination_blocked" },
        decision: "reject",
        reason: "destination_blocked",
        sip: { status: 403 },
      },
    });
    expect((await authorize("+881612345678", { call_id })).status).toBe(403);
    expect((await authorize("+881612345678", { rate: "voice" })).status).toBe(403);
  });
});
