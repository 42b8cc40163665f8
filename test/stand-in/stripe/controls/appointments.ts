import { expireSession } from "../checkout/sessions.ts";
import type { Appointment, World } from "../core/account.ts";
import { verifyTaxId } from "../customers/tax-ids.ts";
import { openDispute } from "../payments/disputes.ts";
import { failRefund, settleRefund } from "../payments/refunds.ts";

/** Does what has become due by itself: answers of registries and banks, and pages whose time is over. */
export function keepAppointments(world: World): void {
  for (const appointment of world.takeDue()) keep(world, appointment);
  world.forgetOld();
}

function keep(world: World, { what, id }: Appointment): void {
  if (what === "verify_tax_id") verifyTaxId(world, id);
  else if (what === "settle_refund") settleRefund(world, id);
  else if (what === "fail_refund") failRefund(world, id);
  else if (what === "expire_session") expireWhenOpen(world, id);
  else openDispute(world, id, { is_inquiry: what === "inquire" });
}

function expireWhenOpen(world: World, id: string): void {
  if (world.store.get("checkout.session", id).status === "open") expireSession(world, id);
}
