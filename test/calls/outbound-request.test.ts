import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dialer } from "../stand-in/dialer";
import { type Json, theContract } from "../support/api/api";
import { ask, authorize, give, newOrganization, type TestOrganization } from "../support/api/organizations";
import { stopClock } from "../support/clock";

const clock = stopClock();
const EUR = 1_000_000;
const TO = "+31207654321";

let standing: ReturnType<typeof dialer>;
beforeEach(() => {
  standing = dialer();
});
afterEach(() => standing.hangUp());

let given = 0;
/** A number that no other organization of these tests has. */
const newNumber = () => `+31205550${String(++given).padStart(3, "0")}`;

const place = (organization: TestOrganization, body: Json, bindings = {}) =>
  ask(organization, "POST", "/calls/outbound", { body, bindings });
const handed = (): Json => JSON.parse(standing.asked.at(-1)?.body ?? "{}");
const refusal = async (organization: TestOrganization, body: Json, bindings = {}) => {
  const answer = await place(organization, body, bindings);
  const { code, param } = answer.body.error;
  return [answer.status, code, param];
};

describe("the number that an outbound call comes from", () => {
  it("is the one that number_id names", async () => {
    const organization = await newOrganization(EUR);
    const [first, second] = [newNumber(), newNumber()];
    await give(organization, first);
    await give(organization, second);
    const { numbers } = (await ask(organization, "GET", "/numbers")).body;
    const { id } = numbers.find(({ phone_number }: Json) => phone_number === second);
    const { body } = await place(organization, { destination: TO, number_id: id });
    expect(handed()).toMatchObject({ from: second, to: TO });
    const shown = (await ask(organization, "GET", `/calls/${body.call_id}`)).body;
    expect(shown).toMatchObject({ number_id: id, assistant_phone: second, caller_phone: TO });
  });

  it("is the default number when none is named, else the oldest", async () => {
    const organization = await newOrganization(EUR);
    const [oldest, marked, newest] = [newNumber(), newNumber(), newNumber()];
    for (const number of [oldest, marked, newest]) {
      await give(organization, number);
      clock.pass(1_000);
    }
    const chosen = async () => {
      await place(organization, { destination: TO });
      return handed().from;
    };
    expect(await chosen()).toBe(oldest);
    await give(organization, newest, { is_default: true });
    await give(organization, marked, { is_default: true });
    await give(organization, marked);
    expect(await chosen()).toBe(marked);
    await give(organization, marked, { is_default: false });
    expect(await chosen()).toBe(oldest);
    await give(organization, newest, { is_default: true });
    await give(await newOrganization(), newest);
    expect(await chosen()).toBe(oldest);
  });

  it("is missing for an organization that has none", async () => {
    const organization = await newOrganization(EUR);
    expect(await refusal(organization, { destination: TO })).toEqual([400, "missing_field", "number_id"]);
    expect((await ask(organization, "GET", "/calls")).body.calls).toEqual([]);
  });

  it("may be withheld", async () => {
    const organization = await newOrganization(EUR);
    const { body } = await place(organization, { destination: TO, from: "anonymous" });
    expect(handed().from).toBe("anonymous");
    const taken_over = { from: "anonymous", to: TO };
    expect((await authorize(organization, body.call_id, taken_over)).status).toBe(200);
  });

  it("is never somebody else's, whose it is and whether it is anybody's makes no difference", async () => {
    const [organization, other] = [await newOrganization(EUR), await newOrganization(EUR)];
    const [own, others, nobodys] = [newNumber(), newNumber(), newNumber()];
    await give(organization, own);
    await give(other, others);
    for (const field of ["number_id", "from"]) {
      const answers = [others, nobodys].map((number) =>
        place(organization, { destination: TO, [field]: number }),
      );
      const [of_other, of_nobody] = (await Promise.all(answers)).map(({ status, body }) => {
        const { request_id: _, ...error } = body.error;
        return { status, error };
      });
      expect(of_other).toEqual(of_nobody);
      expect(of_other).toMatchObject({ status: 422, error: { code: "unprocessable", param: field } });
    }
    expect(await refusal(organization, { destination: TO, number_id: "num_1" })).toEqual([
      422,
      "unprocessable",
      "number_id",
    ]);
    expect(standing.asked).toEqual([]);
    expect((await ask(organization, "GET", "/calls")).body.calls).toEqual([]);
  });

  it("stays the call's own for a repeat when it is the organization's no more", async () => {
    const organization = await newOrganization(EUR);
    const number = newNumber();
    await give(organization, number);
    const headers = { "Idempotency-Key": "order-1" };
    const again = () => ask(organization, "POST", "/calls/outbound", { body: { destination: TO }, headers });
    const first = await again();
    await give(organization, newNumber(), { is_default: true });
    expect((await again()).body).toEqual(first.body);
    await give(await newOrganization(), number);
    expect((await again()).body).toEqual(first.body);
    expect(standing.asked).toHaveLength(1);
  });
});

describe("whom an outbound call is to", () => {
  it.each([
    { destination: TO, to: "+31207654399" },
    { destination: TO, number_id: "+31205550000", from: "+31205550001" },
    { destination: TO, number_id: "+31205550000", from: "anonymous" },
  ])("is said once, or twice the same: %o", async (body) => {
    const organization = await newOrganization(EUR);
    const param = body.to === undefined ? "from" : "to";
    expect(await refusal(organization, body)).toEqual([400, "invalid_request", param]);
  });

  it.each([
    ...["112", "911", "0112", "00112", "+112", "+31112", "+49110", "+1911", "+44999", "+420112", "+3545112"],
    ...["+35800112", "+31000112", "+49116117", "+31116000", "+358116123", "+19115550100", "+14115550100"],
    ...["+3120765432a", "+0207654321", "020-7654321", "+3120765", "+9991234567890", "+1234567890123456", ""],
    ...[
      "sip:admin@10.0.0.1",
      "sip:112@pbx.example.com",
      "sip:user@pbx.example.com;tag=1",
      "sip:+31207654321@pbx.example.com;user=phone",
      "tel:112;phone-context=+31",
      "urn:service:sos",
    ],
    ...["anonymous", "+31207654321\n", "+31207654321;ext=1", "٠٣١٢٠٧٦٥٤٣٢١"],
  ])("is no service, no short code and nothing else than a telephone: %j", async (destination) => {
    const organization = await newOrganization(EUR);
    await give(organization, newNumber());
    for (const field of ["destination", "to"])
      expect(await refusal(organization, { [field]: destination })).toEqual([400, "invalid_request", field]);
    expect(standing.asked).toEqual([]);
  });

  it.each(["+31207654321", "+4611234567", "+911123456789", "+12125550100", "+29050123", "+37612345"])(
    "is any other telephone: %s",
    async (destination) => {
      const organization = await newOrganization(EUR);
      await give(organization, newNumber());
      expect((await place(organization, { destination })).status).toBe(201);
    },
  );

  it.each([
    ["+31 20 765 4321", TO],
    ["+31 (0)20-7654321", TO],
    ["0031207654321", TO],
    ["tel:+31-20-765-4321", TO],
    ["tel:020-7654321;phone-context=+31", TO],
    ["020 765 4321", TO],
  ])("may be spelled as people do: %s", async (destination, to) => {
    const organization = await newOrganization(EUR);
    const own = newNumber();
    await give(organization, own);
    const bindings = { DEFAULT_COUNTRY: "NL" };
    const from = own.replace("+31", "0");
    expect((await place(organization, { destination, from }, bindings)).status).toBe(201);
    expect(handed()).toMatchObject({ to, from: own });
  });

  it("is missing when nothing says it", async () => {
    const organization = await newOrganization(EUR);
    expect(await refusal(organization, {})).toEqual([400, "missing_field", "destination"]);
  });

  it("may be a SIP address at a host that the operator has named, and no emergency service there", async () => {
    const organization = await newOrganization(EUR);
    await give(organization, newNumber());
    const settings = {
      DIALER_URL: "https://dialer.test/calls",
      DIALER_SECRET: "a-dialer-secret-that-only-the-tests-know",
      DIALER_SIP_HOSTS: "pbx.example.com, other.example.com",
    };
    const placed = await place(organization, { destination: "sip:reception@pbx.example.com" }, settings);
    expect(placed.status).toBe(201);
    expect(handed().to).toBe("sip:reception@pbx.example.com");
    for (const user of ["112", "0112", "+31112", "+49116117", "911"])
      expect(await refusal(organization, { destination: `sip:${user}@pbx.example.com` }, settings)).toEqual([
        400,
        "invalid_request",
        "destination",
      ]);
    expect(await refusal(organization, { to: "sip:x@elsewhere.example.com" }, settings)).toEqual([
      400,
      "invalid_request",
      "to",
    ]);
  });
});

describe("what an outbound call says of its assistant", () => {
  const newCaller = async () => {
    const organization = await newOrganization(EUR);
    await give(organization, newNumber());
    return organization;
  };

  it("is handed to the dialer as it stands", async () => {
    const assistant = {
      assistant_id: "asst_1",
      assistant: { llm_config: { provider: "openai", messages: [{ role: "system", content: "€ 🙂" }] } },
      assistant_override: { max_duration_seconds: null, metadata: { a: [1, { b: null }] }, rate: "staff" },
      first_message: "Good morning",
    };
    expect((await place(await newCaller(), { destination: TO, ...assistant })).status).toBe(201);
    expect(handed()).toMatchObject(assistant);
    expect(handed()).not.toHaveProperty("max_duration_seconds");
  });

  it.each([
    [{ assistant: { max_duration_seconds: 20 } }, 20],
    [{ assistant_override: { max_duration_seconds: 10 }, assistant: { max_duration_seconds: 20 } }, 10],
    [{ assistant: { max_duration_seconds: 20 }, max_duration_seconds: 5 }, 5],
    [{ assistant: { max_duration_seconds: 100_000 } }, 60],
  ])("caps what is granted by its longest duration: %o", async (assistant, granted_seconds) => {
    const organization = await newCaller();
    await place(organization, { destination: TO, ...assistant });
    const { call_id, from } = handed();
    expect(handed()).toMatchObject({ granted_seconds });
    const { body } = await authorize(organization, call_id, { from, to: TO });
    expect(body).toMatchObject({ granted_seconds, final_unit: granted_seconds < 60 });
  });

  it.each([
    ["assistant.max_duration_seconds", { assistant: { max_duration_seconds: "600" } }],
    ["assistant_override.max_duration_seconds", { assistant_override: { max_duration_seconds: 0 } }],
    ["assistant", { assistant: "asst_1" }],
    ["assistant", { assistant: JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) }],
    ["assistant_id", { assistant_id: 7 }],
    ["first_message", { first_message: "x".repeat(10_001) }],
  ])("is refused where it cannot be taken: %s", async (param, assistant) => {
    const answer = await refusal(await newCaller(), { destination: TO, ...assistant });
    expect(answer).toEqual([400, "invalid_request", param]);
  });

  it("is asked of the dialer as the OpenAPI document says", async () => {
    const contract = await theContract();
    const { parameters, requestBody } = contract.callback("placeOutboundCall", "dial");
    const assistant = {
      assistant_id: "asst_1",
      assistant: { max_duration_seconds: 20 },
      first_message: "Hi",
    };
    for (const body of [{ destination: TO }, { destination: TO, ...assistant }]) {
      await place(await newCaller(), body);
      const { schema } = requestBody.content["application/json"];
      expect(contract.difference(schema, handed())).toBeNull();
      for (const { name } of parameters) expect(standing.asked.at(-1)?.headers.get(name)).toBeTruthy();
    }
  });

  it("is bounded in size", async () => {
    const assistant = { llm_config: { messages: [{ role: "system", content: "x".repeat(70_000) }] } };
    expect((await place(await newCaller(), { destination: TO, assistant })).status).toBe(413);
  });
});
