import { z } from "zod";
import { receiptSchema } from "./calls/schema";
import { ERROR_TYPES, ERRORS, type ErrorCode } from "./errors";

/** Every code that an error may have. */
const errorCode = z
  .enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])
  .meta({ id: "ErrorCode", description: "What is wrong, for programs.", examples: ["not_found"] });

const errorType = z.enum(ERROR_TYPES).meta({
  id: "ErrorType",
  description:
    "The kind of error. `invalid_request_error`: change the request. `authentication_error`: use another key. `permission_error`: the key or the organization may not do this. `conflict_error`: it does not fit what was done before. `api_error`: try again later.",
});

const message = z.string().meta({
  description: "What is wrong, for people. The words may change; test `error.code` instead.",
  examples: ["There is nothing here."],
});

const param = z.string().optional().meta({ description: "The field that is wrong, as a dotted path." });

const errorDetail = z
  .strictObject({
    code: errorCode,
    message,
    type: errorType,
    param,
    request_id: z.string().meta({
      description: "The same as in the header X-Request-Id.",
      examples: ["req_01k9z3v8qhe1w9m4c7d2x5n6tp"],
    }),
  })
  .meta({ id: "ErrorDetail" });

const beside = {
  message: message.meta({ description: "The same as `error.message`." }),
  type: errorType,
  param: param.meta({ description: "The same as `error.param`." }),
};

/** The body of every error but those of `publishedErrorSchema`. */
export const errorSchema = z.strictObject({ error: errorDetail, ...beside }).meta({
  id: "Error",
  description: "What went wrong. `message`, `type` and `param` stand beside `error`, too.",
});

/** The body of `insufficient_credits` and `rate_limit_exceeded`, which has nothing else. */
export const publishedErrorSchema = z
  .strictObject({ error: z.strictObject({ code: errorCode, message }) })
  .meta({ id: "ErrorAsPublished", description: "An error with its code and message alone." });

/** The body of an error about a call, with its receipt where there is one. */
export const callErrorSchema = z
  .strictObject({
    error: errorDetail,
    ...beside,
    receipt: receiptSchema.optional().meta({ description: "Of a call that is resolved: what it cost." }),
  })
  .meta({ id: "ErrorOfCall", description: "What went wrong with a call." });

/** The schema of the body that errors with these codes have. */
export function schemaOfErrors(codes: readonly ErrorCode[]) {
  const is_published = codes.every(
    (code) => code === "insufficient_credits" || code === "rate_limit_exceeded",
  );
  if (is_published) return publishedErrorSchema;
  return codes.includes("call_already_settled") ? callErrorSchema : errorSchema;
}
