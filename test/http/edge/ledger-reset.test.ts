import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import {
  booksOf,
  expectUnavailable,
  organizationWithCalls,
  REQUESTS,
  send,
} from "../../support/api/hot-path";
import { turnsUntil } from "../../support/turns";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A ledger object from its inside. */
type Inside = { ctx: DurableObjectState };

/** Lets something happen to the object after it has carried out a request and before the answer is on its way. */
function afterTheNext(what: (typeof REQUESTS)[number], happen: (object: Inside) => Promise<void>): void {
  const method = what === "account" ? "account" : "operate";
  const { prototype } = OrganizationLedger;
  const carryOut = prototype[method] as (...args: unknown[]) => unknown;
  vi.spyOn(prototype, method).mockImplementationOnce(async function (this: unknown, ...args: unknown[]) {
    const answer = await carryOut.apply(this, args);
    await happen(this as Inside);
    return answer;
  } as never);
}

describe.each(REQUESTS)("%s", (what) => {
  it("whose ledger is reset after the commit is answered by the second try, and carried out once", async () => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    afterTheNext(what, async ({ ctx }) => {
      await ctx.storage.sync();
      ctx.abort("reset by the test, after the commit");
    });
    const answer = await send(organization, what);
    expect(answer.status).toBe(200);
    expect((await send(organization, what)).body).toEqual(answer.body);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });

  it("whose ledger is reset before the commit is answered by the second try, and carried out once", async () => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    afterTheNext(what, async ({ ctx }) => ctx.abort("reset by the test, before the commit"));
    const answer = await send(organization, what);
    expect(answer.status).toBe(200);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
    await evictDurableObject(env.LEDGER.getByName(organization.id));
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });

  it("in a crash of all objects is 503, and repeated later is carried out once", async () => {
    const [organization, twin] = [await organizationWithCalls(), await organizationWithCalls()];
    // A flag: the runtime lets no promise be resolved by another object than the one that awaits it.
    let committed = false;
    afterTheNext(what, async ({ ctx }) => {
      await ctx.storage.sync();
      committed = true;
      await new Promise(() => {});
    });
    const sent = send(organization, what);
    await turnsUntil(() => committed);
    await abortAllDurableObjects();
    expectUnavailable(await sent);
    const repeated = await send(organization, what);
    expect(repeated.status).toBe(200);
    expect((await send(organization, what)).body).toEqual(repeated.body);
    await send(twin, what);
    expect(await booksOf(organization)).toEqual(await booksOf(twin));
  });
});
