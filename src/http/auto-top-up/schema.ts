import { z } from "zod";
import { netCents, purchaseId } from "../purchases/schema";
import { currency, instant, integer, micros } from "../schema/amounts";

const DAYS_OF_RUNWAY = 7;

const threshold = micros.min(10_000, "Must be at least 10000, a cent.").meta({
  description: "Buys when the remaining balance falls below this. Either this or `runway_minutes`.",
  examples: [5_000_000],
});

const runway = z
  .int()
  .min(1)
  .max(DAYS_OF_RUNWAY * 24 * 60)
  .meta({
    description:
      "Buys when the remaining balance would last the live calls for fewer minutes than this, or is used up. Either this or `threshold_micros`.",
    examples: [30],
  });

const maxPerDay = z
  .int()
  .min(1)
  .max(10)
  .meta({ description: "Tries in a day (UTC).", examples: [3] });

const monthlyCap = z
  .int()
  .min(1)
  .max(1_000_000_000)
  .meta({
    description: "The most that is bought in a calendar month (UTC), in cents before VAT.",
    examples: [50_000],
  });

const turnedOn = z
  .strictObject({
    enabled: z.literal(true),
    threshold_micros: threshold.optional(),
    runway_minutes: runway.optional(),
    net_cents: netCents,
    max_per_day: maxPerDay,
    monthly_cap_cents: monthlyCap,
    consent: z
      .literal(true, "Must be true: the card is charged only with the customer's consent.")
      .meta({ description: "The customer has agreed to the words in `consent_text`." }),
  })
  .superRefine(({ threshold_micros, runway_minutes }, context) => {
    if (threshold_micros === undefined && runway_minutes === undefined)
      context.addIssue({
        code: "custom",
        path: ["threshold_micros"],
        message: "Set it or runway_minutes.",
      });
    if (threshold_micros !== undefined && runway_minutes !== undefined)
      context.addIssue({
        code: "custom",
        path: ["runway_minutes"],
        message: "Set either threshold_micros or runway_minutes.",
      });
  });

const turnedOff = z.strictObject({ enabled: z.literal(false) });

export const newAutoTopUp = z.discriminatedUnion("enabled", [turnedOn, turnedOff]);

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
      .enum([
        "card_declined",
        "authentication_required",
        "refund",
        "dispute",
        "adjustment",
        "restore",
        "customer_balance",
        "purchase_mismatch",
        "organization_not_active",
        "max_per_day",
        "monthly_cap",
        "retry_later",
      ])
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
