import { z } from "zod";
import { SCOPES } from "../ledger/core/account/api-keys";
import { typedText } from "../units/text-schema";

/** What a key is for, as people wrote it: 1 to 100 characters. */
export const keyLabel = typedText({ max: 100 });

/** One thing that a key of an organization may be used for. */
export const scope = z.enum(SCOPES).meta({
  id: "Scope",
  description:
    "`read`: account, usage, calls, ledger, purchases and invoices. `calls`: place outbound calls. `keys`: make API keys of no more scopes than its own, revoke any, and let people in to the dashboard. `billing`: buy credit, change the billing profile, the card and auto top-up.",
});

/**
 * What is asked for when a key of an organization is made, at both doors. Each door adds when the key expires, in its own
 * form; that it lies in the future is for `createOwnKey`.
 */
export const newApiKey = z.strictObject({
  label: keyLabel.meta({ description: "What the key is for.", examples: ["CRM integration"] }),
  scopes: z
    .array(scope)
    .min(1)
    .max(SCOPES.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, "Must not repeat a scope.")
    .meta({ uniqueItems: true, examples: [["read"]] }),
});
