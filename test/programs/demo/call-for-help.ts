import { type Client, expectStatus } from "./client.ts";
import { DEMO_NUMBER, type DemoOrganization } from "./demo-file.ts";
import type { Grant } from "./node-api.ts";
import type { Receipt } from "./receipts.ts";

/** The emergency number of the EU. */
const HELP = "112";

/** Calls for help with whatever credit there is, none after a day's calls. Answers what came of it, for people. */
export async function callForHelp(edge: Client, { organization }: DemoOrganization, run: string) {
  const call_id = `help-${run}`;
  const about = { organization_id: organization.id };
  const parties = { direction: "outbound", from: DEMO_NUMBER, to: HELP };
  const asked = await edge.post<Grant>("/edge/calls/authorize", { call_id, ...about, ...parties });
  const { granted_seconds } = expectStatus(asked, 200, "a call for help");
  const report = { ...about, duration_ms: 1_000, end_reason: "caller_hangup" };
  const ended = await edge.post<Receipt>(`/edge/calls/${call_id}/settle`, report);
  const { charged_micros } = expectStatus(ended, 200, "the end of a call for help");
  if (charged_micros !== 0) throw new Error(`A call for help was charged ${charged_micros} micros.`);
  return `  Help      a call to ${HELP} without credit: allowed for ${granted_seconds / 3_600} hours, free`;
}
