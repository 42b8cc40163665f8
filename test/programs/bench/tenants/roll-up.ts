import { rollUpUsage } from "../../../../src/calls/usage/roll-up";
import type { Bindings } from "../../../../src/env";

/** One run of the cron that adds up the hours whose calls have changed, for each request: workerd alone starts no cron. */
export default {
  async fetch(_request, env) {
    return Response.json(await rollUpUsage(env));
  },
} satisfies ExportedHandler<Bindings>;
