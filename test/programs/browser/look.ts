import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What axe found that keeps people out, in a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // By the debugger and not as a script of the page, which the pages' policy refuses.
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

/** How far a page may be pushed sideways, in pixels: 0 when everything fits. */
export function sidewaysPixels(page: Page): Promise<number> {
  return page.evaluate(() => {
    scrollTo(10_000, 0);
    return scrollX;
  });
}

/** What is seen to move while a page loads, as browsers measure it (Cumulative Layout Shift). */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate("shifts.reduce((sum, each) => sum + each, 0)") as Promise<number>;
}

/** The bytes that come over the wire for a page with all its files, with nothing kept from before. */
export async function countBytes(page: Page): Promise<{ reset(): void; bytes(): number }> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  return {
    reset: () => {
      bytes = 0;
    },
    bytes: () => bytes,
  };
}

const require = createRequire(import.meta.url);
const AXE: string = (require("axe-core") as { source: string }).source;
