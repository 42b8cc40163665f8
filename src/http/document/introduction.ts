import { NODE_CONTRACT } from "./node-contract";

const TEXT = `Prepaid call credit at the edge.

Amounts named \`…_micros\` are integers in millionths of the currency unit: EUR 0.07 is 70000.
Times are ISO 8601 in UTC. Unknown fields and parameters are refused, as is plain http (403 \`https_required\`).
Lists come in pages: ask again with the answer's \`next_cursor\` as \`cursor\`, and the same filters, until it is null; a page may be short before that.
Without a good key an address may ask 100 times in ten seconds.
Every answer has an \`X-Request-Id\`; send your own to find a request again.`;

const EDGE = `What telephony nodes say before, during and after each call. What a node does:

${Object.values(NODE_CONTRACT).join("\n\n")}`;

/** What the document says of the API as a whole. */
export const DOCUMENTATION = {
  info: {
    title: "Ringfence",
    version: "1",
    description: TEXT,
    license: { name: "MIT", identifier: "MIT" },
    contact: { name: "The operator of this deployment" },
  },
  servers: [{ url: "/", description: "Here" }],
  tags: [
    { name: "Account", description: "Balance, usage, ledger and keys of one organization." },
    {
      name: "Buying credit",
      description: "Purchases by card, invoices, VAT, the saved card and auto top-up.",
    },
    { name: "Events", description: "Webhook endpoints, what was delivered, and alerts on the balance." },
    { name: "Calls", description: "Calls of one organization." },
    { name: "Edge", description: EDGE },
    { name: "Admin", description: "What operators do." },
    { name: "Service", description: "The service itself." },
  ],
  components: {
    securitySchemes: {
      organizationKey: bearer("An organization's own key, `rf_live_…`."),
      edgeKey: bearer("A telephony node's key, `rf_edge_…`."),
      adminKey: bearer("An operator's key, `rf_admin_…`."),
    },
  },
};

function bearer(description: string) {
  return { type: "http" as const, scheme: "bearer", description };
}
