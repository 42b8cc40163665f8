import { openDatabase } from "../../storage/database";
import { listPurchases } from "../../storage/purchases/purchases";
import type { AppContext } from "../context";
import { pageOf, readCursor, timedPlace } from "../cursor";
import { purchaseBody } from "./present";

/** The page of an organization's purchases that is asked for. */
export async function purchasePage(c: AppContext, organization_id: string, limit: number) {
  const place = await readCursor(c, timedPlace);
  const before = place && { created_at_ms: place[0], id: place[1] };
  const rows = await listPurchases(openDatabase(c.env), organization_id, { before, limit: limit + 1 });
  const placeOf = ({ created_at_ms, id }: (typeof rows)[number]) => [created_at_ms, id];
  const { page, ...rest } = await pageOf(c, rows, limit, placeOf);
  return { purchases: page.map(purchaseBody), ...rest };
}
