import type { Request, Target } from "./load.ts";

const JSON_TYPE = { "content-type": "application/json" };

let calls = 0;

/** A call id as nodes make them: their name, and a part that is random, so that rows come in no order. */
export function newCallId(): string {
  return `edge7.${Math.random().toString(36).slice(2)}.${(++calls).toString(36)}`;
}

/** What a node says when a call comes in; each time another call, of the next organization. */
export function authorizeBody(organization_id: string) {
  return {
    call_id: newCallId(),
    direction: "inbound",
    organization_id,
    from: "+31201234567",
    to: "+31207654321",
  };
}

/** POSTs of a node. */
export function edgeTarget(base_url: string, edge_key: string, next: () => Request): Target {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${edge_key}` };
  return { url: base_url, method: "POST", headers, next };
}

/** Takes the members in turn, for ever. */
function inTurn<Member>(members: readonly Member[]): () => Member {
  let next = 0;
  return () => {
    const member = members[next++ % members.length];
    if (member === undefined) throw new Error("There is nothing to take in turn.");
    return member;
  };
}

/** Authorizes of new calls, of the organizations in turn. */
export function authorizes(organization_ids: readonly string[]): () => Request {
  const organization = inTurn(organization_ids);
  return () => ({
    path: "/api/v1/edge/calls/authorize",
    body: JSON.stringify(authorizeBody(organization())),
  });
}

/** Batches of authorizes of new calls, of the organizations in turn. */
export function authorizeBatches(organization_ids: readonly string[], size: number): () => Request {
  const organization = inTurn(organization_ids);
  return () => ({
    path: "/api/v1/edge/operations",
    body: JSON.stringify({
      operations: Array.from({ length: size }, () => ({ op: "authorize", ...authorizeBody(organization()) })),
    }),
  });
}

export interface LiveCall {
  call_id: string;
  organization_id: string;
}

/** Renewals of the calls in turn, each a minute of call after the one before. */
export function renewals(live: readonly LiveCall[]): () => Request {
  let sent = 0;
  return () => {
    const round = Math.floor(sent / live.length) + 1;
    const call = live[sent++ % live.length];
    if (!call) throw new Error("No call is live.");
    const { call_id, organization_id } = call;
    const body = { organization_id, request_number: round, elapsed_seconds: round * 20 };
    return { path: `/api/v1/edge/calls/${call_id}/renew`, body: JSON.stringify(body) };
  };
}

/** Settles each of the calls once. When they have run out the last is repeated, which `isEmpty` tells. */
export function settles(live: LiveCall[]): { next: () => Request; isEmpty: () => boolean } {
  let last = live[0];
  const next = () => {
    last = live.pop() ?? last;
    if (!last) throw new Error("No call is live.");
    const { call_id, organization_id } = last;
    const body = { organization_id, duration_ms: 84_000, end_reason: "hangup" };
    return { path: `/api/v1/edge/calls/${call_id}/settle`, body: JSON.stringify(body) };
  };
  return { next, isEmpty: () => live.length === 0 };
}

/** Sends one request of a node and answers its body. */
export async function say<Answer>(
  { base_url, edge_key }: { base_url: string; edge_key: string },
  { path, body }: Request,
): Promise<Answer> {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${edge_key}` };
  const response = await fetch(`${base_url}${path}`, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Answer;
}

const BATCH = 500;

/** Makes this many live calls, of the organizations in turn. */
export async function authorizeMany(
  platform: { base_url: string; edge_key: string },
  organization_ids: readonly string[],
  count: number,
): Promise<LiveCall[]> {
  const live: LiveCall[] = [];
  const organization = inTurn(organization_ids);
  while (live.length < count) {
    const size = Math.min(BATCH, count - live.length);
    const operations = Array.from({ length: size }, () => ({
      op: "authorize",
      ...authorizeBody(organization()),
    }));
    const path = "/api/v1/edge/operations";
    const answer = await say<{ results: { status: number }[] }>(platform, {
      path,
      body: JSON.stringify({ operations }),
    });
    if (answer.results.some(({ status }) => status !== 200)) throw new Error("An authorize was refused.");
    live.push(...operations);
  }
  return live;
}
