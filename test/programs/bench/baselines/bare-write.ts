import { DurableObject } from "cloudflare:workers";

/** An object that writes one row for each request and nothing else; its answer waits until the row is durable. */
export class Baseline extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as Cloudflare.Env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS call (call_id TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT, WITHOUT ROWID",
    );
  }

  answer(body: { call_id: string }): { granted_seconds: number } {
    this.ctx.storage.sql.exec(
      "INSERT INTO call (call_id, facts) VALUES (?, ?)",
      body.call_id,
      JSON.stringify(body),
    );
    return { granted_seconds: 60 };
  }
}

interface Bindings {
  OBJECT: DurableObjectNamespace<Baseline>;
}

/** As the object that does nothing, with one bare durable write. */
export default {
  async fetch(request, env) {
    const body = (await request.json()) as { organization_id: string; call_id: string };
    return Response.json(await env.OBJECT.getByName(body.organization_id).answer(body));
  },
} satisfies ExportedHandler<Bindings>;
