import { expect, test } from "vitest";
import { readList } from "../../../src/calls/usage/list-reads";
import { ask, newOrganization } from "../../support/api/organizations";
import { visitor } from "../../support/dashboard/visitor";
import { turnsUntil } from "../../support/turns";

/** As many lists as are read of one organization at once. */
const AT_ONCE = 4;

test("of one organization a few lists are read at once, more are refused after a wait, and others' are read meanwhile", async () => {
  const [busy, other] = [await newOrganization(1_000_000), await newOrganization(1_000_000)];
  const browser = await visitor(busy);
  let is_over = false;
  const held = Array.from({ length: AT_ONCE }, () => readList(busy.id, () => turnsUntil(() => is_over)));
  const [refused, page, others] = await Promise.all([
    Promise.all(["/usage", "/calls"].map((path) => ask(busy, "GET", path))),
    browser.get("/billing/usage"),
    Promise.all(["/usage", "/calls"].map((path) => ask(other, "GET", path))),
  ]);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 429, body: { error: { code: "rate_limit_exceeded" } } });
    expect(answer.headers.get("Retry-After")).toBe("1");
  }
  expect(page.status).toBe(503);
  expect(others.map(({ status }) => status)).toEqual([200, 200]);
  expect((await ask(busy, "GET", "/account")).status).toBe(200);

  // One that comes while others are under way waits for its turn.
  const waiting = ask(busy, "GET", "/usage");
  is_over = true;
  await Promise.all(held);
  expect((await waiting).status).toBe(200);
  expect((await ask(busy, "GET", "/calls")).status).toBe(200);
});

test("when many wait already, the next ones are refused at once", async () => {
  const { id } = await newOrganization(1_000_000);
  let is_over = false;
  const refused: number[] = [];
  const reads = Array.from({ length: 200 }, (_, at) =>
    readList(id, () => turnsUntil(() => is_over)).catch(() => void refused.push(at)),
  );
  await turnsUntil(() => refused.length > 0);
  expect(refused.length).toBe(200 - AT_ONCE - 8);
  is_over = true;
  await Promise.all(reads);
  expect(refused.length).toBe(200 - AT_ONCE - 8);
});

test("a list that fails makes room as one that is read does", async () => {
  const { id } = await newOrganization(1_000_000);
  const fails = () => Promise.reject(new Error("D1 is away (made by the test)"));
  for (let times = 0; times <= AT_ONCE; times += 1)
    await expect(readList(id, fails)).rejects.toThrow("D1 is away");
  expect(await readList(id, async () => "read")).toBe("read");
});
