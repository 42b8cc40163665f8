import { strict as assert } from "node:assert";
import { PORTAL_PATHS } from "../../support/node/portal-paths.ts";
import type { Promises } from "../../support/node/promises.ts";
import { Customer, type SignIn, type World } from "./customer.ts";
import { countBytes, seriousFindings, sidewaysPixels, watchShifts } from "./look.ts";
import { busyCustomer, type PageOfDashboard } from "./pages.ts";
import type { Visitor } from "./visitor.ts";

const MOST_BYTES = 60 * 1_024;
const PHONE = 360;

/** Looks at pages one after the other, as one person; what is wrong is told together. */
async function lookAt(
  customer: Customer,
  options: SignIn,
  pages: readonly PageOfDashboard[],
  look: (visitor: Visitor, name: string) => Promise<string[]>,
): Promise<void> {
  const visitor = await customer.signIn(options);
  const wrong: string[] = [];
  for (const [name, path] of pages) {
    await visitor.open(path);
    wrong.push(...(await look(visitor, name)).map((text) => `${name}: ${text}`));
  }
  await visitor.leave();
  assert.deepEqual(wrong, []);
}

export const promisesOfLooks: Promises<World> = {
  "no page has a serious finding of axe, in light and in dark, full and empty": async (world) => {
    const { customer, pages } = await busyCustomer(world);
    const empty = await Customer.create(world);
    const look = ({ page }: Visitor) => seriousFindings(page);
    for (const scheme of ["light", "dark"] as const) {
      await lookAt(customer, { scheme }, pages, look);
      await lookAt(empty, { scheme }, PORTAL_PATHS, look);
    }
  },

  "every page comes in 60 KB, nothing moves while it does, and the console is silent": async (world) => {
    const { customer, pages } = await busyCustomer(world);
    const visitor = await customer.signIn();
    const shifted = await watchShifts(visitor.page);
    const wire = await countBytes(visitor.page);
    const wrong: string[] = [];
    for (const [name, path] of pages) {
      wire.reset();
      await visitor.open(path);
      await visitor.page.waitForLoadState("networkidle");
      const [bytes, shift] = [wire.bytes(), await shifted()];
      console.log(`        ${name}: ${(bytes / 1_024).toFixed(1)} KB, shift ${shift}`);
      if (!(bytes > 0 && bytes <= MOST_BYTES)) wrong.push(`${name}: ${bytes} bytes`);
      if (shift > 0) wrong.push(`${name}: moved by ${shift}`);
    }
    await visitor.leave();
    assert.deepEqual(wrong, []);
  },

  "no page can be pushed sideways on a phone, in any language": async (world) => {
    const { customer, pages } = await busyCustomer(world);
    for (const language of ["en", "nl", "de"] as const)
      await lookAt(customer, { width: PHONE, language }, pages, async ({ page }) => {
        const pixels = await sidewaysPixels(page);
        return pixels > 0 ? [`${language}, ${pixels} px`] : [];
      });
  },

  "pictures of every page are kept, in light and dark, for a desk and a phone": async (world) => {
    const { customer, pages } = await busyCustomer(world);
    for (const scheme of ["light", "dark"] as const)
      for (const width of [1_280, PHONE])
        await lookAt(customer, { scheme, width }, pages, async ({ page }, name) => {
          const path = `${world.pictures}/${name}-${scheme}-${width}.png`;
          const picture = await page.screenshot({ path, fullPage: true });
          return picture.byteLength > 5_000 ? [] : ["is an empty picture"];
        });
  },
};
