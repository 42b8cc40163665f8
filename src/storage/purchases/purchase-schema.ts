import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { PURCHASE_STATUSES, REVERSAL_STATUSES } from "./purchase-state";

/** Why Stripe does not take a billing profile, and which part of it has to be corrected. */
export interface SyncRefusal {
  code: "billing_profile_incomplete" | "billing_address_invalid";
  message: string;
  param: string;
}

/** Who buys: the name, address and VAT ID that stand on invoices, and how far Stripe's customer follows them. */
export const billing_profiles = sqliteTable("billing_profiles", {
  organization_id: text().primaryKey(),
  version: integer().notNull(),
  synced_version: integer().notNull(),
  sync_until_ms: integer().notNull(),
  sync_refusal: text({ mode: "json" }).$type<SyncRefusal>(),
  stripe_customer_id: text(),
  company_name: text().notNull(),
  email: text(),
  line1: text().notNull(),
  line2: text(),
  postal_code: text().notNull(),
  city: text().notNull(),
  region: text(),
  country: text().notNull(),
  is_business: integer({ mode: "boolean" }).notNull(),
  vat_id: text(),
  vat_id_type: text({ enum: ["eu_vat", "gb_vat", "ch_vat", "no_vat"] }),
  vat_id_state: text({
    enum: ["none", "malformed", "pending", "valid", "invalid", "unavailable"],
  }).notNull(),
  vat_id_checked_at_ms: integer(),
  vat_id_source: text({ enum: ["vies", "offline", "stripe"] }),
  vat_id_name: text(),
  vat_id_address: text(),
  vat_id_consultation_number: text(),
  vat_id_check_at_ms: integer(),
  updated_at_ms: integer().notNull(),
});

/** What a person has decided about a mismatch. */
export const RESOLUTIONS = ["accept", "refund", "close"] as const;

/** The decision on VAT as it was when the purchase was made, with what it rested on. */
export interface StoredTaxDecision {
  treatment: string;
  reason: string;
  rate_basis_points: number;
  tax_cents: number;
  country: string;
  vat_id: string | null;
  vat_id_state: string;
  vat_id_checked_at_ms: number | null;
  vat_id_consultation_number: string | null;
  profile_version: number;
  footer: string | null;
}

/** Credit bought, by a person in Checkout or by us on a saved card. */
export const purchases = sqliteTable(
  "purchases",
  {
    id: text().primaryKey(),
    organization_id: text().notNull(),
    kind: text({ enum: ["checkout", "auto_top_up"] }).notNull(),
    status: text({ enum: PURCHASE_STATUSES }).notNull(),
    request_key: text().notNull(),
    request_fingerprint: text().notNull(),
    currency: text().notNull(),
    net_cents: integer().notNull(),
    tax_cents: integer(),
    gross_cents: integer(),
    tax_decision: text({ mode: "json" }).$type<StoredTaxDecision>().notNull(),
    stripe_customer_id: text().notNull(),
    stripe_session_id: text(),
    stripe_invoice_id: text(),
    stripe_payment_intent_id: text(),
    pay_url: text(),
    return_url: text(),
    save_card: integer({ mode: "boolean" }).notNull(),
    payment_method_id: text(),
    attempt: integer().notNull(),
    failure_code: text(),
    failure_message: text(),
    created_at_ms: integer().notNull(),
    expires_at_ms: integer().notNull(),
    paid_at_ms: integer(),
    credited_at_ms: integer(),
    checked_at_ms: integer().notNull(),
    resolution: text({ enum: RESOLUTIONS }),
    resolution_reason: text(),
    resolved_at_ms: integer(),
    balance_cents: integer(),
    deployment: text(),
    /** An API key's id, or `user:` and the platform's id of a person; null of what the system buys. */
    created_by: text(),
  },
  (table) => [
    uniqueIndex("purchases_of_request").on(table.organization_id, table.request_key),
    index("purchases_of_organization").on(table.organization_id, table.created_at_ms),
  ],
);

/**
 * A refund or a dispute. `net_cents` is the credit that it holds, or held until it came again: what it takes on its own, unless
 * others of its purchase hold some.
 */
export const reversals = sqliteTable(
  "reversals",
  {
    id: text().primaryKey(),
    purchase_id: text().notNull(),
    organization_id: text().notNull(),
    kind: text({ enum: ["refund", "dispute"] }).notNull(),
    status: text({ enum: REVERSAL_STATUSES }).notNull(),
    gross_cents: integer().notNull(),
    net_cents: integer().notNull(),
    credit_note_id: text(),
    created_at_ms: integer().notNull(),
    taken_at_ms: integer(),
    returned_at_ms: integer(),
    look_again_at_ms: integer(),
    own_net_cents: integer(),
    moves: integer().notNull().default(1),
    entries: integer().notNull().default(0),
  },
  (table) => [index("reversals_of_purchase").on(table.purchase_id)],
);

/** Refunds that operators have asked for, each under the Idempotency-Key of its request. */
export const refund_requests = sqliteTable(
  "refund_requests",
  {
    purchase_id: text().notNull(),
    request_key: text().notNull(),
    request_fingerprint: text().notNull(),
    gross_cents: integer().notNull(),
    reason: text().notNull(),
    attempt: integer().notNull(),
    refund_id: text(),
    created_at_ms: integer().notNull(),
    is_refused: integer({ mode: "boolean" }).notNull().default(false),
    balance_cents: integer().notNull().default(0),
    balance_note_id: text(),
  },
  (table) => [primaryKey({ columns: [table.purchase_id, table.request_key] })],
);

/**
 * VAT that goes back without the credit, because the register of VAT IDs was away when it was charged. `is_refused`: Stripe would
 * not give it back. `invoice_id`: the invoice without VAT that takes the place of the first one.
 */
export const tax_refunds = sqliteTable("tax_refunds", {
  purchase_id: text().primaryKey(),
  organization_id: text().notNull(),
  tax_cents: integer().notNull(),
  reason: text().notNull(),
  attempt: integer().notNull(),
  is_refused: integer({ mode: "boolean" }).notNull(),
  invoice_id: text(),
  refund_id: text(),
  credit_note_id: text(),
  created_at_ms: integer().notNull(),
  finished_at_ms: integer(),
});

/** Invoices and credit notes as Stripe has issued them. Amounts of a credit note are positive. */
export const invoices = sqliteTable(
  "invoices",
  {
    id: text().primaryKey(),
    organization_id: text().notNull(),
    purchase_id: text().notNull(),
    kind: text({ enum: ["invoice", "credit_note"] }).notNull(),
    status: text({ enum: ["open", "paid", "void", "issued"] }).notNull(),
    number: text(),
    corrects_invoice_id: text(),
    currency: text().notNull(),
    net_cents: integer().notNull(),
    tax_cents: integer().notNull(),
    gross_cents: integer().notNull(),
    rate_basis_points: integer().notNull(),
    reverse_charge: integer({ mode: "boolean" }).notNull(),
    issued_at_ms: integer().notNull(),
  },
  (table) => [
    index("invoices_of_organization").on(table.organization_id, table.issued_at_ms),
    index("invoices_of_purchase").on(table.purchase_id),
  ],
);

/** A card that was chosen as default at Stripe and that its holder has not let us charge. */
export interface CardNotCharged {
  payment_method_id: string;
  brand: string;
  last4: string;
}

/** The card that an organization has let us charge, and the words by which it did. */
export const saved_cards = sqliteTable("saved_cards", {
  organization_id: text().primaryKey(),
  stripe_customer_id: text().notNull(),
  payment_method_id: text().notNull(),
  brand: text().notNull(),
  last4: text().notNull(),
  exp_month: integer().notNull(),
  exp_year: integer().notNull(),
  fingerprint: text(),
  consent_at_ms: integer().notNull(),
  consent_reference: text().notNull(),
  consent_text: text().notNull(),
  saved_at_ms: integer().notNull(),
  default_not_charged: text({ mode: "json" }).$type<CardNotCharged>(),
});

/** Stripe's events as they were received. What they lead to is keyed by their objects, never by these rows. */
export const stripe_events = sqliteTable("stripe_events", {
  id: text().primaryKey(),
  type: text().notNull(),
  object_id: text(),
  status: text({ enum: ["received", "processed", "ignored", "failed"] }).notNull(),
  attempts: integer().notNull(),
  error: text(),
  created_at_ms: integer().notNull(),
  received_at_ms: integer().notNull(),
});

/** The name that our objects at Stripe carry: one row. */
export const deployment = sqliteTable("deployment", {
  id: integer().primaryKey(),
  name: text().notNull(),
  created_at_ms: integer().notNull(),
});

/** One run of the comparison of Stripe, purchases and ledgers. */
export const reconciliations = sqliteTable("reconciliations", {
  id: text().primaryKey(),
  started_at_ms: integer().notNull(),
  finished_at_ms: integer().notNull(),
  from_ms: integer().notNull(),
  until_ms: integer().notNull(),
  counts: text({ mode: "json" }).$type<Record<string, number>>().notNull(),
  differences: text({ mode: "json" }).$type<Record<string, unknown>[]>().notNull(),
});
