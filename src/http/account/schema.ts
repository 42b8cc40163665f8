import { z } from "zod";
import { newApiKey, scope } from "../../access/api-key-schema";
import { CURRENCY } from "../../units/money";
import { currency, instant, integer, moneyMicros, queryInteger, timestamp } from "../schema/amounts";
import { callId, EXAMPLE_CALL_ID, keyId, organizationId } from "../schema/names";

export const organizationState = z
  .enum(["active", "suspended", "closed"])
  .meta({ id: "OrganizationState", examples: ["active"] });

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

export const entrySchema = z
  .strictObject({
    id: z.string().meta({ description: "Unique for ever: epoch and seq.", examples: ["1-42"] }),
    seq: integer("Position in the ledger"),
    epoch: integer("Generation of the ledger"),
    kind: z.enum([
      "purchase",
      "promotion",
      "call",
      "refund",
      "dispute",
      "adjustment",
      "correction",
      "expiry",
      "checkpoint",
    ]),
    amount_micros: moneyMicros("The change of the balance"),
    balance_after_micros: moneyMicros("The posted balance after it"),
    currency,
    call_id: callId.nullable(),
    key: z.string().nullable().meta({ description: "The id under which the entry was posted." }),
    reason: z.string().nullable(),
    created_at: instant("When it was posted"),
  })
  .meta({
    id: "Entry",
    description: "One posted change of the balance.",
    examples: [
      {
        id: "1-42",
        seq: 42,
        epoch: 1,
        kind: "call",
        amount_micros: -98_000,
        balance_after_micros: 34_902_000,
        currency: CURRENCY,
        call_id: EXAMPLE_CALL_ID,
        key: null,
        reason: null,
        created_at: "2026-11-23T09:42:23.511Z",
      },
    ],
  });

export const ledgerQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 100, description: "Entries in a page." }),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "Must be the next_cursor of an earlier page.")
    .optional()
    .meta({ description: "`next_cursor` of the page before." }),
});

export const entryPageSchema = z
  .strictObject({
    entries: z.array(entrySchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().meta({ description: "For the next page, null on the last one." }),
  })
  .meta({ id: "EntryPage" });

export const apiKeySchema = z
  .strictObject({
    id: keyId,
    label: z.string(),
    scopes: z.array(scope),
    created_at: instant("When it was made"),
    expires_at: instant("When it stops working").nullable(),
    revoked_at: instant("When it was revoked").nullable(),
    last_used_at: instant("When it was last used, to the hour").nullable(),
  })
  .meta({ id: "ApiKey", description: "An API key of the organization, without its secret." });

export const statedApiKey = newApiKey.extend({ expires_at: timestamp.optional() });

export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: "The key itself: shown once.", examples: ["rf_live_1…"] }) })
  .meta({ id: "NewApiKey" });
