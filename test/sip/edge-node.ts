import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { readTrace, sendRequest } from "./messages.ts";
import { freeUdpPort, isUdpPortTaken, run, start, until } from "./processes.ts";

const HERE = import.meta.dirname;
const ADDRESS = "127.0.0.1";
export const NODE_NAME = "edge-1";
/** A number that test/sip/uas.xml lets ring and never answers. */
export const NEVER_ANSWERS = "+3197000000";

const PACKAGES = { kamailio: "kamailio kamailio-extra-modules kamailio-utils-modules", sipp: "sip-tester" };

/** Who may call through the node: the addresses of customers, each with its organization, and the carrier's. */
export interface Callers {
  customers: { address: string; organization_id: string }[];
  carrier: string;
}

/** A Kamailio with our configuration, and sipp at the far end of its calls. */
export type EdgeNode = Awaited<ReturnType<typeof startEdgeNode>>;

/** What to install before anything here can run; empty when all is there. */
export async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, packages] of Object.entries(PACKAGES))
    await run(program, ["-v"], { cwd: HERE }).catch(() => missing.push(packages));
  return missing;
}

/** Starts both and waits until calls can be made. All they write goes to `directory`. */
export async function startEdgeNode(
  directory: string,
  server: { base_url: string; edge_key: string },
  callers: Callers,
) {
  const port = await freeUdpPort(ADDRESS);
  const far_port = await freeUdpPort(ADDRESS);
  const far_trace = `${directory}/far-end.msg`;
  const sip = { address: ADDRESS, port, user: "+4930000000" };
  start("sipp", sippArguments("uas", ADDRESS, far_port, far_trace), { cwd: directory });
  const log = await startKamailio(directory, port, far_port, server, callers);
  await until("sipp to listen", () => isUdpPortTaken(far_port, ADDRESS));
  const options = { method: "OPTIONS", from_address: ADDRESS, call_id: "are-you-there" };
  await until("kamailio to answer", async () => (await sendRequest(sip, options)) === 200);
  return {
    sip,
    log,
    /** The receipts that Kamailio got for its settles, in micro-euros by call_id, as often as it got them. */
    receipts: () =>
      log().flatMap((line) => {
        const [, charged = "", call_id = ""] = /receipt (\d+) (\S+)$/.exec(line) ?? [];
        return call_id ? [{ call_id, charged_micros: Number(charged) }] : [];
      }),
    /** INVITEs that reached the far end from callers at this address. */
    relayedInvites: (address: string) =>
      readTrace(far_trace).filter(
        (message) =>
          !message.sent && message.first_line.startsWith("INVITE") && message.call_id.endsWith(`@${address}`),
      ),
    /** Lets sipp play a caller's scenario and answers the messages that the caller saw. */
    async call(scenario: string, from: string, options: CallOptions = {}) {
      const { to = "+4930123456", calls = 1, port: caller_port = await freeUdpPort(from) } = options;
      const trace = `${directory}/${scenario}-${from}-${caller_port}.msg`;
      const caller = [
        "-m",
        String(calls),
        "-r",
        "10",
        "-s",
        to,
        "-key",
        "caller",
        options.caller ?? "+31201111111",
      ];
      const { code, output } = await run(
        "sipp",
        [
          `${ADDRESS}:${port}`,
          ...sippArguments(`uac-${scenario}`, from, caller_port, trace),
          ...caller,
          ...CALLER_LIMITS,
        ],
        { cwd: directory },
      );
      const messages = readTrace(trace);
      const story = messages.map(({ sent, first_line }) => `${sent ? ">" : "<"} ${first_line}`).slice(-12);
      assert.equal(
        code,
        0,
        `sipp ${scenario} ended with ${code}:\n${[...story, output.slice(-600)].join("\n")}`,
      );
      return messages;
    },
  };
}

interface CallOptions {
  to?: string;
  caller?: string;
  calls?: number;
  port?: number;
}

/** A slash and a plus in every Call-ID: callers choose it, and it ends up in the path of a URL. */
const CALLER_LIMITS = ["-cid_str", "%u/%p+x@%s", "-timeout", "30", "-timeout_error"];

function sippArguments(scenario: string, address: string, port: number, trace: string): string[] {
  return [
    ...["-sf", `${HERE}/${scenario}.xml`, "-i", address, "-p", String(port), "-nostdin"],
    ...["-trace_msg", "-message_file", trace],
  ];
}

async function startKamailio(
  directory: string,
  port: number,
  far_port: number,
  server: { base_url: string; edge_key: string },
  callers: Callers,
): Promise<() => string[]> {
  const addresses = `${directory}/addresses.list`;
  const customers = callers.customers.map(
    ({ address, organization_id }) => `1 ${address} 32 0 ${organization_id}\n`,
  );
  writeFileSync(addresses, `${customers.join("")}2 ${callers.carrier}\n`);
  const env = {
    RINGFENCE_API: `${server.base_url}/api/v1`,
    RINGFENCE_EDGE_KEY: server.edge_key,
    RINGFENCE_NODE: NODE_NAME,
    RINGFENCE_LISTEN: `udp:${ADDRESS}:${port}`,
    RINGFENCE_ADDRESSES: addresses,
    RINGFENCE_CARRIER: `sip:${ADDRESS}:${far_port}`,
    RINGFENCE_PLATFORM: `sip:${ADDRESS}:${far_port}`,
  };
  const config = ["-f", `${HERE}/kamailio.cfg`, "-Y", directory];
  const check = await run("kamailio", ["-c", ...config], { cwd: directory, env });
  if (check.code !== 0)
    throw new Error(
      `kamailio does not take its configuration (is one of ${PACKAGES.kamailio} missing?):\n${check.output}`,
    );
  const kamailio = start("kamailio", ["-DD", "-E", ...config], { cwd: directory, env });
  let text = "";
  kamailio.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text.split("\n");
}
