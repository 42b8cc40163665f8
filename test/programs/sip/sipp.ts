import { strict as assert } from "node:assert";
import { until } from "../../support/until.ts";
import { type Message, readTrace } from "./messages.ts";
import { freeUdpPort, isUdpPortTaken, run, start } from "./processes.ts";

export interface CallOptions {
  to?: string;
  calls?: number;
  /** The caller's own port, any free one when left out. */
  port?: number;
}

/** A slash and a plus in every Call-ID: callers choose it, and it ends up in the path of a URL. */
const CALL_ID = "%u/%p+x@%s";

/** Starts the far end of all calls, and answers how to read what reached it. */
export async function startFarEnd(
  directory: string,
  address: string,
  port: number,
): Promise<() => Message[]> {
  const trace = `${directory}/far-end.msg`;
  start("sipp", endpoint("uas", address, port, trace), { cwd: directory });
  await until("sipp to listen", () => isUdpPortTaken(port, address));
  return () => readTrace(trace);
}

/** Lets callers at an address play `uac-<scenario>.xml`, ten new calls a second, and answers all that they saw. */
export async function playCallers(
  directory: string,
  node: { address: string; port: number },
  { scenario, from }: { scenario: string; from: string },
  options: CallOptions,
): Promise<Message[]> {
  const { to = "+4930123456", calls = 1, port = await freeUdpPort(from) } = options;
  const trace = `${directory}/${scenario}-${from}-${port}.msg`;
  const { code, output } = await run(
    "sipp",
    [
      ...[`${node.address}:${node.port}`, ...endpoint(`uac-${scenario}`, from, port, trace)],
      ...["-m", String(calls), "-r", "10", "-s", to, "-key", "caller", "+31201111111", "-cid_str", CALL_ID],
      ...["-timeout", "30", "-timeout_error"],
    ],
    { cwd: directory },
  );
  const messages = readTrace(trace);
  const story = messages.map(({ sent, first_line }) => `${sent ? ">" : "<"} ${first_line}`).slice(-12);
  assert.equal(code, 0, `sipp ${scenario} failed:\n${[...story, output.slice(-600)].join("\n")}`);
  return messages;
}

function endpoint(scenario: string, address: string, port: number, trace: string): string[] {
  return [
    ...["-sf", `${import.meta.dirname}/${scenario}.xml`, "-i", address, "-p", String(port), "-nostdin"],
    ...["-trace_msg", "-message_file", trace],
  ];
}
