import { z } from "zod";
import { TOP_UP_LIMITS, TOP_UP_PAUSE_STATES } from "../ledger/core/credit/auto-top-up";
import type { AlertKind } from "../ledger/core/credit/balance-alerts";
import { CURRENCY } from "../units/money";

/** The version of every event's body. A change that could break a receiver gets the next number. */
export const EVENT_VERSION = 1;

const micros = z.int().min(-1e15).max(1e15).meta({ id: "EventMicros", description: "In micro-euros." });
const count = z.int().min(0).max(1e12);
const time = z.iso.datetime();
const balance = {
  currency: z.literal(CURRENCY),
  posted_micros: micros,
  remaining_micros: micros.describe("Posted less what live calls have used."),
};
const call = {
  call_id: z.string().max(128),
  direction: z.enum(["inbound", "outbound"]),
  from: z.string(),
  to: z.string(),
};
const charged = {
  ...call,
  call_version: z.int().min(1).describe("Rises with each change of the call: the highest is the truth."),
  version: z.int().min(1).meta({ deprecated: true, description: "The same as `call_version`." }),
  outcome: z.enum(["settled", "lost", "voided", "parked", "rejected"]),
  answered_at: time.nullable(),
  ended_at: time,
  end_reason: z.string().nullable(),
  billable_seconds: count,
  charged_micros: micros,
  currency: z.literal(CURRENCY),
};
const organization_id = z.string();
const failure = {
  purchase_id: z.string(),
  net_cents: count,
  code: z.string(),
  message: z.string(),
};

const alertKinds = {
  minutes: z.int().min(1).max(10_000_000).optional().describe("Minutes left at the voice rate."),
  amount_micros: z.int().min(1).max(1e15).optional().describe("What remains, in micro-euros."),
  runway_minutes: z.int().min(1).max(100_000).optional().describe("Minutes left at the present burn."),
} satisfies Record<AlertKind, z.ZodType<number | undefined>>;

/** Exactly one of the three is set: what an alert watches, and where its threshold is. */
export const alertThreshold = z.strictObject(alertKinds).meta({ id: "AlertThreshold" });

/** The events that customers can subscribe to, and the data of each. */
export const CUSTOMER_EVENTS = {
  "balance.low": z.object({
    ...balance,
    threshold: alertThreshold,
    minutes_balance: z.number().nullable(),
    runway_minutes: z.number().nullable(),
  }),
  "balance.exhausted": z.object(balance),
  "balance.negative": z.object(balance),
  "credits.added": z.object({
    ...balance,
    kind: z.enum(["purchase", "promotion", "refund", "dispute", "adjustment"]),
    amount_micros: micros,
    purchase_id: z.string().nullable(),
  }),
  "auto_top_up.failed": z.object(failure),
  "auto_top_up.action_required": z.object({
    purchase_id: z.string(),
    net_cents: count,
    pay_url: z.string().nullable().describe("Where the card's holder confirms."),
  }),
  "auto_top_up.paused": z.object({
    reason: z
      .enum(["turned_off", "card_removed", ...TOP_UP_PAUSE_STATES, ...TOP_UP_LIMITS])
      .describe("Why nothing is bought from now on; the first two say that it is off."),
    purchase_id: z.string().nullable().describe("The purchase that led to it, where one did."),
  }),
  "call.final_unit": z.object({
    ...call,
    seconds_left: count.describe("How long it may still run, unless credit is added before."),
  }),
  "call.rejected": z.object({
    ...call,
    reason: z.string(),
    rejected_at: time,
    count: z
      .int()
      .min(1)
      .describe(
        "Refused calls that this tells of: 1, or more of which this one was the last, when there are many.",
      ),
  }),
  "call.settled": z.object(charged),
  "call.lost": z.object(charged),
  "invoice.created": z.object({
    invoice_id: z.string(),
    purchase_id: z.string(),
    number: z.string(),
    net_cents: count,
    tax_cents: count,
    gross_cents: count,
    currency: z.literal(CURRENCY),
  }),
  "webhook.test": z.object({ message: z.string() }),
} as const;

/** The events that operators can subscribe to. */
export const OPERATOR_EVENTS = {
  "ops.call_lost": z.object({ organization_id, call_id: z.string(), charged_micros: micros }),
  "ops.call_overrun": z.object({ organization_id, call_id: z.string(), overrun_micros: micros }),
  "ops.call_parked": z.object({ organization_id, call_id: z.string() }),
  "ops.clock_skew": z.object({
    organization_id,
    call_id: z.string(),
    edge_key_id: z.string().nullable().describe("The key of the node whose clock is wrong."),
    skew_ms: z.int().describe("How far its clock is ahead of the ledger's; below 0, behind it."),
  }),
  "ops.invariant_violated": z.object({
    organization_id,
    call_id: z.string().nullable().describe("The call that it is about, where it is about one."),
    operation: z.string().describe("What was stopped, such as `settle`; `start` when the ledger was opened."),
    invariant: z.string().describe("What would not have held, such as `entry_added_up`."),
    detail: z.string(),
  }),
  "ops.admin_key_ending": z.object({
    key_id: z.string(),
    label: z.string(),
    expires_at: time,
    days: z.int().min(1).describe("How many days ahead this is told: 14, then 1."),
  }),
  "ops.endpoint_disabled": z.object({
    organization_id,
    endpoint_id: z.string(),
    reason: z.enum(["gone", "failing"]),
  }),
  "ops.reconciliation_difference": z.object({ report_id: z.string(), differences: count }),
  "ops.ledger_difference": z.object({
    organization_id,
    report_id: z.string(),
    first_difference: z.string(),
  }),
  "ops.audit_difference": z.object({ first_difference: z.string() }),
  "ops.ledger_heads": z
    .object({
      heads: z.array(
        z.object({
          organization_id,
          epoch: z.int().describe("The generation in force."),
          seq: z.int().describe("The last entry."),
          digest: z.string().nullable().describe("Its digest; null of one from before the chain."),
          balance_after_micros: micros,
          day: z.iso.date().describe("The UTC day on which it left."),
          left_at: time,
          key_version: z.string().describe("Of the secret in KEY_SECRETS that signed it."),
          signature: z.string(),
        }),
      ),
      audit: z
        .object({
          seq: z.int().describe("The seal."),
          digest: z.string(),
          sealed_at: time,
          key_version: z.string(),
          signature: z.string(),
        })
        .optional()
        .describe("The newest seal of the audit, once a day."),
    })
    .describe(
      "What ledgers had come to when they were proven: at most a hundred of them. Keep them elsewhere.",
    ),
  "ops.purchase_mismatch": z.object({ organization_id, purchase_id: z.string(), reason: z.string() }),
  "ops.customer_balance": z.object({ organization_id, purchase_id: z.string(), reason: z.string() }),
  "ops.stripe_object_unknown": z.object({
    object_id: z.string(),
    kind: z.string().describe("What it is at Stripe, such as `checkout.session`."),
    purchase_id: z.string().nullable(),
    organization_id: z.string().nullable(),
  }),
  "ops.tax_mismatch": z.object({ organization_id, purchase_id: z.string(), reason: z.string() }),
  "ops.tax_refundable": z.object({
    organization_id,
    purchase_id: z.string(),
    tax_cents: count,
    reason: z.string(),
  }),
} as const;

export type CustomerEvent = keyof typeof CUSTOMER_EVENTS;
export type OperatorEvent = keyof typeof OPERATOR_EVENTS;
export type EventType = CustomerEvent | OperatorEvent;

type AsTold<Type extends EventType> = Type extends CustomerEvent
  ? z.output<(typeof CUSTOMER_EVENTS)[Type]>
  : Type extends OperatorEvent
    ? z.output<(typeof OPERATOR_EVENTS)[Type]>
    : never;

/** Without `call_version`: it is `version` under the name that receivers read, and added when a body is made. */
type DataOf<Type extends EventType> =
  AsTold<Type> extends { call_version: number } ? Omit<AsTold<Type>, "call_version"> : AsTold<Type>;

/** One thing that happened, before it is delivered to any endpoint. `id` names the fact: recorded twice, it is the same event. */
export type NewEvent = {
  [Type in EventType]: { id: string; type: Type; occurred_at_ms: number; data: DataOf<Type> };
}[EventType];

/** The event that an owner tries an endpoint with. */
const TEST_EVENT = "webhook.test";

export const OPERATOR_EVENT_TYPES = [...Object.keys(OPERATOR_EVENTS), TEST_EVENT] as (
  | OperatorEvent
  | typeof TEST_EVENT
)[];

export const CUSTOMER_EVENT_TYPES = Object.keys(CUSTOMER_EVENTS) as CustomerEvent[];
