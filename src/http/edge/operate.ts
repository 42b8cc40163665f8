import type { EdgeCaller, EdgeOperation } from "../../calls/edge-operation";
import { executeOperations, MAX_ORGANIZATIONS, unconfirmedAnswers } from "../../calls/execute-operations";
import type { AppContext } from "../context";
import { ApiError } from "../errors";
import { checked, wellFormed } from "../validate";
import { edgeBody } from "./present";
import { batchOperations } from "./schema";

type Answered = ReturnType<typeof edgeBody>;

/** Carries out one operation and answers it. */
export async function answerOne(c: AppContext, operation: EdgeOperation): Promise<Response> {
  const [result] = await carryOut(c, [operation]);
  if (!result || result instanceof ApiError) throw result ?? new ApiError("internal");
  return c.json(result.body, result.status);
}

/** Carries out many operations and lists their results. Malformed ones are answered in their places. */
export async function answerBatch(c: AppContext, stated: readonly unknown[]): Promise<Response> {
  const parsed = stated.map((each) => parseOperation(c, each));
  const ready = parsed.filter((operation): operation is EdgeOperation => !(operation instanceof ApiError));
  const carried_out = (await carryOut(c, ready)).values();
  const results = parsed.map((operation) => {
    const result = operation instanceof ApiError ? operation : carried_out.next().value;
    return listed(result ?? new ApiError("internal"), c.var.request_id);
  });
  return c.json({ results });
}

async function carryOut(c: AppContext, operations: readonly EdgeOperation[]): Promise<Answered[]> {
  const { key_id, organization_ids } = c.get("platform_key");
  const caller: EdgeCaller = { key_id, organization_ids };
  c.get("leaveDoor")();
  const answers = c.get("is_unconfirmed")
    ? unconfirmedAnswers(c.env, operations)
    : await executeOperations(c.env, caller, operations, c.get("arrived_at_ms"));
  if (!Array.isArray(answers))
    throw new ApiError(
      "invalid_request",
      `At most ${MAX_ORGANIZATIONS} organizations and numbers in one request.`,
      "operations",
    );
  return operations.map((operation, place) => {
    const answer = answers[place];
    return answer ? edgeBody(operation, answer, c.req.url) : new ApiError("internal");
  });
}

function parseOperation(c: AppContext, stated: unknown): EdgeOperation | ApiError {
  try {
    const op = (stated as { op?: unknown } | null)?.op;
    if (op === undefined) throw new ApiError("missing_field", "Missing required field: op.", "op");
    if (typeof op !== "string" || !Object.hasOwn(batchOperations, op))
      throw new ApiError("invalid_request", "There is no such operation.", "op");
    return checked(batchOperations[op as keyof typeof batchOperations], wellFormed(c, stated));
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** A result as it stands in the list of a batch. */
function listed(result: Answered, request_id: string) {
  const body = result instanceof ApiError ? result.body(request_id) : result.body;
  return { status: result.status, body };
}
