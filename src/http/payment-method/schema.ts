import { z } from "zod";
import { returnSeal, returnUrl } from "../purchases/schema";
import { instant } from "../schema/amounts";
import { organizationId } from "../schema/names";

/** A saved card. */
const cardSchema = z
  .strictObject({
    brand: z.string().meta({ examples: ["visa"] }),
    last4: z.string().meta({ examples: ["4242"] }),
    exp_month: z.int().min(1).max(12),
    exp_year: z.int().min(2000).max(9999),
    consent: z
      .strictObject({
        text: z.string(),
        given_at: instant("When the customer agreed"),
        reference: z.string().meta({
          description: "The purchase or the page by which it was saved.",
          examples: ["pur_01k9z3v8qhe1w9m4c7d2x5n6tp"],
        }),
      })
      .meta({ description: "What the customer agreed to." }),
    saved_at: instant("When it was saved"),
  })
  .meta({ id: "Card" });

/** The saved card, if any. */
export const paymentMethodSchema = z
  .strictObject({
    card: cardSchema.nullable(),
    default_not_charged: cardSchema.pick({ brand: true, last4: true }).nullable().meta({
      description:
        "The card that was chosen as default on the payment provider's page and is not charged, because it was not set up there for later payments: `card` still is. Save it by `POST /payment_method/setup` to have it charged.",
    }),
  })
  .meta({ id: "PaymentMethod" });

/** Where the page for entering a card leads back to. */
export const newCardSetup = z
  .strictObject({
    // As long as Stripe keeps it beside the page.
    return_url: returnUrl.max(500).optional(),
  })
  .meta({ id: "NewCardSetup", examples: [{ return_url: "https://app.example.com/billing" }] });

/** The page for entering a card. */
export const cardSetupSchema = z
  .strictObject({
    url: z.url().meta({ description: "Send the customer's browser there." }),
    expires_at: instant("Until when the page is open"),
  })
  .meta({ id: "CardSetup" });

/** What the page for entering a card leads back with. */
export const returnQuery = z.strictObject({
  organization_id: organizationId.optional(),
  seal: returnSeal,
  session_id: z
    .string()
    .regex(/^cs_\w{1,200}$/, "Must be the id of a page.")
    .optional(),
  cancelled: z.literal("true").optional(),
});
