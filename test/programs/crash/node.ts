import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { Platform } from "../../support/node/platform.ts";
import type { Answer, Call, Journal, Operation } from "./journal.ts";

const MAX_BATCH = 20;

/** A telephony node under load: says all kinds of things about calls of several organizations, many at a time. */
export class Node {
  in_flight = 0;
  private stopped = false;
  private readonly platform: Platform;
  private readonly organization_ids: readonly string[];
  private readonly journal: Journal;

  constructor(platform: Platform, organization_ids: readonly string[], journal: Journal) {
    this.platform = platform;
    this.organization_ids = organization_ids;
    this.journal = journal;
  }

  /** Keeps `at_once` requests on their way until the connection breaks or `stop`. */
  async run(at_once: number): Promise<void> {
    await Promise.all(Array.from({ length: at_once }, () => this.talk()));
  }

  stop(): void {
    this.stopped = true;
  }

  private async talk(): Promise<void> {
    while (!this.stopped) {
      const size = Math.random() < 0.2 ? 2 + Math.floor(Math.random() * (MAX_BATCH - 1)) : 1;
      const calls = Array.from({ length: size }, () => this.next());
      this.in_flight += 1;
      try {
        const answers = await send(
          this.platform,
          calls.map(({ last }) => last),
        );
        for (const [place, call] of calls.entries()) this.journal.answered(call, answered(answers, place));
      } catch (error) {
        if (!(error instanceof ConnectionBroke)) throw error;
        for (const call of calls) this.journal.lost(call);
        this.stopped = true;
      } finally {
        this.in_flight -= 1;
      }
      await turn();
    }
  }

  /** Something to say next: of a call that lives, or of a new one. */
  private next(): Call {
    const call = Math.random() < 0.65 ? this.journal.takeIdle() : undefined;
    if (!call) return this.journal.begin(this.authorize());
    this.journal.sent(call, this.report(call));
    return call;
  }

  private authorize(): Operation {
    const organization_id =
      this.organization_ids[Math.floor(Math.random() * this.organization_ids.length)] ?? "";
    const direction = Math.random() < 0.5 ? "inbound" : "outbound";
    const parties = { from: "+31201234567", to: "+31207654321" };
    return { op: "authorize", call_id: `edge3.${randomUUID()}`, organization_id, direction, ...parties };
  }

  private report(call: Call): Operation {
    const { call_id, organization_id, renewals } = call;
    const chance = Math.random();
    if (chance < 0.4) {
      call.renewals += 1;
      const elapsed_seconds = call.renewals * 20;
      return { op: "renew", call_id, organization_id, request_number: call.renewals, elapsed_seconds };
    }
    if (chance < 0.55 && renewals === 0)
      return { op: "void", call_id, organization_id, end_reason: "no_answer" };
    const duration_ms = renewals * 20_000 + 1 + Math.floor(Math.random() * 20_000);
    return { op: "settle", call_id, organization_id, duration_ms, end_reason: "hangup" };
  }
}

/** The server went away before it answered. */
class ConnectionBroke extends Error {}

/** Sends operations, one on its own route and more in a batch, and answers each one's status and body. */
export async function send(
  { base_url, edge_key }: Platform,
  operations: readonly Operation[],
): Promise<Answer[]> {
  const [first] = operations;
  const alone = first && operations.length === 1 ? routeOf(first) : null;
  const { path, body } = alone ?? { path: "/edge/operations", body: { operations } };
  const headers = { authorization: `Bearer ${edge_key}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${base_url}/api/v1${path}`, request);
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw new ConnectionBroke(String(error));
  }
  // Announcements and the like name the server by its address, which changes with every start.
  const answer = JSON.parse(text.replaceAll(base_url, "")) as Answer["body"] & { results?: Answer[] };
  if (alone) return [{ status, body: withoutRequestId(answer) }];
  if (!answer.results) throw new Error(`The batch was answered ${status}: ${text.slice(0, 300)}`);
  return answer.results.map((result) => ({ status: result.status, body: withoutRequestId(result.body) }));
}

function routeOf(operation: Operation): { path: string; body: object } {
  const { op, call_id, ...rest } = operation;
  if (op === "authorize") return { path: "/edge/calls/authorize", body: { call_id, ...rest } };
  return { path: `/edge/calls/${encodeURIComponent(call_id)}/${op}`, body: rest };
}

/** An error names the request that it answers, which no two have in common. */
function withoutRequestId(body: Answer["body"]): Answer["body"] {
  const { error } = body as { error?: Record<string, unknown> };
  if (!error) return body;
  const { request_id: _, ...rest } = error;
  return { ...body, error: rest };
}

/** The answer in this place of a batch. */
export function answered(answers: readonly Answer[], place: number): Answer {
  const answer = answers[place];
  if (!answer) throw new Error(`The batch has no answer in place ${place}.`);
  return answer;
}
