import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ROOT } from "../../../.scripts/wrangler.ts";
import { freePort, isTaken } from "../../support/node/port.ts";
import { openPurchase } from "./buying.ts";
import { readDemo } from "./demo-file.ts";
import { wrongSnippets } from "./snippets.ts";

const run = promisify(execFile);

/** The last line that the start script prints. */
const READY = "Ctrl-C stops everything";
const SEED = "20";

let passed = 0;
let failed = 0;

/** What a newcomer does: starts the demo, pastes the printed lines, plays the calls, presses Ctrl-C. */
async function main(): Promise<void> {
  const began_ms = Date.now();
  const port = await freePort();
  const demo = spawn(process.execPath, [`${ROOT}test/programs/demo/start.ts`], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const lines = await welcomeOf(demo);
    promise(`the demo serves after ${((Date.now() - began_ms) / 1_000).toFixed(1)} s`, true);
    promise("its first link signs in to the dashboard, which shows the balance", await opensDashboard(lines));
    promise("its payment page takes a test card, and says that the credit is there", await pay());
    const [account, authorized, settled] = await pasteCurls(lines);
    promise("the invoice of it has a PDF", await hasPdf());
    promise("the balance has risen by it", postedMicros(account) >= 50_000_000);
    promise("its curl line shows the account", account?.company_name === "Demo Telecom");
    promise("its curl line has a call allowed", authorized?.decision === "allow");
    promise("its curl line charges EUR 0.098 for it", settled?.charged_micros === 98_000);
    promise("demo:calls spends the credit and its three sources agree", await playCalls("--seed", SEED));
    promise("the README's snippets tell a delivery from forgeries", await snippetsHold());
    promise("the page of events shows the alert and the purchase, signed", await hasEvents(lines));
    promise(
      "demo:calls notices a receipt that is wrong by a micro",
      !(await playCalls("--seed", SEED, "--falsify")),
    );
  } finally {
    await interrupt(demo);
  }
  promise("nothing listens after Ctrl-C", !(await isTaken(port)));
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function promise(name: string, kept: boolean): void {
  if (kept) passed += 1;
  else failed += 1;
  console.log(`${kept ? "ok  " : "FAIL"} ${name}`);
}

/** All that it prints until it is ready. */
async function welcomeOf(demo: ChildProcess): Promise<string[]> {
  if (!demo.stdout) throw new Error("The demo has no output to read.");
  const lines: string[] = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line);
    if (!line.startsWith(READY)) continue;
    demo.stdout.resume();
    return lines;
  }
  throw new Error(`The demo ended before it was ready:\n${lines.join("\n")}`);
}

/** Opens the printed link as a browser does: with the cookie that it is given on the way. */
async function opensDashboard(lines: readonly string[]): Promise<boolean> {
  const url = lines.join("\n").match(/^ *(http:\S+\/dashboard)$/m)?.[1];
  if (!url) return false;
  const to_link = await fetch(url, { redirect: "manual" });
  const entered = await fetch(to_link.headers.get("Location") ?? "", { redirect: "manual" });
  const cookie = entered.headers.get("Set-Cookie")?.split(";")[0] ?? "";
  const page = new URL(entered.headers.get("Location") ?? "", entered.url);
  const text = await (await fetch(page, { headers: { Cookie: cookie } })).text();
  return text.includes("Demo Telecom") && text.includes("Balance");
}

/** Pays as a person does, and comes back as a browser does. */
async function pay(): Promise<boolean> {
  const demo = readDemo();
  if (!demo) return false;
  const body = new URLSearchParams({ card: "4242424242424242" });
  const back = await fetch(await openPurchase(demo), { method: "POST", body });
  return (await back.text()).includes("your credit is there");
}

async function hasPdf(): Promise<boolean> {
  const demo = readDemo();
  if (!demo) return false;
  const { base_url, organization } = demo;
  const headers = { Authorization: `Bearer ${organization.api_key}` };
  const list = await fetch(`${base_url}/api/v1/invoices`, { headers });
  const [invoice] = ((await list.json()) as { invoices: { id: string }[] }).invoices;
  if (!invoice) return false;
  const file = await fetch(`${base_url}/api/v1/invoices/${invoice.id}/pdf`, { headers });
  return Buffer.from(await file.arrayBuffer())
    .toString("latin1")
    .startsWith("%PDF-");
}

async function snippetsHold(): Promise<boolean> {
  const demo = readDemo();
  const wrong = demo ? await wrongSnippets(demo) : ["There is no demo."];
  for (const each of wrong) console.log(`     ${each}`);
  return wrong.length === 0;
}

/** Whether the receiver got what buying and playing the calls must have caused, every signature right. */
async function hasEvents(lines: readonly string[]): Promise<boolean> {
  const page = lines.join("\n").match(/(http:\S+) {2}the events/)?.[1];
  if (!page) return false;
  const events = (await (await fetch(`${page}events.json`)).json()) as { type: string; signature: string }[];
  const types = new Set(events.map(({ type }) => type));
  const expected = ["credits.added", "invoice.created", "balance.low", "balance.exhausted", "call.rejected"];
  const missing = expected.filter((type) => !types.has(type));
  if (missing.length > 0) console.log(`     missing: ${missing.join(", ")}`);
  return missing.length === 0 && events.every(({ signature }) => signature === "valid");
}

function postedMicros(account: Record<string, unknown> | undefined): number {
  return (account?.balance as { posted_micros: number } | undefined)?.posted_micros ?? 0;
}

/** Runs the printed curl lines in a shell, as pasted. */
async function pasteCurls(lines: readonly string[]): Promise<Record<string, unknown>[]> {
  const answers: Record<string, unknown>[] = [];
  for (const line of lines.filter((text) => text.startsWith("curl "))) {
    const { stdout } = await run("sh", ["-c", line]);
    answers.push(JSON.parse(stdout));
  }
  return answers;
}

/** Whether a run of the calls says that its books agree. */
async function playCalls(...options: string[]): Promise<boolean> {
  const child = spawn(process.execPath, [`${ROOT}test/programs/demo/calls.ts`, ...options], {
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

async function interrupt(demo: ChildProcess): Promise<void> {
  if (demo.exitCode !== null) return;
  const ended = once(demo, "exit");
  demo.kill("SIGINT");
  await ended;
}

await main();
