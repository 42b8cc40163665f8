import { build } from "esbuild";

/** Bundles a baseline or a Worker of the bench for workerd. */
export async function bundleForWorkerd(file: string, outfile: string): Promise<string> {
  await bundle(file, outfile, {
    external: ["cloudflare:*", "node:*"],
    conditions: ["workerd", "worker", "browser"],
  });
  return outfile;
}

/** Bundles a peer for Node. */
export async function bundleForNode(file: string, outfile: string): Promise<string> {
  // The packages of the peers are CommonJS in part and ask for Node's modules by `require`.
  const banner =
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await bundle(file, outfile, {
    external: ["node:*", "pg-native", "cloudflare:*"],
    conditions: ["node"],
    banner,
  });
  return outfile;
}

async function bundle(
  file: string,
  outfile: string,
  { external, conditions, banner = "" }: { external: string[]; conditions: string[]; banner?: string },
): Promise<void> {
  const platform = conditions.includes("node") ? ("node" as const) : ("neutral" as const);
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    platform,
    mainFields: ["module", "main"],
    conditions,
    external,
    banner: { js: banner },
    logLevel: "error",
  });
}
