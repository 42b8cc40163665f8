import type { ApiKey } from "../ledger/core/account/api-keys";
import type { Organization } from "../ledger/core/account/organization";
import type { TopUpSettings } from "../ledger/core/credit/auto-top-up";
import type { AlertThreshold } from "../ledger/core/credit/balance-alerts";
import type { Post } from "../ledger/core/credit/commands";
import type { Rate } from "../ledger/core/credit/rating";

type Profile = Pick<Organization, "company_name" | "email" | "language" | "state">;
type Nothing = Record<string, never>;

interface EndpointSettings {
  /** Without its path: what follows the host may be a secret. */
  url: string;
  description: string;
  events: string[] | null;
}

interface BillingDetails {
  company_name: string;
  email: string | null;
  line1: string;
  line2: string | null;
  postal_code: string;
  city: string;
  region: string | null;
  country: string;
  is_business: boolean;
  vat_id: string | null;
}

/**
 * All that is audited, each with what is kept of it: what was asked for, and never a secret. The same words stand in rows of
 * years ago: add some, and let every field that is added be optional; never change one.
 */
interface AuditDetails {
  "adjustment.post": Post;
  "alerts.set": { alerts: AlertThreshold[] };
  "api_key.create": Pick<ApiKey, "key_id" | "label" | "scopes" | "expires_at_ms">;
  "api_key.revoke": { key_id: string };
  "auto_top_up.set": { enabled: false } | ({ enabled: true } & Omit<TopUpSettings, "enabled" | "consent">);
  "billing_profile.save": BillingDetails;
  /** The payment provider's page for cards and invoices was opened. */
  "billing_portal.open": Nothing;
  "call.release": { call_id: string };
  "epoch.begin": { epoch: number };
  /** The file of calls from one instant to another, if it was limited. */
  "export.calls": { from_ms?: number; until_ms?: number };
  "export.document": { invoice_id: string; number: string };
  "key.create": {
    key_id?: string;
    kind: "edge" | "admin";
    label: string;
    organization_ids: string[] | null;
    scopes: string[];
    rights?: string | null;
    expires_at_ms: number | null;
  };
  "key.revoke": { key_id: string };
  "ledger.verify": { report_id: string };
  "number.free": { number: string };
  "number.move": { number: string; is_default?: boolean | undefined };
  "organization.change": Partial<Profile> & { external_id?: string | null | undefined };
  "organization.create": Pick<Organization, "company_name" | "email" | "language"> & {
    external_id?: string | null;
  };
  /** An operator has read something of one organization: which part, by the last of its address that is no id. */
  "organization.look": { part: string };
  "payment_method.remove": Nothing;
  "payment_method.save": { brand: string; last4: string; reference: string };
  /** The page on which a card can be entered was opened. */
  "payment_method.set_up": Nothing;
  /** All of a person's when it names none of them. */
  "portal_session.end": { session_id?: string; user: { id: string; name?: string } };
  "portal_session.create": { user: { id: string; name: string }; role: string };
  "portal_session.language": { language: string };
  "portal_session.sign_in": Nothing;
  "portal_session.sign_out": Nothing;
  "projection.rebuild": Nothing;
  "purchase.refund": { purchase_id: string; net_cents: number | null; reason: string };
  "purchase.resolve": { purchase_id: string; resolution: "accept" | "refund" | "close"; reason: string };
  "purchase.start": {
    purchase_id?: string;
    net_cents: number;
    save_card: boolean;
    kind?: "checkout" | "auto_top_up";
  };
  "purchase.tax_refund": { purchase_id: string; reason: string };
  "rate.put": Rate & { effective_from_ms: number | null };
  "rate_deck.publish": {
    deck_id: string;
    label: string;
    effective_from_ms: number;
    markup_basis_points: number | null;
    rows: number;
  };
  "rate_deck.withdraw": { deck_id: string };
  "reconciliation.adopt": { object_id: string; reason: string };
  "reconciliation.run": Nothing;
  "webhook_delivery.resend": { endpoint_id: string; event_id: string };
  "webhook_delivery.resend_failed": { endpoint_id: string; since_ms: number };
  "webhook_delivery.test": { endpoint_id: string };
  "webhook_endpoint.change": { endpoint_id: string; enabled?: boolean } & Partial<EndpointSettings>;
  "webhook_endpoint.create": { endpoint_id: string; url: string };
  "webhook_endpoint.delete": { endpoint_id: string };
  "webhook_endpoint.end_previous_secret": { endpoint_id: string };
  "webhook_endpoint.rotate_secret": { endpoint_id: string; keep_previous_seconds?: number };
}

export type AuditAction = keyof AuditDetails;

/** Something that somebody asks for. `organization_id` is null when it is about no single organization. */
export type AuditedRequest = {
  [Action in AuditAction]: {
    action: Action;
    organization_id: string | null;
    detail: AuditDetails[Action];
  };
}[AuditAction];
