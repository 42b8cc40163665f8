/** The zod schemas that requests are checked with and that the OpenAPI document is made of, by what they are about. */
export * from "./account/schema";
export * from "./schema/amounts";
export * from "./billing-profile/schema";
export * from "./auto-top-up/schema";
export * from "./calls/schema";
export * from "./invoices/schema";
export * from "./schema/names";
export * from "./outbound/schema";
export * from "./payment-method/schema";
export * from "./portal-sessions/schema";
export * from "./purchases/schema";
export * from "./schema/rates";
export * from "./webhooks/schema";
