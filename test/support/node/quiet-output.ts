import { availableParallelism } from "node:os";

/** What the runtime says of an object that a test has reset on purpose: the words are those of the tests. */
const EXPECTED = /by the test\b|the object is reset between/;

/** Roughly how long the whole suite takes on two cores; to be set anew when it is far off. */
const MINUTES_ON_TWO_CORES = 10;

/** Says at the start how long it will take; whoever names files knows what he waits for. */
export function announceDuration(): void {
  if (process.argv.slice(2).some((argument) => /^test\/(?!vitest\.config)/.test(argument))) return;
  const minutes = Math.ceil((MINUTES_ON_TWO_CORES * 2) / Math.max(2, availableParallelism()));
  console.log(`All tests, inside workerd: about ${minutes} minutes here. Failures and a summary come last.`);
}

/** Keeps crashes that tests expect, with their stacks, out of what is printed. All others are printed as they come. */
export function dropExpectedCrashes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    let was_dropped = false;
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) return write(chunk, ...rest);
      const text = typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
      if (!/uncaught exception; |^Sourcemap for /m.test(text) && !was_dropped) return write(chunk, ...rest);
      const kept = text.split("\n").filter((line) => {
        const is_stack = was_dropped && /^(stack: |\s*$)/.test(line);
        const is_expected = line.includes("uncaught exception; ") && EXPECTED.test(line);
        was_dropped = is_expected || (is_stack && line.trim() === "");
        return !is_expected && !is_stack && !/^Sourcemap for .* points to missing source files/.test(line);
      });
      return kept.length === 0 ? true : write(kept.join("\n"), ...rest);
    }) as typeof stream.write;
  }
}
