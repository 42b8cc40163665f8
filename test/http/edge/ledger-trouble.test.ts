import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../../support/api/api";
import {
  booksOf,
  expectUnavailable,
  organizationWithCalls,
  REQUESTS,
  send,
} from "../../support/api/hot-path";
import {
  failing,
  hanging,
  type Trouble,
  tooLate,
  troubleLedger,
  well,
} from "../../support/failures/failing-ledger";
import { turn, turnsUntil } from "../../support/turns";

/** As the settings of the tests say. */
const DEADLINE_MS = 1_000;
/** The longest pause before a second try. */
const PAUSE_MS = 100;

beforeEach(() => {
  // What the log says of unavailable ledgers is for operators.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const OVERLOADED = [
  { overloaded: true },
  { overloaded: true, retryable: true },
  { overloaded: true, durableObjectReset: true },
].map((properties) => [Object.keys(properties).join(" and "), properties] as const);

const reset = failing("internal error; reference = made by the test", { durableObjectReset: true });
const RESET: [string, Trouble][] = [
  ["durableObjectReset", reset],
  ["retryable", failing("Network connection lost.", { retryable: true })],
];

/** What the platform has been seen to say of a reset without a property to tell it by. */
const RESET_IN_WORDS = [
  "cannot access storage because object has moved to a different machine",
  "Durable Object reset because its code was updated.",
  "The Durable Object's code has been updated, this version can no longer access storage.",
  "Durable Object storage operation exceeded timeout which caused object to be reset.",
  "Connection closed: this Durable Object instance is no longer active. Reconnect or retry the request.",
  "Cannot resolve Durable Object due to transient issue on remote node.",
  "Network connection lost.",
];

describe.each(REQUESTS)("%s", (what) => {
  it.each(OVERLOADED)("of an overloaded ledger (%s) is 503 and is not asked again", async (_, properties) => {
    const organization = await organizationWithCalls();
    const message = "Durable Object is overloaded. Too many requests queued.";
    const { tries, mend } = troubleLedger(organization.id, failing(message, properties));
    expectUnavailable(await send(organization, what));
    expect(tries.length).toBe(1);
    mend();
    expect((await send(organization, what)).status).toBe(200);
  });

  it("of a ledger that fails for no known reason is 503 and is not asked again", async () => {
    const organization = await organizationWithCalls();
    const { tries } = troubleLedger(organization.id, failing("internal error; reference = made by the test"));
    expectUnavailable(await send(organization, what));
    expect(tries.length).toBe(1);
  });

  it.each(RESET)("of a ledger that was reset (%s) is asked once more, on a new stub", async (_, trouble) => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    const { tries, mend } = troubleLedger(organization.id, trouble, well);
    const answer = await send(organization, what);
    mend();
    expect(answer.status).toBe(200);
    const [first, second] = tries;
    expect(tries.length).toBe(2);
    expect(second?.stub).not.toBe(first?.stub);
    expect([second?.method, second?.args[0]]).toEqual([first?.method, first?.args[0]]);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });

  it("that was carried out before its answer was lost is carried out once, and answered", async () => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    const { tries, mend } = troubleLedger(organization.id, tooLate(reset), well);
    const answer = await send(organization, what);
    mend();
    expect(answer.status).toBe(200);
    expect(tries.length).toBe(2);
    expect((await send(organization, what)).body).toEqual(answer.body);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });

  it("whose second try fails too is 503, and repeated later is carried out once", async () => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    const { tries, mend } = troubleLedger(organization.id, tooLate(reset), tooLate(reset));
    expectUnavailable(await send(organization, what));
    mend();
    expect(tries.length).toBe(2);
    expect((await send(organization, what)).status).toBe(200);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });
});

describe("a reset that is told in words only", () => {
  it.each(RESET_IN_WORDS)("is met with a second try: %s", async (message) => {
    const organization = await organizationWithCalls();
    const { tries } = troubleLedger(organization.id, failing(message), well);
    expect((await send(organization, "authorize")).status).toBe(200);
    expect(tries.length).toBe(2);
  });

  it("is not, when it says that the ledger is overloaded", async () => {
    const organization = await organizationWithCalls();
    const { tries } = troubleLedger(
      organization.id,
      failing("Network connection lost.", { overloaded: true }),
    );
    expectUnavailable(await send(organization, "authorize"));
    expect(tries.length).toBe(1);
  });
});

/** Stops time for deadlines and pauses, and sends a request whose answer can then be looked for at any instant. */
async function sendInStoppedTime(what: (typeof REQUESTS)[number], ...troubles: [Trouble, ...Trouble[]]) {
  const organization = await organizationWithCalls();
  const { tries, mend } = troubleLedger(organization.id, ...troubles);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  let answer: Answer | undefined;
  const sent = send(organization, what, { bindings: {} }).then((given) => {
    answer = given;
    return given;
  });
  await turnsUntil(() => tries.length === 1);
  const isAnswered = async () => {
    await turn();
    return answer !== undefined;
  };
  return { organization, tries, mend, sent, isAnswered };
}

describe.each(REQUESTS)("%s of a ledger that does not answer", (what) => {
  it("is 503 at the deadline, and repeated later is carried out once", async () => {
    const { organization, tries, mend, sent, isAnswered } = await sendInStoppedTime(what, tooLate(hanging));
    vi.advanceTimersByTime(DEADLINE_MS - 1);
    expect(await isAnswered()).toBe(false);
    vi.advanceTimersByTime(1);
    expectUnavailable(await sent);
    expect(tries.length).toBe(1);
    vi.useRealTimers();
    mend();
    const [repeated, twin] = [await send(organization, what), await organizationWithCalls()];
    expect(repeated.status).toBe(200);
    expect((await send(organization, what)).body).toEqual(repeated.body);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });
});

describe("the deadline", () => {
  /** A first try that fails when the test says so. */
  function slowReset() {
    let fail = () => {};
    const trouble: Trouble = (ask) =>
      new Promise((_, reject) => {
        fail = () => void reset(ask).catch(reject);
      });
    return { trouble, fail: () => fail() };
  }

  it("holds for both tries and the pause between them together", async () => {
    const first = slowReset();
    const { tries, sent, isAnswered } = await sendInStoppedTime("authorize", first.trouble, hanging);
    vi.advanceTimersByTime(DEADLINE_MS - 500);
    first.fail();
    await turnsUntil(() => vi.getTimerCount() === 2);
    vi.advanceTimersByTime(PAUSE_MS);
    await turnsUntil(() => tries.length === 2);
    vi.advanceTimersByTime(500 - PAUSE_MS - 1);
    expect(await isAnswered()).toBe(false);
    vi.advanceTimersByTime(1);
    expectUnavailable(await sent);
  });

  it("is the end: a try that fails after it is not repeated", async () => {
    const first = slowReset();
    const { tries, sent, isAnswered } = await sendInStoppedTime("authorize", first.trouble, well);
    vi.advanceTimersByTime(DEADLINE_MS);
    expectUnavailable(await sent);
    first.fail();
    await turnsUntil(() => vi.getTimerCount() === 1);
    vi.advanceTimersByTime(PAUSE_MS);
    await isAnswered();
    expect(tries.length).toBe(1);
  });
});
