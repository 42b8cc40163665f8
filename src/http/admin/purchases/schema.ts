import { z } from "zod";
import { netCents } from "../../../purchases/net-cents-schema";
import { RESOLUTIONS } from "../../../storage/purchases/purchase-schema";
import { purchaseId } from "../../purchases/schema";
import { reasonText } from "../../schema/names";
import { organizationPath } from "../organizations/schema";

/** A purchase of an organization. */
export const purchasePath = organizationPath.extend({ purchase_id: purchaseId });

/** How much is given back, in cents before VAT, and why. */
export const newRefund = z
  .strictObject({
    net_cents: netCents
      .optional()
      .meta({ description: "Credit to take back, in cents before VAT; all that is left when left out." }),
    reason: reasonText.meta({ examples: ["Bought twice by mistake"] }),
  })
  .meta({ id: "NewRefund", examples: [{ net_cents: 2_500, reason: "Bought twice by mistake" }] });

/** Why VAT is given back. */
export const newTaxRefund = z
  .strictObject({
    reason: reasonText.meta({ examples: ["The register has confirmed the VAT ID"] }),
  })
  .meta({ id: "NewTaxRefund", examples: [{ reason: "The register has confirmed the VAT ID" }] });

/** What is done about a purchase whose money came otherwise than asked. */
export const newResolution = z
  .strictObject({
    resolution: z.enum(RESOLUTIONS).meta({
      description:
        "`accept`: the net of what card and balance paid together is credited, and the purchase is that from then on. `refund`: the card's part goes back to the card, the balance's to the balance. `close`: nothing more is done with it.",
    }),
    reason: reasonText.optional().meta({ examples: ["The rate changed on the first of the month"] }),
  })
  .meta({
    id: "NewResolution",
    examples: [{ resolution: "accept", reason: "The rate changed on the first of the month" }],
  });

/** VAT that went back, in cents, with its documents at Stripe. */
export const taxRefundSchema = z.object({
  purchase_id: purchaseId,
  tax_cents: z.int().min(1).meta({ description: "What went back; the credit stays." }),
  refund: z.string().nullable().meta({ description: "The refund at Stripe." }),
  credit_note: z.string().nullable().meta({ description: "Over the whole of the invoice with VAT." }),
  invoice: z.string().nullable().meta({ description: "Over the net, with reverse charge, in its place." }),
  created_at: z.iso.datetime(),
});
