import { Hono } from "hono";
import { adminKeys } from "./admin-keys";
import { adminLedgers } from "./admin-ledgers";
import { adminNumbers } from "./admin-numbers";
import { adminOrganizations } from "./admin-organizations";
import { adminPurchases } from "./admin-purchases";
import { adminReconciliation } from "./admin-reconciliation";
import { adminRates } from "./admin-rates";
import { adminPortalSessions } from "./portal-sessions";
import { adminWebhooks } from "./webhooks";
import { adminKey } from "./authenticate";
import type { AppEnv } from "./context";

/** What operators do. Every change is written down in the audit first. */
export const admin = new Hono<AppEnv>()
  .use("*", adminKey())
  .route("/", adminOrganizations)
  .route("/", adminLedgers)
  .route("/", adminRates)
  .route("/", adminNumbers)
  .route("/", adminKeys)
  .route("/", adminPurchases)
  .route("/", adminReconciliation)
  .route("/", adminPortalSessions)
  .route("/", adminWebhooks);
