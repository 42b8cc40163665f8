import type { z } from "zod";
import type { TopUpView } from "../../ledger/core/credit/auto-top-up";
import type { autoTopUpSchema } from "./schema";

/** What auto top-up is doing, and why it buys nothing while it is paused. */
export function standing(
  { claim, obstacle }: TopUpView,
  requires_action: boolean,
): Pick<z.input<typeof autoTopUpSchema>, "status" | "paused_because"> {
  if (claim) return { status: requires_action ? "requires_action" : "under_way", paused_because: null };
  if (obstacle === null || obstacle === "under_way") return { status: "idle", paused_because: null };
  if (obstacle === "off") return { status: "off", paused_because: null };
  return { status: "paused", paused_because: obstacle };
}
