import { strict as assert } from "node:assert";
import type { BrowserContext, Page } from "playwright-core";
import type { World } from "./customer.ts";

export interface VisitorOptions {
  scheme?: "light" | "dark";
  width?: number;
  without_scripts?: boolean;
}

/** A person with a browser of their own. */
export interface Visitor {
  page: Page;
  /** Goes to a page of the dashboard by its path. */
  open(path: string): Promise<void>;
  /** Closes the browser, and fails when its console told of anything that went wrong. */
  leave(): Promise<void>;
}

const HEIGHT = 900;

export async function openVisitor(
  { browser, server }: Pick<World, "browser" | "server">,
  { scheme = "light", width = 1_280, without_scripts = false }: VisitorOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: HEIGHT },
    javaScriptEnabled: !without_scripts,
    locale: "en-GB",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const faults = faultsOf(context);
  return {
    page,
    open: async (path) => {
      await page.goto(`${server.base_url}/billing${path}`);
    },
    leave: async () => {
      await context.close();
      assert.deepEqual(faults, [], "The browser complained.");
    },
  };
}

/** What a browser's console tells: errors of scripts, refusals of the policy, files that did not come. */
function faultsOf(context: BrowserContext): string[] {
  const faults: string[] = [];
  /** Pages that were answered with an error on purpose: Chromium tells of them as of any file that did not come. */
  const pages_with_errors = new Set<string>();
  context.on("response", (response) => {
    const is_page = response.request().resourceType() === "document";
    if (is_page && response.status() >= 400) pages_with_errors.add(response.url());
  });
  context.on("console", (message) => {
    const is_expected =
      message.text().startsWith("Failed to load resource") && pages_with_errors.has(message.location().url);
    if (["error", "warning"].includes(message.type()) && !is_expected)
      faults.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => faults.push(error.error().message));
  return faults;
}
