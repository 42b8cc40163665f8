import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { api } from "../../support/api/api";
import { adminKey, newOrganization, newPlatformKey } from "../../support/api/organizations";
import { authorize, rateOf, VOICE, wordOf } from "../../support/ledger/ledger";

const MINUTE_MICROS = 70_000;
const BY_THE_MINUTE = rateOf({ first_seconds: 60, next_seconds: 60 });

/** Ten thousand authorizes at once: 400 over HTTP from two edge keys, the rest through the object, none awaited. */
async function authorizeTenThousand(organization_id: string, rate = VOICE) {
  const edge_keys = [await newPlatformKey("edge"), await newPlatformKey("edge")] as const;
  const ledger = env.LEDGER.getByName(organization_id);
  const through_http = Array.from({ length: 400 }, async (_, i) => {
    const answer = await api("POST", "/api/v1/edge/calls/authorize", {
      key: edge_keys[i % 2],
      body: {
        call_id: `http-${i}`,
        direction: "outbound",
        organization_id,
        from: "+31201234567",
        to: "+31207654321",
      },
      // All share one thread here: how long a node would wait is not what this is about.
      bindings: { LEDGER_DEADLINE_MS: "30000" },
    });
    return answer.status === 200 ? "granted" : (answer.body.reason as string);
  });
  const through_object = Array.from({ length: 9_600 }, async (_, i) => {
    const [answer] = await ledger.operate([authorize(`object-${i}`, { standard_rate: rate })]);
    return answer ? wordOf(answer) : "nothing";
  });
  const words = await Promise.all([...through_http, ...through_object]);
  const count = (word: string) => words.filter((found) => found === word).length;
  return {
    granted: count("granted"),
    refused: words.length - count("granted"),
    in_use: count("credit_in_use"),
  };
}

async function accountOf(organization_id: string) {
  const answer = await env.LEDGER.getByName(organization_id).account(null, VOICE);
  if (answer.outcome !== "account") throw new Error(answer.outcome);
  return answer.account;
}

test("10,000 authorizes at once by the minute on credit for 100 minutes: exactly 100 are allowed", async () => {
  const { id } = await newOrganization(100 * MINUTE_MICROS);
  await api("PUT", `/api/v1/admin/organizations/${id}/rates/voice`, {
    key: await adminKey(),
    body: { price_micros_per_minute: MINUTE_MICROS, increments: "60/60" },
  });
  expect(await authorizeTenThousand(id, BY_THE_MINUTE)).toEqual({
    granted: 100,
    refused: 9_900,
    in_use: 9_900,
  });
  const account = await accountOf(id);
  expect(account.held_micros).toBe(account.posted_micros);
  expect(account.spendable_micros).toBe(0);
}, 60_000);

test("10,000 authorizes at once by the second: none is refused while an increment is spendable", async () => {
  const { id } = await newOrganization(100 * MINUTE_MICROS);
  const { granted, refused } = await authorizeTenThousand(id);
  const account = await accountOf(id);
  expect(granted + refused).toBe(10_000);
  expect(refused).toBeGreaterThan(0);
  // What is left pays no second of a call: whoever was refused was refused for that.
  expect(account.spendable_micros).toBeGreaterThanOrEqual(0);
  expect(account.spendable_micros).toBeLessThan(Math.ceil(MINUTE_MICROS / 60));
  expect(account.active_calls).toBe(granted);
}, 60_000);
