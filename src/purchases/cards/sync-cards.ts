import type { Bindings } from "../../env";
import { openDatabase } from "../../storage/database";
import {
  findSavedCardBesideDefault,
  findSavedCardByMethod,
  findSavedCardOfCustomer,
} from "../../storage/purchases/saved-cards";
import { syncCard, syncDefaultCard } from "./store-card";

/**
 * Stripe says that a card was detached from its customer, replaced by its bank, or has another date: brings in line what is
 * stored of it, as the card that is charged and as the default that is not.
 */
export async function syncPaymentMethod(env: Bindings, payment_method_id: string): Promise<void> {
  const db = openDatabase(env);
  const charged = await findSavedCardByMethod(db, payment_method_id);
  if (charged) await syncCard(env, charged);
  const beside = await findSavedCardBesideDefault(db, payment_method_id);
  if (beside) await syncDefaultCard(env, beside);
}

/**
 * Stripe says that a customer has changed: the card that they have chosen on Stripe's page is charged from now on, when its
 * holder has let it be charged off session. Otherwise the one before stays, and the chosen one is recorded beside it.
 */
export async function syncCustomerCards(env: Bindings, customer_id: string): Promise<void> {
  const row = await findSavedCardOfCustomer(openDatabase(env), customer_id);
  if (row) await syncDefaultCard(env, row);
}
