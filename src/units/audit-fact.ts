/** Who can ask for something: the holder of a key, a person at the dashboard, Stripe, or what runs by itself. */
export const ACTOR_KINDS = [
  "organization_key",
  "edge_key",
  "admin_key",
  "person",
  "stripe",
  "system",
] as const;

export type ActorKind = (typeof ACTOR_KINDS)[number];

/** What came of what was asked for. */
export const AUDIT_OUTCOMES = ["done", "refused"] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** One row of the audit, as it travels to where it is written together with what it is about. */
export interface AuditFact {
  id: string;
  at_ms: number;
  /** The id of the actor: of a key, `user:` and the platform's id of a person, `stripe` or `system`. */
  key_id: string;
  actor_name: string | null;
  action: string;
  organization_id: string | null;
  detail: Record<string, unknown>;
  actor_kind: ActorKind;
  session_id: string | null;
  address: string | null;
  country: string | null;
  user_agent: string | null;
  request_id: string | null;
  /** Null: it was written down before it was done. */
  outcome: AuditOutcome | null;
  code: string | null;
  salt: string;
  bucket: string | null;
}

const COLUMNS: Record<keyof AuditFact, true> = {
  id: true,
  at_ms: true,
  key_id: true,
  actor_name: true,
  action: true,
  organization_id: true,
  detail: true,
  actor_kind: true,
  session_id: true,
  address: true,
  country: true,
  user_agent: true,
  request_id: true,
  outcome: true,
  code: true,
  salt: true,
  bucket: true,
};

/** The columns in which a fact stands in D1, each named as its field. */
export const AUDIT_COLUMNS = Object.keys(COLUMNS);
