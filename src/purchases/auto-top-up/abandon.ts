import { requireStripe } from "../../customers/require-stripe";
import type { Bindings } from "../../env";
import { openDatabase } from "../../storage/database";
import { movePurchase, updateAwaiting } from "../../storage/purchases/purchase-moves";
import type { PurchaseRow } from "../../storage/purchases/purchases";
import { abandonTopUpInvoice, findTopUpInvoice } from "../../stripe/top-up-invoice";

/**
 * Makes sure that an auto top-up can never be paid any more, and records why. Whether it was paid after all, and what
 * follows from that, is for `fulfilPurchase` to find.
 */
export async function abandonTopUp(
  env: Bindings,
  purchase: PurchaseRow,
  failure: { code: string; message: string },
): Promise<void> {
  const db = openDatabase(env);
  const stripe = requireStripe(env);
  const change = { failure_code: failure.code, failure_message: failure.message };
  // The reason comes first: the run that finds the invoice void reads it.
  const noted = await updateAwaiting(db, purchase.id, change);
  const invoice_id = noted.stripe_invoice_id ?? (await findTopUpInvoice(stripe, noted));
  if (invoice_id) await abandonTopUpInvoice(stripe, invoice_id);
  else await movePurchase(db, noted.id, { to: "failed", only_from: "created", change });
}
