import { writeFileSync } from "node:fs";
import { until } from "../../support/until.ts";
import { sendRequest } from "./messages.ts";
import type { Server } from "./organizations.ts";
import { freeUdpPort, run, start } from "./processes.ts";
import { type CallOptions, playCallers, startFarEnd } from "./sipp.ts";

const ADDRESS = "127.0.0.1";
export const NODE_NAME = "edge-1";
/** A number that uas.xml lets ring and never answers. */
export const NEVER_ANSWERS = "+3197000000";

const PACKAGES = { kamailio: "kamailio kamailio-extra-modules kamailio-utils-modules", sipp: "sip-tester" };

/** Who may call through the node: the addresses of customers, each with its organization, and the carrier's. */
export interface Callers {
  customers: { address: string; organization_id: string }[];
  carrier: string;
}

/** A Kamailio with our configuration, and sipp at the far end of its calls. */
export type EdgeNode = Awaited<ReturnType<typeof startEdgeNode>>;

/** The Debian packages without which nothing here can run. */
export async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, packages] of Object.entries(PACKAGES))
    await run(program, ["-v"], { cwd: "/" }).catch(() => missing.push(packages));
  return missing;
}

/** Starts both and waits until calls can be made. All that they write goes to `directory`. */
export async function startEdgeNode(directory: string, server: Server, callers: Callers) {
  const sip = { address: ADDRESS, port: await freeUdpPort(ADDRESS), user: "+4930000000" };
  const far_port = await freeUdpPort(ADDRESS);
  const farEnd = await startFarEnd(directory, ADDRESS, far_port);
  const log = await startKamailio(directory, {
    RINGFENCE_API: `${server.base_url}/api/v1`,
    RINGFENCE_EDGE_KEY: server.edge_key,
    RINGFENCE_NODE: NODE_NAME,
    RINGFENCE_LISTEN: `udp:${ADDRESS}:${sip.port}`,
    RINGFENCE_ADDRESSES: writeAddresses(directory, callers),
    RINGFENCE_CARRIER: `sip:${ADDRESS}:${far_port}`,
    RINGFENCE_PLATFORM: `sip:${ADDRESS}:${far_port}`,
  });
  const hello = { method: "OPTIONS", from_address: ADDRESS, call_id: "are-you-there" };
  await until("kamailio to answer", async () => (await sendRequest(sip, hello)) === 200);
  return {
    /** Where Kamailio takes calls. */
    sip,
    /** What Kamailio has logged, line by line. */
    log,
    /** The receipts that Kamailio got for its settles, as often as it got them. */
    receipts: () =>
      log().flatMap((line) => {
        const [, charged = "", call_id = ""] = /receipt (\d+) (\S+)$/.exec(line) ?? [];
        return call_id ? [{ call_id, charged_micros: Number(charged) }] : [];
      }),
    /** INVITEs that reached the far end from callers at this address. */
    relayedInvites: (address: string) =>
      farEnd().filter(
        ({ sent, first_line, call_id }) =>
          !sent && first_line.startsWith("INVITE") && call_id.endsWith(`@${address}`),
      ),
    /** Lets callers at an address play a scenario, and answers all that they saw. */
    call: (scenario: string, from: string, options: CallOptions = {}) =>
      playCallers(directory, sip, { scenario, from }, options),
  };
}

function writeAddresses(directory: string, { customers, carrier }: Callers): string {
  const file = `${directory}/addresses.list`;
  const lines = customers.map(({ address, organization_id }) => `1 ${address} 32 0 ${organization_id}\n`);
  writeFileSync(file, `${lines.join("")}2 ${carrier}\n`);
  return file;
}

/** Starts Kamailio and answers how to read its log. */
async function startKamailio(directory: string, env: Record<string, string>): Promise<() => string[]> {
  const options = { cwd: directory, env };
  const config = ["-f", `${import.meta.dirname}/kamailio.cfg`, "-Y", directory];
  const { code, output } = await run("kamailio", ["-c", ...config], options);
  if (code !== 0) throw new Error(`Does one of ${PACKAGES.kamailio} miss? Kamailio says:\n${output}`);
  const kamailio = start("kamailio", ["-DD", "-E", ...config], options);
  let text = "";
  kamailio.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text.split("\n");
}
