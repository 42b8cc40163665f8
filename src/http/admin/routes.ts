import { Hono } from "hono";
import { adminKey } from "../authenticate";
import type { AppEnv } from "../context";
import { adminPortalSessions } from "../portal-sessions/routes";
import { adminAudit } from "./audit/routes";
import { adminKeys } from "./keys/routes";
import { adminLedgers } from "./ledgers/routes";
import { looked } from "./looks";
import { adminNumbers } from "./numbers/routes";
import { adminOrganizations } from "./organizations/routes";
import { adminProjection } from "./projection/routes";
import { adminPurchases } from "./purchases/routes";
import { adminRates } from "./rates/routes";
import { adminReconciliation } from "./reconciliation/routes";
import { adminWebhooks } from "./webhooks/routes";

/** What operators do. Every change is written down in the audit, and every look at one organization. */
export const admin = new Hono<AppEnv>()
  .use("*", adminKey())
  .use("/organizations/:organization_id", looked)
  .use("/organizations/:organization_id/*", looked)
  .route("/", adminOrganizations)
  .route("/", adminLedgers)
  .route("/", adminAudit)
  .route("/", adminProjection)
  .route("/", adminRates)
  .route("/", adminNumbers)
  .route("/", adminKeys)
  .route("/", adminPurchases)
  .route("/", adminReconciliation)
  .route("/", adminPortalSessions)
  .route("/", adminWebhooks);
