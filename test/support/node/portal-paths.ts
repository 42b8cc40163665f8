import type { PortalPage } from "../../../src/access/portal-sessions.ts";

const PATHS: Record<PortalPage, string> = {
  overview: "",
  credits: "/credits",
  usage: "/usage",
  ledger: "/ledger",
  invoices: "/invoices",
  information: "/information",
  "auto-top-up": "/auto-top-up",
  alerts: "/alerts",
  webhooks: "/webhooks",
  keys: "/keys",
  sessions: "/sessions",
  audit: "/audit",
};

/**
 * Every page of the dashboard that stands in its menu, with its path under `/billing`. Programs under Node cannot load the
 * Worker's own list; the type makes one that is forgotten here not compile.
 */
export const PORTAL_PATHS: readonly (readonly [page: string, path: string])[] = Object.entries(PATHS);
