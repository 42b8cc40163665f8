/** The zod schemas that requests are checked with and that the OpenAPI document is made of, by what they are about. */
export * from "./schemas/accounts";
export * from "./schemas/amounts";
export * from "./schemas/billing-profile";
export * from "./schemas/auto-top-up";
export * from "./schemas/calls";
export * from "./schemas/invoices";
export * from "./schemas/names";
export * from "./schemas/outbound";
export * from "./schemas/payment-method";
export * from "./schemas/portal-sessions";
export * from "./schemas/purchases";
export * from "./schemas/rates";
export * from "./schemas/webhooks";
