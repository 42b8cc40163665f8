import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { ROOT } from "../../../.scripts/wrangler.ts";

/** What scripts need to know of the running demo. */
export interface Demo extends DemoOrganization {
  dashboard_url: string;
}

/** An organization, and the keys to the Worker that it is at. */
export interface DemoOrganization {
  base_url: string;
  admin_key: string;
  edge_key: string;
  organization: { id: string; api_key: string };
}

/** Where everything of the demo is kept. Remove it to begin anew. */
export const DEMO_DIRECTORY = `${ROOT}.wrangler/demo`;
/** The telephone number of the demo organization. */
export const DEMO_NUMBER = "+31201234567";

const DEMO_FILE = `${ROOT}.wrangler/demo.json`;

/** The demo as the last `npm start` left it, or null when there was none. */
export function readDemo(): Demo | null {
  try {
    return JSON.parse(readFileSync(DEMO_FILE, "utf8")) as Demo;
  } catch {
    return null;
  }
}

/** Writes for this user only: it holds keys. */
export function writeDemo(demo: Demo): void {
  rmSync(DEMO_FILE, { force: true });
  writeFileSync(DEMO_FILE, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}
