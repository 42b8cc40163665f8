import { registerHooks } from "node:module";
import { type StatedSettings, wrongOf } from "./wrong-settings.ts";

/** The schema of the settings, as the Worker reads it. Its files import each other without extensions, which Node does not know. */
async function loadSettings(): Promise<typeof import("../src/env.ts")> {
  registerHooks({
    resolve(name, context, next) {
      const is_ours = name.startsWith(".") && context.parentURL?.includes("/src/") && !name.endsWith(".ts");
      return next(is_ours ? `${name}.ts` : name, context);
    },
  });
  return import("../src/env.ts");
}

/** Throws an error that names every setting that is wrong, and what is right. */
export async function refuseWrong(stated: StatedSettings): Promise<void> {
  const wrong = wrongOf(await loadSettings(), stated);
  if (wrong.length === 0) return;
  const lines = wrong.map(({ message }) => `  ${message}`);
  throw new Error(`Settings are wrong, so nothing was started or deployed:\n${lines.join("\n")}`);
}
