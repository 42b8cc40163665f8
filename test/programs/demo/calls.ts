import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { BookKeeper } from "./books.ts";
import { callForHelp } from "./call-for-help.ts";
import { type Client, openClient } from "./client.ts";
import { SimulatedClock } from "./clock.ts";
import { compare } from "./compare.ts";
import { ensureCredit } from "./credit.ts";
import { type Demo, readDemo } from "./demo-file.ts";
import { Node } from "./node.ts";
import { NodeApi } from "./node-api.ts";
import { planCalls } from "./planned-calls.ts";
import { Receipts } from "./receipts.ts";
import { euros, ProgressLine, report } from "./screen.ts";

/** The credit is gone when this many calls in a row were refused although no other call held any. */
const REFUSED_IN_A_ROW = 25;
const MOST_CALLS = 20_000;

async function main(): Promise<void> {
  const { seed, falsify } = options();
  const demo = await runningDemo();
  const customer = openClient(demo.base_url, demo.organization.api_key);
  const admin = openClient(demo.base_url, demo.admin_key);
  console.log(`A day's calls at speed, seed ${seed}: the same seed plays the same calls.`);
  const keeper = new BookKeeper(customer, admin, demo.organization.id);
  const added_micros = await ensureCredit(demo);
  if (added_micros > 0) console.log(`Little credit was left: ${euros(added_micros)} are added.`);
  const before = await keeper.lastEntry();
  const began_ms = Date.now();
  const receipts = await playUntilNoCredit(demo, customer, seed, before.balance_after_micros);
  const took_ms = Date.now() - began_ms;
  if (falsify) falsifyOne(receipts);
  const comparison = await compare(keeper, before, receipts);
  console.log(report(receipts, comparison, took_ms));
  const edge = openClient(demo.base_url, demo.edge_key);
  console.log(`${await callForHelp(edge, demo, began_ms.toString(36))}\n`);
  if (comparison.differences.length > 0) process.exitCode = 1;
}

function options(): { seed: number; falsify: boolean } {
  const { values } = parseArgs({
    // falsify: makes one receipt wrong by a micro, to see that the comparison would notice.
    options: { seed: { type: "string" }, falsify: { type: "boolean", default: false } },
  });
  const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error("--seed takes a whole number: npm run demo:calls -- --seed 42");
  return { seed, falsify: values.falsify };
}

async function runningDemo(): Promise<Demo> {
  const demo = readDemo();
  const health = demo && (await fetch(`${demo.base_url}/health`).catch(() => null));
  if (!demo || !health?.ok)
    throw new Error("The demo is not running. Start it in another terminal: npm start");
  return demo;
}

async function playUntilNoCredit(demo: Demo, customer: Client, seed: number, balance_micros: number) {
  const receipts = new Receipts(balance_micros);
  const clock = new SimulatedClock();
  const run = Date.now().toString(36);
  const edge = openClient(demo.base_url, demo.edge_key);
  const parties = { edge, customer, organization_id: demo.organization.id, run };
  const node = new Node(clock, new NodeApi(parties, receipts), receipts);
  const line = new ProgressLine();
  await clock.play(async () => {
    for (const call of planCalls(seed)) {
      if (receipts.rejected_in_a_row >= REFUSED_IN_A_ROW) return;
      if (call.index > MOST_CALLS) throw new Error(`After ${MOST_CALLS} calls there is still credit.`);
      await clock.until(call.begins_at_ms);
      clock.start(() => node.play(call));
      line.draw(receipts);
    }
  });
  line.clear();
  return receipts;
}

function falsifyOne({ charged }: Receipts): void {
  const [receipt] = charged.values();
  if (receipt) charged.set(receipt.call_id, { ...receipt, charged_micros: receipt.charged_micros + 1 });
}

await main().catch((error: Error) => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});
