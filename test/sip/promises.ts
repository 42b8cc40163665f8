import { strict as assert } from "node:assert";
import { type EdgeNode, NEVER_ANSWERS, NODE_NAME } from "./edge-node.ts";
import { type Message, sendRequest } from "./messages.ts";
import { type Organization, request, type Server } from "./organizations.ts";
import { freeUdpPort, until } from "./processes.ts";

/** Everything that a promise is kept with. `server` changes when the Worker is started again. */
export interface World {
  server: Server;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  node: EdgeNode;
  carrier: string;
  funded: Organization;
  broke: Organization;
  brokeNumber: string;
  scarce: Organization;
  ringing: Organization;
  cutOff: Organization;
  attacked: Organization;
}

const CALLS = 20;
const PRICE_MICROS_PER_SECOND = 70_000 / 60;
/** How far sipp's clock and Kamailio's may see the same answer or hang-up apart. */
const HEARD_APART_MS = 250;

const finalAnswers = (messages: Message[]) => messages.filter((message) => message.status >= 200);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** What the node and the Worker promise together, by name. */
export const promises: Record<string, (world: World) => Promise<void>> = {
  async "20 funded calls are relayed, and each is settled exactly once for the time it lasted"({
    node,
    funded,
  }) {
    const messages = await node.call("talks", funded.address, { calls: CALLS });
    assert.equal(node.relayedInvites(funded.address).length, CALLS);
    await funded.settled();
    const usage = await until("20 calls in the usage", async () => {
      const rows = await funded.usage();
      return rows.length >= CALLS && rows;
    });
    const receipts = node.receipts().filter(({ call_id }) => call_id.includes(`@${funded.address}-`));
    const charges = (await funded.entries()).filter(({ kind }) => kind === "call");
    assert.equal(usage.length, CALLS);
    assert.equal(new Set(receipts.map(({ call_id }) => call_id)).size, CALLS);
    assert.equal(charges.length, CALLS, "each call is charged once");
    const charged_micros = sum(usage.map((row) => row.cost_micros));
    assert.equal(sum(receipts.map((receipt) => receipt.charged_micros)), charged_micros);
    assert.equal(-sum(charges.map((entry) => entry.amount_micros)), charged_micros);
    assert.deepEqual(await creditOf(funded), {
      posted_micros: funded.credit_micros - charged_micros,
      held_micros: 0,
    });
    for (const [sip_call_id, talked_ms] of talkTimes(messages)) {
      const row = usage.find(({ call_id }) => call_id.startsWith(`${NODE_NAME}-${sip_call_id}-`));
      assert.ok(row, `${sip_call_id} is in the usage`);
      const [fewest, most] = [-HEARD_APART_MS, HEARD_APART_MS].map((apart_ms) =>
        Math.round(Math.ceil((talked_ms + apart_ms) / 1_000) * PRICE_MICROS_PER_SECOND),
      ) as [number, number];
      assert.ok(
        row.cost_micros >= fewest && row.cost_micros <= most,
        `${talked_ms} ms cost ${row.cost_micros}`,
      );
    }
  },

  async "20 calls without credit get 402 with its Reason, and none reaches the other end"({ node, broke }) {
    const answers = finalAnswers(await node.call("refused", broke.address, { calls: CALLS }));
    assert.equal(answers.length, CALLS);
    for (const answer of answers) {
      assert.equal(answer.status, 402);
      assert.match(answer.header("Reason") ?? "", /^SIP;cause=402;text="Insufficient credits"$/);
    }
    assert.equal(node.relayedInvites(broke.address).length, 0);
    const calls = await until("20 rejected calls", async () => {
      const rows = await broke.calls();
      return rows.length >= CALLS && rows;
    });
    assert.deepEqual(new Set(calls.map(({ status }) => status)), new Set(["rejected"]));
    assert.equal(calls.length, CALLS);
  },

  async "an inbound call without credit gets the status and the Reason that the API recommends"(world) {
    const { server, node, carrier, brokeNumber } = world;
    const asked = await request<Refusal>(server, server.edge_key, "POST", "/edge/calls/authorize", {
      call_id: "asked-by-the-test",
      direction: "inbound",
      number: brokeNumber,
      from: "+31201111111",
      to: brokeNumber,
    });
    assert.equal(asked.decision, "reject");
    const [answer] = finalAnswers(await node.call("refused", carrier, { to: brokeNumber }));
    assert.equal(answer?.status, asked.sip.status);
    assert.equal(answer?.header("Reason"), asked.sip.reason);
    assert.equal(node.relayedInvites(carrier).length, 0);
  },

  async "a caller that never hangs up is hung up when its credit is used up, which never goes below zero"(
    world,
  ) {
    const { node, scarce } = world;
    const messages = await node.call("never-hangs-up", scarce.address);
    const answered = messages.find(
      ({ sent, status, method }) => !sent && status === 200 && method === "INVITE",
    );
    const hung_up = messages.find(({ sent, first_line }) => !sent && first_line.startsWith("BYE"));
    const talked_ms = (hung_up?.at_ms ?? 0) - (answered?.at_ms ?? 0);
    const paid_ms = Math.floor(scarce.credit_micros / PRICE_MICROS_PER_SECOND) * 1_000;
    assert.ok(
      talked_ms >= paid_ms - HEARD_APART_MS,
      `hung up after ${talked_ms} ms, ${paid_ms} ms were paid`,
    );
    assert.ok(talked_ms <= paid_ms + 2_000, `talked for ${talked_ms} ms, only ${paid_ms} ms were paid`);
    await scarce.settled();
    const { posted_micros, held_micros } = await creditOf(scarce);
    assert.equal(held_micros, 0);
    assert.equal(
      posted_micros,
      scarce.credit_micros - Math.round((paid_ms / 1_000) * PRICE_MICROS_PER_SECOND),
    );
    assert.ok(posted_micros >= 0);
    assert.equal((await scarce.entries()).filter(({ kind }) => kind === "call").length, 1);
  },

  async "a caller that gives up while it rings pays nothing"({ node, ringing }) {
    await node.call("gives-up", ringing.address, { to: NEVER_ANSWERS, calls: 3 });
    assert.equal(node.relayedInvites(ringing.address).length, 3);
    await ringing.settled();
    assert.deepEqual(await creditOf(ringing), { posted_micros: ringing.credit_micros, held_micros: 0 });
  },

  async "while the Worker is down a new call gets 503, and a hang-up is settled once it is back"(world) {
    const { node, cutOff } = world;
    const port = await freeUdpPort(cutOff.address);
    const call = node.call("hangs-up-on-cue", cutOff.address, { port });
    const [invite] = await until("the call to be relayed", () => node.relayedInvites(cutOff.address));
    const { call_id = "" } = invite ?? {};
    await until("the call to be answered", async () => (await answeredCalls(cutOff)) > 0);
    await world.stopServer();

    const [refused] = finalAnswers(await node.call("refused", cutOff.address));
    assert.equal(refused?.status, 503);
    assert.match(refused?.header("Retry-After") ?? "", /^\d+$/);
    const caller = { address: cutOff.address, port, user: "caller" };
    await sendRequest(caller, { method: "INFO", from_address: "127.0.0.1", call_id });
    await call;
    const repeats = () =>
      node.log().filter((line) => line.includes("will repeat") && line.includes("settle"));
    await until("the settle to fail", () => repeats().length > 0);

    await world.startServer();
    await cutOff.settled();
    const charges = (await cutOff.entries()).filter(({ kind }) => kind === "call" || kind === "correction");
    assert.equal(charges.length, 1);
    const charged_micros = -(charges[0]?.amount_micros ?? 0);
    assert.ok(charged_micros > 0);
    const receipt = await until("the receipt", () =>
      node.receipts().find((one) => one.call_id.includes(call_id)),
    );
    assert.equal(receipt.charged_micros, charged_micros);
  },

  async "what only looks authorized is not relayed, and no text of a caller becomes a field"({
    node,
    attacked,
  }) {
    const from_address = attacked.address;
    const port = await freeUdpPort(from_address);
    const call = node.call("hangs-up-on-cue", from_address, { port });
    const [invite] = await until("the call to be relayed", () => node.relayedInvites(from_address));
    const { call_id = "" } = invite ?? {};
    const from_tag = /tag=(\S+)/.exec(invite?.header("From") ?? "")?.[1] ?? "";
    const send = (method: string, more: object) =>
      sendRequest(node.sip, { method, from_address, call_id, ...more });

    assert.equal(await send("INVITE", { from_tag }), 482, "a second INVITE in the name of a live call");
    const headers = [`Route: <sip:${node.sip.address}:${node.sip.port};lr>`];
    const made_up = { call_id: "made-up", to_tag: "made-up", headers };
    assert.equal(await send("INVITE", made_up), 481, "an INVITE within a dialog that never was");
    assert.equal(await send("INVITE", { from_address: "127.0.0.99" }), 403, "a stranger");
    const from_user = 'a","organization_id":"org_x","x":"';
    assert.ok((await send("INVITE", { call_id: `quotes@${from_address}`, from_user })) >= 0);
    const calls = await until("the call with quotes", async () => {
      const rows = await attacked.calls();
      return rows.length >= 2 && rows;
    });
    assert.ok(calls.some(({ from }) => from === from_user));

    await sendRequest(
      { address: from_address, port, user: "caller" },
      { method: "INFO", from_address, call_id },
    );
    await call;
  },
};

interface Refusal {
  decision: string;
  sip: { status: number; reason: string };
}

const creditOf = async (organization: Organization) => {
  const { posted_micros, held_micros } = await organization.balance();
  return { posted_micros, held_micros };
};

const answeredCalls = async (organization: Organization) =>
  (await organization.calls()).filter(({ status }) => status === "in-progress").length;

/** From each caller's ACK to its BYE, by SIP Call-ID. */
function talkTimes(messages: Message[]): Map<string, number> {
  const times = new Map<string, number>();
  const began = new Map<string, number>();
  for (const { sent, first_line, call_id, at_ms } of messages) {
    if (!sent) continue;
    if (first_line.startsWith("ACK")) began.set(call_id, at_ms);
    if (first_line.startsWith("BYE") && !times.has(call_id))
      times.set(call_id, at_ms - (began.get(call_id) ?? at_ms));
  }
  assert.equal(times.size, CALLS);
  return times;
}
