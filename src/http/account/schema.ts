import { z } from "zod";
import { currency, instant, integer, moneyMicros } from "../schema/amounts";
import { organizationId } from "../schema/names";

/** Whether an organization may start calls: only an active one may. */
export const organizationState = z
  .enum(["active", "suspended", "closed"])
  .meta({ id: "OrganizationState", examples: ["active"] });

/** A balance in micro-euros; `remaining_micros` is what people see. */
export const balanceSchema = z
  .strictObject({
    currency,
    posted_micros: moneyMicros("Sum of all entries"),
    held_micros: moneyMicros("Held for live calls"),
    spendable_micros: moneyMicros("Posted minus held: what new calls can be granted from"),
    remaining_micros: moneyMicros(
      "Posted minus what live calls have used so far: the balance that people see",
    ),
  })
  .meta({ id: "Balance" });

/** What an organization is told of itself. */
export const accountSchema = z
  .strictObject({
    id: organizationId,
    company_name: z.string().meta({ examples: ["Example Voice B.V."] }),
    name: z.string().meta({ description: "The same as `company_name`.", examples: ["Example Voice B.V."] }),
    email: z.string().optional().meta({ description: "Left out when none is known." }),
    plan: z.literal("prepaid"),
    state: organizationState,
    runway: z
      .strictObject({
        minutes: z
          .number()
          .min(0)
          .meta({ description: "Minutes that the credit lasts at the present burn." }),
        runs_out_at: instant("When it runs out if it goes on like that"),
        burn_micros_per_minute: integer(
          "What the live calls cost a minute, or what was spent in the last minutes when that is more",
        ),
      })
      .nullable()
      .meta({ description: "Null while nothing is spent." }),
    minutes_balance: z
      .number()
      .min(0)
      .meta({
        description:
          "Minutes that the remaining balance pays for at the voice rate, rounded down to 2 decimals.",
        examples: [500],
      }),
    credits_balance: z
      .number()
      .min(0)
      .meta({ description: "The same as `minutes_balance`: a credit is a minute.", examples: [500] }),
    monthly_usage_minutes: z.number().meta({
      description:
        "Minutes charged for calls that began in this calendar month (UTC), rounded down to 2 decimals: `total_billable_minutes` of the month's usage.",
      examples: [120],
    }),
    active_calls: integer("Live calls"),
    active_numbers: integer("Telephone numbers"),
    balance: balanceSchema,
    created_at: instant("When the organization was created"),
  })
  .meta({ id: "Account" });
