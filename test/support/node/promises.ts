/** Things that must hold, by the words in which they are promised. */
export type Promises<World> = Record<string, (world: World) => Promise<void>>;

/** Keeps promises one after the other, says how it went, and answers how many were broken. */
export async function keepAll<World>(promises: Promises<World>, world: World): Promise<number> {
  let failed = 0;
  for (const [promise, keep] of Object.entries(promises)) {
    const began_ms = Date.now();
    try {
      await keep(world);
      console.log(`kept    ${promise} (${((Date.now() - began_ms) / 1_000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`BROKEN  ${promise}\n${error instanceof Error ? error.stack : error}`);
    }
  }
  return failed;
}

/** The line that ends a run: how many promises were kept, and how many broken. */
export function outcomeOf<World>(promises: Promises<World>, failed: number): string {
  return `${Object.keys(promises).length - failed} passed, ${failed} failed`;
}
