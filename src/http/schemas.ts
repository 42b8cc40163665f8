import { z } from "zod";
import { idPattern } from "../units/id";
import { CURRENCY, MAX_AMOUNT_MICROS } from "../units/money";

const MAX_CALL_SECONDS = 86_400;

/** Text of telephony that is kept as it came: any printable characters, nothing that could break a log or a header. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

// --- What requests are made of -------------------------------------------------------------------------------

export const callId = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({
    id: "CallId",
    description:
      "The call's id, chosen by the caller of this API: opaque text of 1 to 128 printable characters.",
    examples: ["node1-3c26700dcf8a@pbx.example.com-as7d0f2e"],
  });

export const party = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({
    id: "Party",
    description: "A telephone number, SIP user or `anonymous`: 1 to 128 printable characters.",
    examples: ["+31201234567"],
  });

export const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{5,14}$/, "Must be a telephone number in E.164 form, such as +31201234567.")
  .meta({
    id: "PhoneNumber",
    description: "A telephone number in E.164 form.",
    examples: ["+31201234567"],
  });

export const organizationId = z
  .string()
  .regex(idPattern("org"), "Must be an organization's id, such as org_01k9z3v8qhe1w9m4c7d2x5n6tp.")
  .meta({
    id: "OrganizationId",
    description: "An organization's id.",
    examples: ["org_01k9z3v8qhe1w9m4c7d2x5n6tp"],
  });

export const keyId = z
  .string()
  .regex(idPattern("key"), "Must be an API key's id, such as key_01k9z3v8qhe1w9m4c7d2x5n6tp.")
  .meta({
    id: "KeyId",
    description: "An API key's id: the part of it that is no secret.",
    examples: ["key_01k9z3v8qhe1w9m4c7d2x5n6tp"],
  });

export const direction = z.enum(["inbound", "outbound"]).meta({ id: "Direction", examples: ["outbound"] });

export const rateName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    "Must be 1 to 40 characters of a-z, 0-9, _ and -, starting with a letter.",
  )
  .meta({ id: "RateName", description: "The name of a rate on the rate card.", examples: ["voice"] });

export const ownKeys = z
  .array(z.enum(["stt", "llm", "tts"]))
  .max(3)
  .refine((services) => new Set(services).size === services.length, "Must not repeat a service.")
  .meta({
    id: "OwnKeys",
    description: "The parts of the call that run on the customer's own provider keys.",
    uniqueItems: true,
    examples: [["stt", "llm"]],
  });

/** An amount of money that a request states, zero or more. */
export const micros = z
  .int()
  .min(0)
  .max(MAX_AMOUNT_MICROS)
  .meta({ description: "Millionths of the currency unit.", examples: [98_000] });

/** An amount of money that a request states, given or taken. */
export const signedMicros = z
  .int()
  .min(-MAX_AMOUNT_MICROS)
  .max(MAX_AMOUNT_MICROS)
  .meta({ description: "Millionths of the currency unit.", examples: [35_000_000] });

export const priceMicrosPerMinute = z
  .int()
  .min(1)
  .max(1_000_000_000)
  .meta({ description: "Price of a minute in millionths of the currency unit.", examples: [70_000] });

export const durationMs = z
  .int()
  .min(0)
  .max(MAX_CALL_SECONDS * 1_000)
  .meta({ description: "Answered time in milliseconds.", examples: [83_500] });

export const durationSec = z
  .number()
  .min(0)
  .max(MAX_CALL_SECONDS)
  .meta({ description: "Answered time in seconds.", examples: [84] });

export const elapsedSeconds = z
  .int()
  .min(0)
  .max(MAX_CALL_SECONDS)
  .meta({ description: "Whole seconds since the answer, 0 while it rings.", examples: [55] });

export const maxDurationSeconds = z
  .int()
  .min(1)
  .max(MAX_CALL_SECONDS)
  .meta({ description: "The call is never granted more than this.", examples: [3_600] });

export const endReason = z
  .string()
  .regex(PRINTABLE, "Must be 1 to 128 printable characters.")
  .meta({ description: "Why the call ended, in the words of the node.", examples: ["caller_hangup"] });

/** Free text that an operator writes for people to read later. */
export const reasonText = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, "Must be 1 to 200 printable characters.")
  .meta({
    description: "Why, for people who read the ledger later.",
    examples: ["Goodwill after incident 42"],
  });

/** Rating increments, such as `60/60`, as seconds. */
export const increments = z
  .string()
  .regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/, 'Must be first/following seconds, such as "60/60".')
  .transform((text, context) => {
    const [first_seconds = 0, next_seconds = 0] = text.split("/").map(Number);
    if (first_seconds > 3_600 || next_seconds > 3_600)
      context.addIssue({ code: "custom", message: "Each increment must be 1 to 3600 seconds." });
    return { first_seconds, next_seconds };
  })
  .meta({
    description: "First/following seconds that are charged as a whole, 1 to 3600.",
    examples: ["60/60"],
  });

/** An instant with its offset, as milliseconds since 1970. */
export const timestamp = z.iso
  .datetime({ offset: true, message: "Must be an ISO 8601 date and time with its offset or Z." })
  .transform((text, context) => {
    const at_ms = Date.parse(text);
    if (Number.isNaN(at_ms)) context.addIssue({ code: "custom", message: "There is no such date and time." });
    return at_ms;
  })
  .meta({
    description: "ISO 8601 date and time with its offset or Z.",
    examples: ["2026-11-23T09:41:00.000Z"],
  });

/** An end of a range of time: a date, which stands for its whole day in UTC, or an instant. */
export const dateOrTime = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: "Must be an ISO 8601 date, or a date and time with its offset or Z.",
  })
  .transform((text) => ({ at_ms: Date.parse(text), whole_day: text.length === "2026-11-23".length }));

const providerService = z.enum(["stt", "llm", "tts", "telephony", "other"]);

export const providerCosts = z
  .array(z.strictObject({ service: providerService, cost_micros: micros }))
  .max(20)
  .meta({
    description: "What providers asked for their parts of the call.",
    examples: [[{ service: "llm", cost_micros: 12_000 }]],
  });

/** A whole number in a query string. */
export function queryInteger(bounds: { min: number; max: number; default: number; description: string }) {
  const { min, max, description } = bounds;
  return z
    .unknown()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return bounds.default;
      const value = typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: "custom", message: `Must be a whole number from ${min} to ${max}.` });
      return z.NEVER;
    })
    .meta({ type: "integer", minimum: min, maximum: max, default: bounds.default, description });
}

// --- What answers are made of --------------------------------------------------------------------------------

const integer = (description: string) =>
  z.int().meta({ description, minimum: undefined, maximum: undefined });
export const moneyMicros = (description: string) =>
  integer(`${description}, in millionths of the currency unit`);
export const moneyUnits = (description: string) =>
  z.number().meta({ description: `${description}, in whole currency units`, examples: [0.098] });
export const instant = (description: string) =>
  z.iso.datetime({ precision: 3 }).meta({ description, examples: ["2026-11-23T09:41:00.000Z"] });
export const currency = z.literal(CURRENCY).meta({ description: "ISO 4217 code.", examples: [CURRENCY] });

export const rejectReason = z
  .enum(["insufficient_credits", "credit_in_use", "organization_suspended", "organization_closed"])
  .meta({ id: "RejectReason", description: "Why a call was refused." });

export const callStatus = z
  .enum(["dialing", "connecting", "in-progress", "ended", "failed", "rejected"])
  .meta({ id: "CallStatus", description: "Where a call stands.", examples: ["ended"] });

export const callOutcome = z
  .enum(["settled", "voided", "lost", "rejected", "parked"])
  .meta({ id: "CallOutcome", description: "How the ledger resolved the call.", examples: ["settled"] });

export const rateSchema = z
  .strictObject({
    name: rateName,
    price_micros_per_minute: moneyMicros("Price of a minute"),
    increments: z
      .string()
      .meta({ description: "First/following seconds charged as a whole.", examples: ["1/1"] }),
    minimum_seconds: integer("The fewest seconds that an answered call is charged for"),
  })
  .meta({
    id: "Rate",
    description: "The price of a call, fixed when it is authorized.",
    examples: [{ name: "voice", price_micros_per_minute: 70_000, increments: "1/1", minimum_seconds: 0 }],
  });

export const providerCostSchema = z
  .strictObject({
    service: providerService,
    cost_micros: moneyMicros("What the provider asked"),
    own_key: z.boolean().meta({ description: "Ran on the customer's own key: shown, never charged." }),
  })
  .meta({ id: "ProviderCost", examples: [{ service: "llm", cost_micros: 12_000, own_key: true }] });

export const grantSchema = z
  .strictObject({
    decision: z.literal("allow"),
    call_id: callId,
    organization_id: organizationId,
    granted_seconds: integer("How long the call may run, counted from its answer"),
    renew_before_seconds: integer("Ask again when this much of the call has passed"),
    valid_for_seconds: integer("Seconds until the quota ends"),
    final_unit: z
      .boolean()
      .meta({ description: "The last quota that the credit allows: end the call with it." }),
    rate: rateSchema,
  })
  .meta({ id: "Grant", description: "The call may run, this long." });

export const receiptSchema = z
  .strictObject({
    call_id: callId,
    organization_id: organizationId,
    status: callStatus,
    outcome: callOutcome,
    reject_reason: rejectReason.nullable(),
    direction,
    from: party,
    to: party,
    rate: rateSchema,
    duration_ms: integer("Answered time in milliseconds, as reported"),
    billable_seconds: integer("Seconds charged, after increments"),
    fee_micros: moneyMicros("The platform fee"),
    provider_costs: z.array(providerCostSchema),
    provider_cost_micros: moneyMicros("Provider costs on platform keys, charged with the fee"),
    charged_micros: moneyMicros("What the call cost: fee and provider costs"),
    overrun_micros: moneyMicros("What was charged above the hold"),
    balance_before_micros: moneyMicros("The posted balance before the charge"),
    balance_after_micros: moneyMicros("The posted balance after the charge"),
    currency,
    end_reason: z.string().nullable(),
    authorized: z.boolean().meta({ description: "Whether the call was authorized before it ran." }),
    started_at: instant("When it was authorized, rejected, or for a call never authorized, answered"),
    answered_at: instant("When it was answered").nullable(),
    ended_at: instant("When it ended"),
  })
  .meta({ id: "Receipt", description: "What a call cost and why." });

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
  .meta({ id: "Entry", description: "One posted change of the balance." });

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
    company_name: z.string(),
    name: z.string().meta({ description: "The same as `company_name`." }),
    email: z.string().nullable(),
    state: organizationState,
    minutes_balance: z
      .number()
      .min(0)
      .meta({
        description:
          "Minutes that the remaining balance pays for at the voice rate, rounded down to 2 decimals.",
        examples: [500],
      }),
    monthly_usage_minutes: z.number().meta({
      description: "Minutes charged in this calendar month (UTC), rounded down to 2 decimals.",
      examples: [120],
    }),
    active_calls: integer("Live calls"),
    active_numbers: integer("Telephone numbers"),
    balance: balanceSchema,
    created_at: instant("When the organization was created"),
  })
  .meta({ id: "Account" });

export const scope = z.enum(["read", "calls", "keys"]).meta({
  id: "Scope",
  description:
    "`read`: account, usage, calls and ledger. `calls`: place outbound calls. `keys`: manage API keys.",
});

export const apiKeySchema = z
  .strictObject({
    id: keyId,
    label: z.string(),
    scopes: z.array(scope),
    created_at: instant("When it was made"),
    expires_at: instant("When it stops working").nullable(),
    revoked_at: instant("When it was revoked").nullable(),
  })
  .meta({ id: "ApiKey", description: "An API key of the organization, without its secret." });

export const paginationSchema = z
  .strictObject({
    total: integer("Rows in all"),
    limit: integer("Rows asked for"),
    offset: integer("Rows skipped"),
  })
  .meta({ id: "Pagination" });

export const callSchema = z
  .strictObject({
    id: callId,
    call_id: callId,
    status: callStatus,
    outcome: callOutcome
      .nullable()
      .meta({ description: "How the ledger resolved the call; null while it is live." }),
    reject_reason: rejectReason.nullable(),
    end_reason: z.string().nullable(),
    direction,
    from: party,
    to: party,
    number_id: z
      .string()
      .nullable()
      .meta({ description: "The organization's own number, when it is one of its numbers." }),
    phone_number: party.meta({ description: "The organization's side of the call." }),
    duration_ms: integer("Answered time in milliseconds; of a live call, as last reported"),
    duration_sec: integer("Answered time in begun seconds"),
    duration_seconds: integer("The same as `duration_sec`"),
    billable_seconds: integer("Seconds charged, after increments"),
    cost: moneyUnits("What the call cost"),
    cost_micros: moneyMicros("What the call cost: fee and provider costs"),
    fee_micros: moneyMicros("The platform fee"),
    provider_cost_micros: moneyMicros("Provider costs on platform keys, charged with the fee"),
    provider_costs: z.array(providerCostSchema),
    currency,
    rate: rateSchema,
    byok_stt: z.boolean().meta({ description: "Speech to text ran on the customer's own key." }),
    byok_llm: z.boolean().meta({ description: "The language model ran on the customer's own key." }),
    byok_tts: z.boolean().meta({ description: "Text to speech ran on the customer's own key." }),
    authorized: z.boolean().meta({ description: "Whether the call was authorized before it ran." }),
    created_at: instant("When it was authorized or refused"),
    answered_at: instant("When it was answered").nullable(),
    ended_at: instant("When it ended").nullable(),
  })
  .meta({ id: "Call" });

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

export const statedApiKey = z.strictObject({
  label: z
    .string()
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u, "Must be 1 to 100 printable characters.")
    .meta({ description: "What the key is for.", examples: ["CRM integration"] }),
  scopes: z
    .array(scope)
    .min(1)
    .max(3)
    .refine((scopes) => new Set(scopes).size === scopes.length, "Must not repeat a scope.")
    .meta({ uniqueItems: true, examples: [["read"]] }),
  expires_at: timestamp.optional(),
});

export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: "The key itself: shown once.", examples: ["rf_live_1…"] }) })
  .meta({ id: "NewApiKey" });

export const usageSchema = z
  .strictObject({
    usage: z.array(callSchema),
    logs: z.array(callSchema).meta({ description: "The same as `usage`." }),
    pagination: paginationSchema,
    summary: z.strictObject({
      total_calls: integer("Charged calls in the range"),
      total_seconds: integer("Answered seconds"),
      total_duration_seconds: integer("The same as `total_seconds`"),
      total_minutes: z.number().meta({ description: "Answered minutes, rounded down to 2 decimals." }),
      total_duration_minutes: z.number().meta({ description: "The same as `total_minutes`." }),
      total_billable_seconds: integer("Seconds charged, after increments"),
      total_cost: moneyUnits("What the calls cost"),
      total_cost_micros: moneyMicros("What the calls cost"),
      total_fee_micros: moneyMicros("Platform fees"),
      total_provider_cost_micros: moneyMicros("Provider costs on platform keys"),
      currency,
    }),
  })
  .meta({ id: "UsagePage" });

export const callPageSchema = z
  .strictObject({ calls: z.array(callSchema), pagination: paginationSchema })
  .meta({ id: "CallPage" });

export const statedOutboundCall = z.strictObject({
  to: party,
  from: party,
  rate: rateName.optional(),
  byok: ownKeys.optional(),
  max_duration_seconds: maxDurationSeconds.optional(),
});

export const outboundCallSchema = z
  .strictObject({ success: z.literal(true), call_id: callId, status: z.literal("dialing") })
  .meta({ id: "OutboundCall" });
