import { strict as assert } from "node:assert";
import type { Promises } from "../../support/node/promises.ts";
import { until } from "../../support/until.ts";
import { chargesOf, finalAnswers, type World } from "./fixtures.ts";
import { sendRequest } from "./messages.ts";
import { freeUdpPort } from "./processes.ts";

/** What holds when the Worker is away, and when callers lie. */
export const promisesOfTrouble: Promises<World> = {
  "while the Worker is down a new call gets 503, and a hang-up is settled once it is back": outage,
  "what only looks authorized is not relayed, and no text of a caller becomes a field": lies,
};

async function outage({ node, cutOff, stopServer, startServer }: World) {
  const call = await liveCall({ node }, cutOff.address);
  await until("the answer to be reported", async () =>
    (await cutOff.calls()).some(({ status }) => status === "in-progress"),
  );
  await stopServer();

  const [refused] = finalAnswers(await node.call("refused", cutOff.address));
  assert.equal(refused?.status, 503);
  assert.match(refused?.header("Retry-After") ?? "", /^\d+$/);
  await call.hangUp();
  await until("the settle to fail", () => node.log().some((line) => /will repeat \S+\/settle/.test(line)));

  await startServer();
  const receipt = await until("the receipt", () =>
    node.receipts().find(({ call_id }) => call_id.includes(call.call_id)),
  );
  assert.ok(receipt.charged_micros > 0);
  await cutOff.settled();
  assert.deepEqual(await chargesOf(cutOff), [receipt.charged_micros]);
}

async function lies({ node, attacked }: World) {
  const call = await liveCall({ node }, attacked.address);
  const invite = (more: object) =>
    sendRequest(node.sip, {
      method: "INVITE",
      from_address: attacked.address,
      call_id: crypto.randomUUID(),
      ...more,
    });
  const { call_id, from_tag } = call;
  assert.equal(await invite({ call_id, from_tag }), 482, "a second call in the name of a live one");
  const headers = [`Route: <sip:${node.sip.address}:${node.sip.port};lr>`];
  assert.equal(await invite({ to_tag: "made-up", headers }), 481, "a part of a call that never was");
  assert.equal(await invite({ from_tag: "" }), 400, "a call without a name");
  assert.equal(await invite({ from_address: "127.0.0.99" }), 403, "a call from a stranger");

  // The grammar of SIP allows quotes and backslashes in a Call-ID.
  const hostile_id = `\\","organization_id":"org_x@${attacked.address}`;
  assert.equal(await invite({ call_id: hostile_id }), 200);
  await until("the call with the hostile id to be listed under the caller's own organization", async () =>
    (await attacked.calls()).some((row) => row.call_id.includes(hostile_id)),
  );
  await call.hangUp();
  assert.equal((await attacked.calls()).length, 2, "only what was authorized is known");
}

/** A call that talks until it is told to hang up. */
async function liveCall({ node }: Pick<World, "node">, address: string) {
  const port = await freeUdpPort(address);
  const ended = node.call("hangs-up-on-cue", address, { port });
  const relayed = await Promise.race([
    until("the call to be relayed", () => node.relayedInvites(address)[0]),
    ended.then(() => assert.fail("the call ended before it was relayed")),
  ]);
  const { call_id } = relayed;
  const [, from_tag = ""] = /tag=(\S+)/.exec(relayed.header("From") ?? "") ?? [];
  return {
    call_id,
    from_tag,
    async hangUp() {
      const caller = { address, port, user: "caller" };
      await sendRequest(caller, { method: "INFO", from_address: node.sip.address, call_id });
      await ended;
    },
  };
}
