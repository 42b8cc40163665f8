import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { z } from "zod";
import { authorizeBody } from "../../../../src/http/edge/schema";
import { renewBeforeSeconds } from "../../../../src/ledger/core/calls/quota";
import { defaultRate } from "../../../../src/ledger/core/credit/rating";
import { parseKeySecrets, verifyApiKey } from "../../../../src/units/api-key-format";

export type Authorize = z.output<typeof authorizeBody> & { organization_id: string };

/** What a store answers: the quota that it holds credit for, none when the credit does not reach. */
export interface Held {
  granted_seconds: number;
  held_micros: number;
  final_unit: boolean;
  /** Another call had this id. */
  conflict: boolean;
}

export const RATE = defaultRate("voice");
export const LONGEST_SECONDS = 60;
export const SHORTEST_SECONDS = 5;
export const CREDIT_MICROS = 1e14;
export const ORGANIZATION_IDS = (process.env.ORGANIZATION_IDS ?? "").split(",");

/**
 * The authorize that a team would write without objects, on Hono and Node: the key check, the body's schema and the
 * answer are ours, the books are the store's.
 */
export function servePeer(authorize: (call: Authorize) => Promise<Held>): void {
  const secrets = parseKeySecrets(process.env.KEY_SECRETS);
  const known_hashes = new Set([process.env.EDGE_KEY_HASH]);
  const app = new Hono();
  app.post("/api/v1/edge/calls/authorize", async (c) => {
    const text = /^Bearer +([\w-]+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    const key = text === undefined ? null : await verifyApiKey(text, secrets);
    if (key?.kind !== "edge" || !known_hashes.has(key.hash))
      return c.json({ error: { code: "unauthorized" } }, 401);
    const body = authorizeBody.safeParse(await c.req.json().catch(() => null));
    if (!body.success || body.data.organization_id === undefined)
      return c.json({ error: { code: "invalid_request", message: body.error?.issues[0]?.message } }, 400);
    const { call_id, organization_id } = body.data;
    const held = await authorize({ ...body.data, organization_id });
    if (held.conflict) return c.json({ error: { code: "idempotency_conflict" } }, 409);
    if (held.granted_seconds === 0) return c.json({ error: { code: "insufficient_credits" } }, 402);
    return c.json({
      decision: "allow",
      call_id,
      organization_id,
      granted_seconds: held.granted_seconds,
      renew_before_seconds: renewBeforeSeconds(held.granted_seconds, 0),
      valid_for_seconds: held.granted_seconds,
      final_unit: held.final_unit,
      rate: { ...RATE, increments: "1/1" },
    });
  });
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`listening ${port}`));
}
