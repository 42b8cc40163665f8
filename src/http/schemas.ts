/** The zod schemas that requests are checked with and that the OpenAPI document is made of, by what they are about. */
export * from "./schemas/accounts";
export * from "./schemas/amounts";
export * from "./schemas/calls";
export * from "./schemas/names";
export * from "./schemas/rates";
