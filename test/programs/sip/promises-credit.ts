import { strict as assert } from "node:assert";
import type { Promises } from "../../support/node/promises.ts";
import { until } from "../../support/until.ts";
import { NEVER_ANSWERS, NODE_NAME } from "./edge-node.ts";
import { chargesOf, finalAnswers, type World } from "./fixtures.ts";
import type { Message } from "./messages.ts";
import { type Organization, request } from "./organizations.ts";

const CALLS = 20;
const PRICE_MICROS_PER_SECOND = 70_000 / 60;
/** How far apart sipp and Kamailio may hear the same answer or hang-up. */
const HEARD_APART_MS = 500;

/** How calls run on credit, and end with it. */
export const promisesOfCredit: Promises<World> = {
  "20 funded calls are relayed, and each is settled exactly once for the time it lasted": fundedCalls,
  "20 calls without credit get 402 with its Reason, and none reaches the other end": refusedCalls,
  "an inbound call without credit gets the status and the Reason that the API recommends": refusedInbound,
  "a caller that never hangs up is hung up when its credit ends, and the balance stays above zero": cutCall,
  "a caller that gives up while it rings pays nothing": unansweredCalls,
};

async function fundedCalls({ node, funded }: World) {
  const messages = await node.call("talks", funded.address, { calls: CALLS });
  assert.equal(node.relayedInvites(funded.address).length, CALLS);
  await funded.settled();
  const usage = await until("the usage", async () => {
    const rows = await funded.usage();
    return rows.length >= CALLS && rows;
  });
  assert.equal(usage.length, CALLS);
  const charged_micros = sum(usage.map(({ cost_micros }) => cost_micros));

  const receipts = node.receipts().filter(({ call_id }) => call_id.includes(`@${funded.address}-`));
  assert.equal(new Set(receipts.map(({ call_id }) => call_id)).size, CALLS);
  assert.equal(sum(receipts.map((receipt) => receipt.charged_micros)), charged_micros);
  const charges = await chargesOf(funded);
  assert.equal(charges.length, CALLS);
  assert.equal(sum(charges), charged_micros);
  await assertBalance(funded, funded.credit_micros - charged_micros);

  for (const [sip_call_id, talked_ms] of talkTimes(messages)) {
    const row = usage.find(({ call_id }) => call_id.startsWith(`${NODE_NAME}-${sip_call_id}-`));
    if (!row) assert.fail(`${sip_call_id} is not in the usage`);
    const story = `${talked_ms} ms cost ${row.cost_micros}`;
    assert.ok(row.cost_micros >= costOf(talked_ms - HEARD_APART_MS), story);
    assert.ok(row.cost_micros <= costOf(talked_ms + HEARD_APART_MS), story);
  }
}

async function refusedCalls({ node, broke }: World) {
  const answers = finalAnswers(await node.call("refused", broke.address, { calls: CALLS }));
  assert.equal(answers.length, CALLS);
  for (const answer of answers) {
    assert.equal(answer.status, 402);
    assert.equal(answer.header("Reason"), 'SIP;cause=402;text="Insufficient credits"');
  }
  assert.equal(node.relayedInvites(broke.address).length, 0);
  const calls = await until("the calls to be listed", async () => {
    const rows = await broke.calls();
    return rows.length >= CALLS && rows;
  });
  assert.deepEqual(
    calls.map(({ status }) => status),
    new Array(CALLS).fill("rejected"),
  );
}

async function refusedInbound({ server, node, carrier, brokeNumber }: World) {
  const asked = await request<{ decision: string; sip: { status: number; reason: string } }>(
    server,
    server.edge_key,
    {
      method: "POST",
      path: "/edge/calls/authorize",
      body: {
        call_id: "asked-by-the-test",
        direction: "inbound",
        number: brokeNumber,
        from: "+31201111111",
        to: brokeNumber,
      },
    },
  );
  assert.equal(asked.decision, "reject");
  const [answer] = finalAnswers(await node.call("refused", carrier, { to: brokeNumber }));
  assert.equal(answer?.status, asked.sip.status);
  assert.equal(answer?.header("Reason"), asked.sip.reason);
  assert.equal(node.relayedInvites(carrier).length, 0);
}

async function cutCall({ node, scarce }: World) {
  const messages = await node.call("never-hangs-up", scarce.address);
  const answered = messages.find(({ status, method }) => status === 200 && method === "INVITE");
  const hung_up = messages.find(({ sent, first_line }) => !sent && first_line.startsWith("BYE"));
  const talked_ms = (hung_up?.at_ms ?? 0) - (answered?.at_ms ?? 0);
  const paid_ms = Math.floor(scarce.credit_micros / PRICE_MICROS_PER_SECOND) * 1_000;
  assert.ok(talked_ms >= paid_ms - HEARD_APART_MS, `hung up after ${talked_ms} ms, ${paid_ms} ms were paid`);
  assert.ok(talked_ms <= paid_ms + 2_000, `talked for ${talked_ms} ms, only ${paid_ms} ms were paid`);
  await scarce.settled();
  assert.deepEqual(await chargesOf(scarce), [costOf(paid_ms)]);
  await assertBalance(scarce, scarce.credit_micros - costOf(paid_ms));
}

async function unansweredCalls({ node, ringing }: World) {
  await node.call("gives-up", ringing.address, { to: NEVER_ANSWERS, calls: 3 });
  assert.equal(node.relayedInvites(ringing.address).length, 3);
  await ringing.settled();
  assert.deepEqual(await chargesOf(ringing), []);
  await assertBalance(ringing, ringing.credit_micros);
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
const costOf = (talked_ms: number) => Math.round(Math.ceil(talked_ms / 1_000) * PRICE_MICROS_PER_SECOND);

async function assertBalance(organization: Organization, expected_micros: number) {
  const { posted_micros, held_micros } = await organization.balance();
  assert.deepEqual({ posted_micros, held_micros }, { posted_micros: expected_micros, held_micros: 0 });
  assert.ok(posted_micros >= 0);
}

/** From each caller's ACK to its BYE, by SIP Call-ID. */
function talkTimes(messages: Message[]): Map<string, number> {
  const began = new Map<string, number>();
  const times = new Map<string, number>();
  for (const { sent, first_line, call_id, at_ms } of messages) {
    if (sent && first_line.startsWith("ACK")) began.set(call_id, at_ms);
    if (sent && first_line.startsWith("BYE")) times.set(call_id, at_ms - (began.get(call_id) ?? at_ms));
  }
  assert.equal(times.size, CALLS);
  return times;
}
