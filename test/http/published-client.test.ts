import { describe, expect, it } from "vitest";
import { ask, authorize, call, give, newOrganization, node } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();
const EUR = 1_000_000;
const TO = "+31207654321";

let given = 0;
/** A number that no other organization of these tests has. */
const newNumber = () => `+31205550${String(++given).padStart(3, "0")}`;

describe("an organization's numbers", () => {
  it("are listed the oldest first, by the ids that calls and usage have", async () => {
    const organization = await newOrganization(EUR);
    const [first, second] = [newNumber(), newNumber()];
    await give(organization, first);
    const created_at = new Date().toISOString();
    clock.pass(1_000);
    await give(organization, second);
    clock.pass(1_000);
    await give(organization, first, { is_default: true });
    const { body } = await ask(organization, "GET", "/numbers");
    expect(body.numbers).toMatchObject([
      {
        phone_number: first,
        is_active: true,
        is_default: true,
        created_at,
        updated_at: new Date().toISOString(),
      },
      { phone_number: second, is_active: true, is_default: false },
    ]);
    await call(organization, "out", 6_000, { authorized: { from: second }, letTimePass: clock.pass });
    const { body: shown } = await ask(organization, "GET", "/calls/out");
    expect(shown.number_id).toBe(body.numbers[1].id);
  });

  it("are its own only", async () => {
    const [organization, other] = [await newOrganization(), await newOrganization()];
    await give(organization, newNumber());
    expect((await ask(other, "GET", "/numbers")).body).toMatchObject({ numbers: [] });
  });
});

describe("a call as the published client reads it", () => {
  it("names the person and the organization's number, whoever called", async () => {
    const organization = await newOrganization(EUR);
    const own = "+31201234567";
    await authorize(organization, "out", { from: own, to: TO });
    await authorize(organization, "in", { direction: "inbound", from: TO, to: own });
    for (const call_id of ["out", "in"]) {
      const { body } = await ask(organization, "GET", `/calls/${call_id}`);
      expect(body).toMatchObject({ caller_phone: TO, assistant_phone: own, phone_number: own });
    }
  });

  it("began when it was answered, and was last changed when it was last heard of", async () => {
    const organization = await newOrganization(EUR);
    await authorize(organization, "one");
    const shown = async () => (await ask(organization, "GET", "/calls/one")).body;
    const rings_at = new Date().toISOString();
    expect(await shown()).toMatchObject({ started_at: null, updated_at: rings_at, error: null });
    clock.pass(5_000);
    await node(organization, "one/answered");
    const answered_at = new Date().toISOString();
    expect(await shown()).toMatchObject({ started_at: answered_at, answered_at, updated_at: answered_at });
    clock.pass(5_000);
    await node(organization, "one/settle", { duration_ms: 5_000, end_reason: "hangup" });
    expect(await shown()).toMatchObject({ started_at: answered_at, updated_at: new Date().toISOString() });
    clock.pass(5_000);
    const correction = { correction_id: "cdr", duration_ms: 4_000, reason: "CDR" };
    await node(organization, "one/correct", correction);
    expect(await shown()).toMatchObject({ updated_at: new Date().toISOString(), error: null });
    const by_id = await shown();
    await expect.poll(async () => (await ask(organization, "GET", "/calls")).body.calls[0]).toEqual(by_id);
  });

  it("has an error when it was refused or nobody answered", async () => {
    const organization = await newOrganization(EUR);
    await authorize(organization, "refused", { expected_provider_micros_per_minute: 900_000_000 });
    await authorize(organization, "void");
    await node(organization, "void/void", { end_reason: "busy" });
    const errorOf = async (call_id: string) =>
      (await ask(organization, "GET", `/calls/${call_id}`)).body.error;
    expect([await errorOf("refused"), await errorOf("void")]).toEqual(["insufficient_credits", "busy"]);
  });
});
