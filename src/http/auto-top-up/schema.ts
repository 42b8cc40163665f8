import { z } from "zod";
import { TOP_UP_LIMITS, TOP_UP_PAUSE_STATES } from "../../ledger/core/credit/auto-top-up";
import { oneLimit, topUpFields } from "../../purchases/auto-top-up/schema";
import { purchaseId } from "../purchases/schema";
import { currency, instant, integer } from "../schema/amounts";

const turnedOn = z
  .strictObject({
    enabled: z.literal(true),
    ...topUpFields,
    consent: z
      .literal(true, "Must be true: the card is charged only with the customer's consent.")
      .meta({ description: "The customer has agreed to the words in `consent_text`." }),
  })
  .check(oneLimit)
  .meta({ id: "AutoTopUpOn" });

const turnedOff = z.strictObject({ enabled: z.literal(false) }).meta({ id: "AutoTopUpOff" });

/** Auto top-up turned on with its terms, or off. */
export const newAutoTopUp = z.discriminatedUnion("enabled", [turnedOn, turnedOff]).meta({
  id: "NewAutoTopUp",
  examples: [
    {
      enabled: true,
      threshold_micros: 5_000_000,
      net_cents: 5_000,
      max_per_day: 2,
      monthly_cap_cents: 50_000,
      consent: true,
    },
    { enabled: false },
  ],
});

/** Auto top-up as it is set and as it stands, in cents and micro-euros. */
export const autoTopUpSchema = z
  .strictObject({
    enabled: z.boolean(),
    threshold_micros: integer("Buys when the remaining balance falls below this").nullable(),
    runway_minutes: integer("Buys when the balance would last for fewer minutes than this").nullable(),
    currency,
    net_cents: integer("What is bought each time, in cents before VAT").nullable(),
    max_per_day: integer("Tries in a day (UTC)").nullable(),
    monthly_cap_cents: integer("The most that is bought in a month (UTC), in cents before VAT").nullable(),
    consent_text: z.string().meta({ description: "What a customer agrees to who turns it on." }),
    consent: z
      .strictObject({ text: z.string(), given_at: instant("When it was turned on") })
      .nullable()
      .meta({ description: "What was agreed to, and when." }),
    status: z.enum(["off", "idle", "under_way", "requires_action", "paused"]).meta({
      description:
        "`under_way`: a purchase was begun. `requires_action`: the card's holder must confirm it at `pay_url`. `paused`: nothing is bought, see `paused_because`.",
    }),
    paused_because: z
      .enum([...TOP_UP_PAUSE_STATES, ...TOP_UP_LIMITS, "retry_later"])
      .nullable()
      .meta({
        description:
          "`card_declined`: until another card is saved. `authentication_required`: until the card is saved again, or another one. `refund`, `dispute`, `adjustment`, `restore`: credit was taken without being used; until it is turned on again. `customer_balance`: you have a balance with our payment provider that a charge would be mixed with; until it is turned on again. `purchase_mismatch`: a payment came otherwise than asked; until we have resolved it. `retry_later`: until `retry_at`.",
      }),
    retry_at: instant("When it is tried again").nullable(),
    purchase_id: purchaseId.nullable().meta({ description: "The purchase that is under way." }),
    pay_url: z.url().nullable().meta({ description: "Where the card's holder confirms." }),
    used_today: integer("Tries in this day (UTC)"),
    used_this_month_cents: integer("Bought or under way in this month (UTC), in cents before VAT"),
    last_failure: z
      .strictObject({
        purchase_id: purchaseId,
        net_cents: integer("What should have been bought, in cents before VAT"),
        code: z.string().meta({ examples: ["card_declined"] }),
        message: z.string(),
        failed_at: instant("When it was given up"),
      })
      .nullable()
      .meta({ description: "The last purchase that failed, until one succeeds." }),
  })
  .meta({ id: "AutoTopUp" });
