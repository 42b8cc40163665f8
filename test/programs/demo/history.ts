import { expectStatus, openClient } from "./client.ts";
import { giveCredit } from "./credit.ts";
import { DEMO_NUMBER, type DemoOrganization } from "./demo-file.ts";

/** What a node says of a call that it could not ask about while it ran. */
interface Report {
  op: "settle";
  call_id: string;
  organization_id: string;
  direction: "inbound" | "outbound";
  from: string;
  to: string;
  duration_ms: number;
  ended_at: string;
  end_reason: "caller_hangup" | "callee_hangup";
}

const DAYS = 29;
const DAY_MS = 86_400_000;
const PRICE_MICROS_PER_MINUTE = 70_000;

/**
 * Gives a new demo organization a past: the calls of the month before, with credit for just these, so that the
 * dashboard has something to show from the first look on. A node would report them so after an outage.
 */
export async function playMonthBefore(demo: DemoOrganization): Promise<void> {
  const operations = callsBefore(Date.now(), demo.organization.id);
  const cost_micros = operations.reduce((sum, { duration_ms }) => sum + feeMicros(duration_ms), 0);
  await giveCredit(demo, cost_micros, "Credit for the month before the demo");
  const edge = openClient(demo.base_url, demo.edge_key);
  const answer = await edge.post<{ results: { status: number }[] }>("/edge/operations", { operations });
  const { results } = expectStatus(answer, 200, "POST /edge/operations");
  const refused = results.find(({ status }) => status !== 200);
  if (refused) throw new Error(`A call of the month before was refused: ${JSON.stringify(refused)}`);
}

/** Fewer at weekends, more towards the end: the same pattern for everybody who looks at the demo. */
function callsBefore(now_ms: number, organization_id: string): Report[] {
  return Array.from({ length: DAYS }, (_, at) => {
    const day_ms = now_ms - (DAYS - at) * DAY_MS;
    const is_weekend = [0, 6].includes(new Date(day_ms).getUTCDay());
    const calls = is_weekend ? 2 + (at % 2) : 6 + ((at * 5) % 7) + Math.floor(at / 6);
    return Array.from({ length: calls }, (_, n) =>
      callOf(at * 31 + n, day_ms + n * 1_100_000, organization_id),
    );
  }).flat();
}

function callOf(index: number, ended_at_ms: number, organization_id: string): Report {
  const is_inbound = index % 5 < 3;
  const other = `+316${String(10_000_000 + ((index * 7_919_317) % 89_999_999))}`;
  return {
    op: "settle",
    call_id: `month-before-${index}`,
    organization_id,
    direction: is_inbound ? "inbound" : "outbound",
    from: is_inbound ? other : DEMO_NUMBER,
    to: is_inbound ? DEMO_NUMBER : other,
    duration_ms: 9_000 + ((index * 48_271) % 240_000),
    ended_at: new Date(ended_at_ms).toISOString(),
    end_reason: index % 3 === 0 ? "callee_hangup" : "caller_hangup",
  };
}

function feeMicros(duration_ms: number): number {
  return Math.round((PRICE_MICROS_PER_MINUTE * Math.ceil(duration_ms / 1_000)) / 60);
}
