import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { vatIdCheckerFor } from "../../src/tax/vat-id-checker";
import { viesChecker } from "../../src/tax/vies";

const CHECK_URL = "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number";

interface Asked {
  url: string;
  init: RequestInit & { body: string };
}

let asked: Asked[];
let warned: string[];

/** Stands where VIES would, at the network. */
function vies(answer: (asked: Asked) => Response | Promise<Response>): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const request = { url: String(url), init: init as Asked["init"] };
    asked.push(request);
    return answer(request);
  });
}

/** What VIES says of a number that it knows, unless `changes` says otherwise. */
const known = (changes: object = {}, status = 200) =>
  Response.json(
    {
      countryCode: "DE",
      vatNumber: "136695976",
      requestDate: "2026-11-24T08:00:00.000Z",
      valid: true,
      requestIdentifier: "",
      name: "---",
      address: "---",
      ...changes,
    },
    { status },
  );
const failure = (error: string, status = 200) =>
  Response.json({ actionSucceed: false, errorWrappers: [{ error }] }, { status });

const check = (value = "DE136695976") => viesChecker({ requester_vat_id: null }).check(value);

beforeEach(() => {
  asked = [];
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((line) => void warned.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

describe("a number is valid", () => {
  it("when VIES says so, with what it tells as evidence", async () => {
    vies(() => known({ name: " Muster GmbH ", address: "Musterweg 1\n10115 Berlin" }));
    const before_ms = Date.now();
    const found = await check();
    expect(found).toEqual({
      state: "valid",
      checked_at_ms: expect.any(Number),
      source: "vies",
      name: "Muster GmbH",
      address: "Musterweg 1\n10115 Berlin",
      consultation_number: null,
    });
    expect(found.checked_at_ms).toBeGreaterThanOrEqual(before_ms);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe(CHECK_URL);
    expect(JSON.parse(asked[0]?.init.body ?? "")).toEqual({ countryCode: "DE", vatNumber: "136695976" });
  });

  it("and a member state that tells no name leaves it out", async () => {
    vies(() => known());
    expect(await check()).toMatchObject({ state: "valid", name: null, address: null });
  });

  it("and a Greek one is asked for as EL", async () => {
    vies(() => known({ countryCode: "EL", vatNumber: "094259216" }));
    expect(await check("EL094259216")).toMatchObject({ state: "valid" });
    expect(JSON.parse(asked[0]?.init.body ?? "")).toEqual({ countryCode: "EL", vatNumber: "094259216" });
  });

  it("with a consultation number when the seller's VAT ID goes with the question", async () => {
    vies(() => known({ requestIdentifier: "WAPIAAAAZABCDEFG" }));
    const checker = vatIdCheckerFor({ vat_id_checker: "vies", seller_vat_id: "NL004495445B01" });
    expect(await checker.check("DE136695976")).toMatchObject({ consultation_number: "WAPIAAAAZABCDEFG" });
    expect(JSON.parse(asked[0]?.init.body ?? "")).toMatchObject({
      requesterMemberStateCode: "NL",
      requesterNumber: "004495445B01",
    });
  });
});

describe("a number is invalid", () => {
  it("when VIES says so", async () => {
    vies(() => known({ valid: false }));
    expect(await check()).toMatchObject({ state: "invalid", source: "vies", name: null });
  });

  it.each([200, 400])("when VIES says that no such number can exist, with status %i", async (status) => {
    vies(() => failure("INVALID_INPUT", status));
    expect(await check()).toMatchObject({ state: "invalid" });
  });
});

describe("a number is unavailable, never valid or invalid,", () => {
  it.each([
    "MS_UNAVAILABLE",
    "MS_MAX_CONCURRENT_REQ",
    "MS_MAX_CONCURRENT_REQ_TIME",
    "GLOBAL_MAX_CONCURRENT_REQ",
    "SERVICE_UNAVAILABLE",
    "TIMEOUT",
    "VAT_BLOCKED",
    "IP_BLOCKED",
    "INVALID_REQUESTER_INFO",
    "an error of tomorrow",
  ])("when VIES reports %s", async (error) => {
    vies(() => failure(error));
    expect(await check()).toMatchObject({ state: "unavailable", source: "vies" });
    vies(() => failure(error, 500));
    expect(await check()).toMatchObject({ state: "unavailable" });
    vies(() => known({ valid: false, userError: error }));
    expect(await check()).toMatchObject({ state: "unavailable" });
    expect(warned).toHaveLength(3);
    expect(JSON.parse(warned[0] ?? "")).toEqual({ event: "vies_unavailable", country: "DE", reason: error });
  });

  it.each([
    ["is about another number", known({ vatNumber: "136695977" })],
    ["is about another country", known({ countryCode: "AT" })],
    ["names no number", Response.json({ valid: true })],
    ["says neither yes nor no", known({ valid: undefined })],
    ["says yes as text", known({ valid: "true" })],
    ["says yes and no success", known({ actionSucceed: false })],
    ["says yes with an error status", known({}, 502)],
    ["is a page", new Response("<html>Maintenance</html>")],
    ["is empty", new Response(null, { status: 204 })],
    ["is no object", Response.json([true])],
    ["is null", Response.json(null)],
    ["leads elsewhere", new Response(null, { status: 302, headers: { Location: "https://example.com" } })],
  ])("when the answer %s", async (_, answer) => {
    vies(() => answer);
    expect(await check()).toMatchObject({ state: "unavailable", name: null, consultation_number: null });
  });

  it("when the network fails", async () => {
    vies(() => Promise.reject(new TypeError("fetch failed")));
    expect(await check()).toMatchObject({ state: "unavailable" });
  });

  it("when no answer comes in time", async () => {
    vies(
      ({ init }) =>
        new Promise((_, reject) => {
          init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
    );
    const checker = viesChecker({ requester_vat_id: null, timeout_ms: 1 });
    expect(await checker.check("DE136695976")).toMatchObject({ state: "unavailable" });
    expect(JSON.parse(warned[0] ?? "")).toMatchObject({ reason: "TimeoutError" });
  });

  it("and the log does not repeat it", async () => {
    vies(() => failure("MS_UNAVAILABLE"));
    await check();
    expect(warned.join()).not.toContain("136695976");
  });
});

describe("a number that VIES does not know", () => {
  it.each([
    ["GB980780684", "valid"],
    ["CHE-100.155.212 MWST", "valid"],
    ["995525828MVA", "valid"],
    ["GB980780685", "invalid"],
    ["GB000000000", "invalid"],
  ])("is judged by its checksum and VIES is not asked: %s", async (value, state) => {
    vies(() => known());
    expect(await check(value)).toMatchObject({ state, source: "offline" });
    expect(asked).toEqual([]);
  });
});
