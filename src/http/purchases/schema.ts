import { z } from "zod";
import { netCents } from "../../purchases/net-cents-schema";
import { PURCHASE_STATUSES, REVERSAL_STATUSES } from "../../storage/purchases/purchase-state";
import { idPattern } from "../../units/id";
import { isLocalHost } from "../../units/public-url";
import { currency, instant, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";

/** A purchase's id. */
export const purchaseId = z
  .string()
  .regex(idPattern("pur"), "Must be the id of a purchase.")
  .meta({ id: "PurchaseId", description: "A purchase's id.", examples: ["pur_01k9z3v8qhe1w9m4c7d2x5n6tp"] });

const cents = (description: string) =>
  z
    .int()
    .min(0)
    .max(1_000_000_000)
    .meta({ description: `${description}, in cents.`, examples: [5_000] });

/** Where a browser is sent back to: an address that a page of the caller's own can have. */
export const returnUrl = z
  .url({ protocol: /^https?$/, message: "Must be an https URL." })
  .max(1_000)
  .refine(
    (text) => URL.canParse(text) && isPage(new URL(text)),
    "Must be an https URL (http for localhost only).",
  )
  .meta({
    description: "Where the buyer's browser goes afterwards.",
    examples: ["https://app.example.com/billing"],
  });

function isPage(url: URL): boolean {
  return !url.username && !url.password && (url.protocol === "https:" || isLocalHost(url));
}

/** Of the addresses that Stripe's pages lead back to: shows that we have made them. */
export const returnSeal = z
  .string()
  .regex(/^[1-9A-Za-z][0-9a-z]{32}$/, "Must be the seal of the address.")
  .optional()
  .meta({ description: "Shows that the address is ours. Without it there is nothing to see." });

/** How a sale is taxed, and why. */
export const taxSchema = z
  .strictObject({
    treatment: z
      .enum(["domestic", "destination", "reverse_charge", "outside_scope", "not_supported"])
      .meta({ description: "How the sale is taxed." }),
    reason: z.string().meta({ description: "Why it is taxed so.", examples: ["no_vat_id"] }),
    rate_percent: z
      .number()
      .min(0)
      .meta({ description: "VAT in per cent.", examples: [21] }),
  })
  .meta({ id: "Tax" });

/** What is asked for when credit is bought, in cents before VAT. */
export const newPurchase = z
  .strictObject({
    net_cents: netCents,
    save_card: z.boolean().optional().meta({
      description: "The buyer agrees that the card is kept and charged for auto top-up, until it is removed.",
    }),
    return_url: returnUrl.optional(),
  })
  .meta({
    id: "NewPurchase",
    examples: [{ net_cents: 5_000, return_url: "https://app.example.com/billing" }],
  });

/** What the price is asked for, in cents before VAT. */
export const purchasePreview = z
  .strictObject({ net_cents: netCents })
  .meta({ id: "PreviewRequest", examples: [{ net_cents: 5_000 }] });

/** What a purchase would cost, in cents. */
export const purchasePreviewSchema = z
  .strictObject({
    currency,
    net_cents: cents("Credit"),
    tax_cents: cents("VAT"),
    gross_cents: cents("To pay"),
    tax: taxSchema,
    minutes: z
      .number()
      .min(0)
      .meta({ description: "Minutes of call that the credit pays for.", examples: [714.28] }),
  })
  .meta({ id: "PurchasePreview" });

/** What can be bought, in cents before VAT. */
export const purchaseOptionsSchema = z
  .strictObject({
    currency,
    min_cents: cents("The smallest purchase"),
    max_cents: cents("The largest purchase"),
    presets_cents: z.array(cents("Credit")),
  })
  .meta({ id: "PurchaseOptions" });

/** A purchase as it stands, in cents. */
export const purchaseSchema = z
  .strictObject({
    id: purchaseId,
    kind: z.enum(["checkout", "auto_top_up"]),
    status: z.enum(PURCHASE_STATUSES).meta({
      description:
        "`open`: waits for the buyer at `pay_url`. `requires_action`: the card's holder must confirm at `pay_url`. `paid`: the credit follows at once. `credited`: it is there. `mismatch`: money came otherwise than asked; we look into it, and it becomes `credited`, `refunded` or `closed`.",
    }),
    currency,
    net_cents: cents("Credit"),
    tax_cents: cents("VAT: as expected, and from `paid` on as charged"),
    gross_cents: cents("Net and VAT"),
    tax: taxSchema,
    pay_url: z
      .url()
      .nullable()
      .meta({ description: "Where the buyer pays or confirms, while that can be done." }),
    failure: z
      .strictObject({ code: z.string(), message: z.string().nullable() })
      .nullable()
      .meta({ description: "The last thing that went wrong with the payment." }),
    created_at: instant("When it was begun"),
    expires_at: instant("Until when it can be paid"),
    credited_at: instant("When the credit was there").nullable(),
  })
  .meta({ id: "Purchase" });

/** A page of purchases. */
export const purchasePageSchema = z
  .strictObject({
    purchases: z.array(purchaseSchema),
    has_more: z.boolean(),
    next_cursor: nextCursor,
  })
  .meta({ id: "PurchasePage" });

/** Which part of the purchases is asked for. */
export const purchasePageQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 100, default: 20, description: "Purchases in a page." }),
  cursor: cursorQuery,
});

/** Money that went back, in cents, and the credit with it. */
export const reversalSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(["refund", "dispute"]),
    status: z.enum(REVERSAL_STATUSES).meta({
      description:
        "`taken`: the credit is taken back. `returned`: the refund failed or the dispute was won, and it is there again.",
    }),
    purchase_id: purchaseId,
    net_cents: cents("Credit taken back"),
    gross_cents: cents("Money given back"),
    credit_note: z.string().nullable(),
    to_balance: z
      .strictObject({ gross_cents: cents("Money given back to it"), credit_note: z.string() })
      .nullable()
      .meta({
        description:
          "What of it went back to the customer's balance at Stripe, because that had paid a part of the purchase; null when all went to the card.",
      }),
    created_at: instant("When we heard of it"),
  })
  .meta({ id: "Reversal", description: "Money that went back, and the credit with it." });

/** The header by which a write is made once, for `describeRoute`. */
export function idempotencyHeader(when: string) {
  return {
    in: "header" as const,
    name: "Idempotency-Key",
    required: true,
    description: `Of your own choice, ${when}.`,
    schema: { type: "string" as const, minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" },
  };
}

/** What the page of payment leads back with. */
export const returnQuery = z.strictObject({
  seal: returnSeal,
  session_id: z.string().max(200).optional(),
  cancelled: z.literal("true").optional(),
});

/** A purchase in the path. */
export const purchasePath = z.strictObject({ purchase_id: purchaseId });
