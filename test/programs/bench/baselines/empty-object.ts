import { DurableObject } from "cloudflare:workers";

/** An object that does nothing. */
export class Baseline extends DurableObject {
  answer(_body: unknown): { granted_seconds: number } {
    return { granted_seconds: 60 };
  }
}

interface Bindings {
  OBJECT: DurableObjectNamespace<Baseline>;
}

/** What a request costs that is read, handed to its organization's object by RPC and answered: nothing else. */
export default {
  async fetch(request, env) {
    const body = (await request.json()) as { organization_id: string };
    return Response.json(await env.OBJECT.getByName(body.organization_id).answer(body));
  },
} satisfies ExportedHandler<Bindings>;
