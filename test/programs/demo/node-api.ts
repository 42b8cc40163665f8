import { isDeepStrictEqual } from "node:util";
import { type Answer, type Client, expectStatus } from "./client.ts";
import type { PlannedCall } from "./planned-calls.ts";
import type { Rate, Receipts } from "./receipts.ts";

export interface Grant {
  decision: "allow";
  call_id: string;
  granted_seconds: number;
  renew_before_seconds: number;
  final_unit: boolean;
  rate: Rate;
}

export interface Rejection {
  decision: "reject";
  reason: string;
}

/** Who is behind the requests: the node with its edge key, and the customer who asks for outbound calls. */
export interface Parties {
  edge: Client;
  customer: Client;
  organization_id: string;
  /** Makes the call_ids of this run its own. */
  run: string;
}

const REPEATED_SHARE = 0.06;

/** What a node and its customer say about a call. Now and then they say it twice, as if the answer had been lost. */
export class NodeApi {
  private readonly parties: Parties;
  private readonly receipts: Receipts;

  constructor(parties: Parties, receipts: Receipts) {
    this.parties = parties;
    this.receipts = receipts;
  }

  /** The customer's request for an outbound call: its call_id, or null when there is no credit. */
  async place(call: PlannedCall): Promise<string | null> {
    const { customer, run } = this.parties;
    const request = { destination: call.to, number_id: call.from };
    const headers = { "idempotency-key": `${run}-${call.index}` };
    const send = () => customer.post<{ call_id: string }>("/calls/outbound", request, headers);
    const answer = await this.twice(call, send);
    return answer.status === 402 ? null : expectStatus(answer, 201, "POST /calls/outbound").call_id;
  }

  async authorize(call: PlannedCall, call_id: string): Promise<Grant | Rejection> {
    const { organization_id, edge } = this.parties;
    const { direction, from, to, byok, llm_micros_per_minute: llm } = call;
    const who = direction === "inbound" ? { number: to } : { organization_id };
    const costs = llm === null || byok.includes("llm") ? {} : { expected_provider_micros_per_minute: llm };
    const request = { call_id, direction, ...who, from, to, byok, ...costs };
    const send = () => edge.post<Grant | Rejection>("/edge/calls/authorize", request);
    const answer = await this.twice(call, send);
    // The credit may do for the customer's request and not for what the node says that the call costs.
    return answer.status === 402 ? answer.body : expectStatus(answer, 200, "authorize");
  }

  /** Everything that is said of a call after that. */
  async say<Body>(call: PlannedCall, call_id: string, word: string, words: object): Promise<Body> {
    const { edge, organization_id } = this.parties;
    const path = `/edge/calls/${encodeURIComponent(call_id)}/${word}`;
    const send = () => edge.post<Body>(path, { organization_id, ...words });
    return expectStatus(await this.twice(call, send), 200, `${word} of call ${call_id}`);
  }

  /** The id of a call that begins at this node, with characters that real ones have. */
  ownCallId({ index }: PlannedCall): string {
    return `edge1/${this.parties.run}-${index}@pbx+1`;
  }

  private async twice<Body>(
    { random }: PlannedCall,
    send: () => Promise<Answer<Body>>,
  ): Promise<Answer<Body>> {
    if (random() >= REPEATED_SHARE) return send();
    const at_once = random() < 0.5;
    const [answer, repeat] = at_once ? await Promise.all([send(), send()]) : [await send(), await send()];
    this.receipts.repeated += 1;
    if (!isDeepStrictEqual(answer, repeat))
      this.receipts.differences.push(
        `a repeated request was answered ${JSON.stringify(repeat)} after ${JSON.stringify(answer)}`,
      );
    return answer;
  }
}
