import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The checkout that these scripts belong to. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url).href);

/** How wrangler is run without a shell, and with the Node that runs us: the one of the toolchain. */
export const WRANGLER = [process.execPath, `${ROOT}node_modules/wrangler/bin/wrangler.js`] as const;

/** Keeps wrangler from asking questions, from calling home and from looking for newer versions of itself. */
export const UNATTENDED = {
  CI: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG_PATH: `${ROOT}.wrangler/logs`,
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
  // Local traces cost a second workerd and a write for every span.
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
};

const run = promisify(execFile);

/** Runs one wrangler command to its end. Throws an error with its output when it fails. */
export async function wrangler(args: readonly string[]): Promise<string> {
  const [node, script] = WRANGLER;
  try {
    const { stdout } = await run(node, [script, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...UNATTENDED },
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${`${stdout}\n${stderr}`.trim()}`);
  }
}
