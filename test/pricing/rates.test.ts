import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { DatedRate } from "../../src/ledger/core/credit/rating";
import { standardRateAt, versionOf } from "../../src/pricing/rates";
import { ask, newOrganization, outbound, platformKey } from "../support/api/as-operator";
import { until } from "../support/until";

const rate = (price_micros_per_minute: number, effective_from_ms: number, name = "voice"): DatedRate => ({
  name,
  price_micros_per_minute,
  first_seconds: 1,
  next_seconds: 1,
  minimum_seconds: 0,
  effective_from_ms,
});

describe("the standard rate at an instant", () => {
  const card = [rate(80_000, 1_000), rate(90_000, 2_000), rate(50_000, 500, "night")];
  it.each([
    ["voice", 999, 70_000],
    ["voice", 1_000, 80_000],
    ["voice", 1_999, 80_000],
    ["voice", 2_000, 90_000],
    ["byok", 2_000, 70_000],
    ["night", 499, undefined],
    ["night", 500, 50_000],
    ["other", 2_000, undefined],
  ])("%s at %i costs %s", (name, at_ms, price) => {
    expect(standardRateAt(card, name, at_ms)?.price_micros_per_minute).toBe(price);
  });
});

describe("a new version of a rate", () => {
  const { effective_from_ms: _, ...terms } = rate(70_000, 0);
  it.each([
    ["of voice, free of charge,", { price_micros_per_minute: 0 }, "price_micros_per_minute"],
    ["in the past", { effective_from_ms: 999 }, "effective_from"],
  ])("%s is refused", (_, changes, param) => {
    expect(versionOf([], { ...terms, effective_from_ms: null, ...changes }, 1_000)).toMatchObject({
      outcome: "refused",
      param,
    });
  });

  it("may be free of charge, have a connection fee and seconds that are free", () => {
    const stated = {
      ...{ ...terms, name: "helpline", price_micros_per_minute: 0 },
      ...{ connection_fee_micros: 10_000, free_seconds: 30, effective_from_ms: null },
    };
    const { effective_from_ms: __, ...rest } = stated;
    const version = { ...rest, effective_from_ms: 1_000 };
    expect(versionOf([], stated, 1_000)).toEqual({ outcome: "rate", rate: version });
    expect(versionOf([version], stated, 2_000)).toEqual({ outcome: "rate", rate: version });
    expect(versionOf([version], { ...stated, free_seconds: 31 }, 2_000)).toMatchObject({
      rate: { effective_from_ms: 2_000 },
    });
  });

  it("begins now when no instant is stated, and is no new one when it changes nothing", () => {
    const stated = { ...terms, effective_from_ms: null };
    expect(versionOf([], stated, 1_000)).toEqual({ outcome: "rate", rate: rate(70_000, 1_000) });
    expect(versionOf([rate(70_000, 500)], stated, 1_000)).toEqual({
      outcome: "rate",
      rate: rate(70_000, 500),
    });
    expect(versionOf([rate(60_000, 500)], stated, 1_000)).toEqual({
      outcome: "rate",
      rate: rate(70_000, 1_000),
    });
  });
});

describe("rates over the API", () => {
  let admin: string;
  let edge: string;
  beforeAll(async () => {
    admin = await platformKey("admin");
    edge = await platformKey("edge");
  });

  const priceOf = async (id: string, call_id: string, changes: object = {}) => {
    const answer = await ask(edge, "POST", "/edge/calls/authorize", { call_id, ...outbound(id), ...changes });
    return answer.body.rate ?? answer.body.error;
  };

  it("the organization's own rate goes before the card, and the card before what is built in", async () => {
    const { id } = await newOrganization(admin, 10_000_000);
    expect(await priceOf(id, "1")).toMatchObject({ name: "voice", price_micros_per_minute: 70_000 });
    expect(await priceOf(id, "2", { byok: ["llm"] })).toMatchObject({ name: "byok" });
    const put = await ask(admin, "PUT", "/admin/rates/byok", {
      price_micros_per_minute: 40_000,
      increments: "60/60",
    });
    expect(put).toMatchObject({
      status: 200,
      body: { name: "byok", increments: "60/60", minimum_seconds: 0 },
    });
    expect(await priceOf(id, "3", { byok: ["llm"] })).toMatchObject({ price_micros_per_minute: 40_000 });
    await ask(admin, "PUT", `/admin/organizations/${id}/rates/byok`, {
      price_micros_per_minute: 30_000,
      increments: "1/1",
    });
    expect(await priceOf(id, "4", { byok: ["llm"] })).toMatchObject({ price_micros_per_minute: 30_000 });
    expect(await priceOf(id, "5", { rate: "unheard-of" })).toMatchObject({
      code: "unprocessable",
      param: "rate",
    });
    expect((await ask(admin, "GET", `/admin/organizations/${id}/rates`)).body.rates).toHaveLength(1);
  });

  it("a rate that begins later is on the card and not yet in force", async () => {
    const { id } = await newOrganization(admin, 10_000_000);
    const effective_from = new Date(Date.now() + 3_600_000).toISOString();
    const body = { price_micros_per_minute: 1_000_000, increments: "1/1", effective_from };
    expect((await ask(admin, "PUT", "/admin/rates/voice", body)).body).toMatchObject({ effective_from });
    expect(await priceOf(id, "1")).toMatchObject({ price_micros_per_minute: 70_000 });
    expect((await ask(admin, "GET", "/admin/rates")).body.rates).toContainEqual(
      expect.objectContaining({ name: "voice", effective_from }),
    );
  });

  it("a new price for all tells each ledger at once that credit is low by it, without a call", async () => {
    const { id } = await newOrganization(admin, 5_000_000);
    const fired = async () => {
      const answer = await env.LEDGER.getByName(id).alerts(null);
      if (answer.outcome !== "alerts") throw new Error(answer.outcome);
      return answer.alerts.fired;
    };
    expect(await fired()).toEqual([]);
    const body = { price_micros_per_minute: 140_000, increments: "1/1" };
    expect((await ask(admin, "PUT", "/admin/rates/voice", body)).status).toBe(200);
    await until("the ledger to hear of it", async () => (await fired()).length > 0);
    expect(await fired()).toEqual(["minutes:60"]);
  });

  it.each([
    [{ price_micros_per_minute: -1, increments: "1/1" }, 400, "price_micros_per_minute"],
    [{ price_micros_per_minute: 0, increments: "1/1" }, 422, "price_micros_per_minute"],
    [
      { price_micros_per_minute: 1, increments: "1/1", connection_fee_micros: 0.5 },
      400,
      "connection_fee_micros",
    ],
    [{ price_micros_per_minute: 1, increments: "1/1", free_seconds: 3_601 }, 400, "free_seconds"],
    [{ price_micros_per_minute: 1, increments: "0/1" }, 400, "increments"],
    [{ price_micros_per_minute: 1, increments: "60" }, 400, "increments"],
    [
      { price_micros_per_minute: 1, increments: "1/1", effective_from: "2020-01-01T00:00:00Z" },
      422,
      "effective_from",
    ],
  ])("%o is refused", async (body, status, param) => {
    expect(await ask(admin, "PUT", "/admin/rates/voice", body)).toMatchObject({
      status,
      body: { error: { param } },
    });
  });
});
