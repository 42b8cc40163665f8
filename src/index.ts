import { watchOver } from "./billing/watchdog";
import type { Bindings } from "./env";
import { app } from "./http/app";

export { OrganizationLedger } from "./ledger/organization-ledger";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await watchOver(env);
  },
} satisfies ExportedHandler<Bindings>;
