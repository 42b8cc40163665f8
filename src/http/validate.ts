import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import { matchedRoutes } from "hono/route";
import { describeRoute, resolver, uniqueSymbol } from "hono-openapi";
import type { z } from "zod";
import { brokenTextIn, mayHaveBrokenText, nameGivenTwice } from "../units/json";
import { utf8Text } from "../units/web-text";
import type { AppContext, AppEnv } from "./context";
import { ApiError } from "./errors";

const DEFAULT_MAX_BYTES = 64 * 1_024;

/** Not a text of its own, and nothing that UTF-8 can say. */
const HALF_A_CHARACTER = "\ud800";

type Target = "json" | "query" | "param";
type Validated<T extends Target, S extends z.ZodType> = MiddlewareHandler<
  AppEnv,
  string,
  { in: { [name in T]: z.input<S> }; out: { [name in T]: z.output<S> } }
>;

/** Requests whose text has to be looked at one by one, which costs more than all the rest. */
const suspects = new WeakSet<Request>();

/** What each checking middleware checks. */
const targets = new WeakMap<object, Target>();

/** Checks a JSON body, read with `c.req.valid("json")`. Anything else than JSON of this shape is refused. */
export function validJson<S extends z.ZodType>(schema: S, { max_bytes = DEFAULT_MAX_BYTES } = {}) {
  return described("json", schema, async (c) => wellFormed(c, await readJson(c, max_bytes)));
}

/** As `validJson`, of a request that may come without a body, whatever its Content-Type: that means `{}`. */
export function validOptionalJson<S extends z.ZodType>(schema: S) {
  return described("json", schema, async (c) => {
    if (c.req.raw.body === null || c.req.header("Content-Length") === "0") return {};
    return wellFormed(c, await readJson(c, DEFAULT_MAX_BYTES));
  });
}

/** Says in the document that a route takes its body or none. Stands behind `validOptionalJson`: the library lets the last one say. */
export const mayComeWithoutBody = describeRoute({ requestBody: { required: false, content: {} } });

/** As `validJson`, for a body whose parts are checked one by one later: `schema` is documented, `envelope` checked. */
export function validEnvelope<S extends z.ZodType>(
  schema: z.ZodType,
  envelope: S,
  { max_bytes = DEFAULT_MAX_BYTES } = {},
) {
  return described("json", envelope, (c) => readJson(c, max_bytes), schema);
}

/** Checks the query string, read with `c.req.valid("query")`. A parameter given twice is refused. */
export function validQuery<S extends z.ZodType>(schema: S) {
  return described("query", schema, async (c) => {
    const given = Object.entries(c.req.queries());
    const twice = given.find(([, values]) => values.length > 1);
    if (twice) throw new ApiError("invalid_request", "Must be given once.", twice[0]);
    return Object.fromEntries(given.map(([name, [value]]) => [name, value]));
  });
}

/** What is wrong with the query string of a route that takes none: a filter must not seem to work. */
export function strayParameter(c: AppContext): ApiError | null {
  const [stray] = Object.keys(c.req.queries());
  if (stray === undefined) return null;
  if (matchedRoutes(c).some(({ handler }) => targets.get(handler) === "query")) return null;
  return new ApiError("invalid_request", "There is no such parameter.", stray);
}

/** Checks the parts of the path that vary, read with `c.req.valid("param")`. */
export function validParam<S extends z.ZodType>(schema: S) {
  return described("param", schema, async (c) => c.req.param());
}

/**
 * A middleware that checks what `read` finds and tells hono-openapi the schema of it. It takes the place of that
 * library's own validator so that a body is bounded, read and parsed once, and refused in the words of our errors.
 */
function described<T extends Target & keyof ValidationTargets, S extends z.ZodType>(
  target: T,
  schema: S,
  read: (c: Context<AppEnv>) => Promise<unknown>,
  documented: z.ZodType = schema,
): Validated<T, S> {
  const check: Validated<T, S> = async (c, next) => {
    c.req.addValidatedData(target, checked(schema, await read(c)) as object);
    await next();
  };
  targets.set(check, target);
  return Object.assign(check, { [uniqueSymbol]: { target, ...resolver(documented) } });
}

/**
 * What the schema makes of the input.
 * @throws ApiError that names the first thing that is wrong
 */
export function checked<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (!result.success) throw errorOf(result.error.issues[0], input);
  return result.data;
}

/** The Idempotency-Key of a request, null when it has none. */
export function idempotencyKey(c: Context<AppEnv>): string | null {
  const key = c.req.header("Idempotency-Key");
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new ApiError("invalid_request", "Must be 1 to 255 visible ASCII characters.", "Idempotency-Key");
  return key;
}

async function readJson(c: Context<AppEnv>, max_bytes: number): Promise<unknown> {
  const media_type = c.req.header("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (media_type !== "application/json") throw new ApiError("unsupported_media_type");
  const text = jsonText(await readBytes(c, max_bytes));
  const value = parsed(text);
  if (mayHaveBrokenText(text)) suspects.add(c.req.raw);
  const twice = nameGivenTwice(text);
  if (twice !== null) throw new ApiError("invalid_request", "Must be given once.", twice);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid JSON.");
  }
}

/**
 * The body as text. What is not UTF-8 becomes half of a character, which no text may have: so the field is refused that it
 * stands in, and of a batch one operation, because what callers say of themselves must not stop a node's other reports.
 */
function jsonText(bytes: ArrayBuffer): string {
  return utf8Text(bytes) ?? new TextDecoder().decode(bytes).replaceAll("\ufffd", HALF_A_CHARACTER);
}

/**
 * A part of the body of this request, or all of it.
 * @throws ApiError that names the text which has half of a character
 */
export function wellFormed(c: Context<AppEnv>, value: unknown): unknown {
  const broken = suspects.has(c.req.raw) ? brokenTextIn(value) : null;
  if (broken !== null) throw new ApiError("invalid_request", "Must be text in UTF-8.", broken);
  return value;
}

/** The body, read no further than it may be long, whatever Content-Length says. */
export async function readBytes(c: Context<AppEnv>, max_bytes: number): Promise<ArrayBuffer> {
  const stated_bytes = Number(c.req.header("Content-Length") ?? Number.NaN);
  if (stated_bytes > max_bytes) throw tooLarge(max_bytes);
  if (stated_bytes >= 0) return c.req.arrayBuffer();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > max_bytes) throw tooLarge(max_bytes);
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

function tooLarge(max_bytes: number): ApiError {
  return new ApiError("payload_too_large", `The request body is larger than ${max_bytes} bytes.`);
}

/** The first thing that is wrong with a request, as an answer that names it. */
function errorOf(issue: z.core.$ZodIssue | undefined, input: unknown): ApiError {
  if (!issue) return new ApiError("invalid_request");
  if (issue.code === "unrecognized_keys") {
    const param = dotted([...issue.path, issue.keys[0] ?? ""]);
    return new ApiError("invalid_request", "There is no such field.", param);
  }
  const param = dotted(issue.path);
  if (param && valueAt(input, issue.path) === undefined)
    return new ApiError("missing_field", `Missing required field: ${param}.`, param);
  return new ApiError("invalid_request", issue.message, param || undefined);
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join(".").slice(0, 200);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
