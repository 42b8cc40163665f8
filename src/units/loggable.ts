// What a log may hold: kinds, codes, places and ids; no number, name, address, hash, key or link. Words of others are taken to hold
// all of these, so that of an error only what cannot be personal is kept, and its message only without what it may quote.

/** An error as the log may have it. */
export interface LoggableError {
  /** Its class; of what is no error, that something was thrown. */
  name: string;
  /** Of what is no error: its type. What it says is left out. */
  type?: string;
  code?: string;
  decline_code?: string;
  /** Of an answer over HTTP. */
  status?: number;
  /** Stripe's: the field that it does not like, and the number of its own log. */
  param?: string;
  stripe_request_id?: string;
  message?: string;
  /** Where it happened, the innermost first. */
  at?: string[];
  cause?: LoggableError;
  errors?: LoggableError[];
}

const MAX_DEPTH = 4;
const MAX_FRAMES = 8;
const MAX_ERRORS = 5;
const MAX_CHARACTERS = 300;

const PLAIN_NAME = /^[A-Za-z][\w$]{0,60}$/;
const PLAIN_CODE = /^[A-Za-z][A-Za-z_]*\d{0,3}$/;
const PLAIN_PARAM = /^[a-z_]+(?:[.[\]]+[a-z_\d]{0,40})*$/;
const STRIPE_REQUEST = /^req_\w{8,40}$/;
const FRAME = /^\s*at (?:async )?(?:[\w.<>$#[\] ]+ )?\(?[^()\s]+:\d+:\d+\)?$/;

/**
 * An error, or whatever else was thrown, without what is personal or secret: no bound parameter of a query, no text of Stripe
 * about a customer, nothing quoted. Never throws.
 */
export function loggable(thrown: unknown, depth = 0): LoggableError {
  try {
    if (!(thrown instanceof Error)) return { name: "thrown", type: typeof thrown };
    return ofError(thrown as Error & Record<string, unknown>, depth);
  } catch {
    return { name: "unreadable" };
  }
}

function ofError(error: Error & Record<string, unknown>, depth: number): LoggableError {
  const { cause, errors } = error;
  const is_stripes = /^Stripe\w*Error$/.test(String(error.type));
  const told: LoggableError = {
    name: ifFits(PLAIN_NAME, is_stripes ? error.type : error.name) ?? "Error",
    code: ifFits(PLAIN_CODE, error.code),
    decline_code: ifFits(PLAIN_CODE, error.decline_code),
    status: typeof error.statusCode === "number" ? error.statusCode : undefined,
    param: is_stripes ? ifFits(PLAIN_PARAM, error.param) : undefined,
    stripe_request_id: is_stripes ? ifFits(STRIPE_REQUEST, error.requestId) : undefined,
    // Stripe's is about a customer, and one about JSON quotes it.
    message: is_stripes || error.name === "SyntaxError" ? undefined : messageOf(error.message),
    at: framesOf(error),
  };
  if (cause !== undefined && depth < MAX_DEPTH) told.cause = loggable(cause, depth + 1);
  if (Array.isArray(errors) && depth < MAX_DEPTH)
    told.errors = errors.slice(0, MAX_ERRORS).map((each) => loggable(each, depth + 1));
  return told;
}

function ifFits(pattern: RegExp, value: unknown): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

/** A failed query says its kind and its table only: its parameters follow, and may have any number of lines. */
function messageOf(message: string): string {
  const [, verb = "", rest = ""] = /Failed query:\s*(\w+)([\s\S]*)/.exec(message) ?? [];
  if (verb === "") return foreignText(message.split(/\bparams:/)[0] ?? "");
  const table = /\b(?:into|from|update)\s+"?([a-z_]+)"?/i.exec(`${verb} ${rest.split(/\bparams:/)[0]}`)?.[1];
  return `Failed query: ${verb.toLowerCase()}${table ? ` ${table}` : ""}`;
}

function framesOf({ stack, message }: Error): string[] | undefined {
  if (typeof stack !== "string") return undefined;
  const [before = "", ...after] = stack.split(message);
  const lines = (message === "" ? before : after.join("")).split("\n");
  const frames = lines.filter((line) => FRAME.test(line)).map((line) => line.trim());
  return frames.length > 0 ? frames.slice(0, MAX_FRAMES) : undefined;
}

type Rule = readonly [pattern: RegExp, put: string | ((found: string) => string)];

/** Of one's own texts: what they hold on purpose are ids, counts and fixed words. */
const OWN: readonly Rule[] = [
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s"'<>]*/gi, originOf],
  [/\b(?:sips?|tel|mailto):[^\s"'<>]+/gi, "[address]"],
  [/[^\s<>()"',;:]+@[^\s<>()"',;]+/g, "[address]"],
  [/\b(?:rf_(?:live|edge|admin)_|whsec_|[srp]k_(?:live|test)_|Bearer\s+)[^\s"',;]*/g, "[secret]"],
  [/\b\w+_secret_\w+/g, "[secret]"],
  [/\b(link|token|secret|password|signature|key)=[^\s&"',;]+/gi, "[secret]"],
  [/[A-Za-z\d_+/=-]{20,}/g, (word) => (isOpaque(word) ? "[token]" : word)],
  [/(?:\+|\b00)[\d][\d ().-]{5,}\d/g, lastDigits],
  [/\b0\d{1,4}(?:[ .-]\d{2,5}){2,}\b/g, lastDigits],
];

/** As they stand in what callers choose, such as a call's id: any long run of digits may be a number. */
const DIGITS: Rule = [
  /\w*\d{7,}\w*/g,
  (word) => (isKnownId(word) ? word : word.replace(/\d{7,}/g, lastDigits)),
];

/** Of others' texts, moreover: what they quote, and what looks like a name. */
const FOREIGN: readonly Rule[] = [
  [/(?<!\w)'[^']*'(?!\w)|"[^"]*"|`[^`]*`|“[^”]*”/g, "[…]"],
  ...OWN,
  DIGITS,
  [/(?<=[^\s.:!?…] )\p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*)*/gu, withoutNames],
];

const KNOWN_WORDS: ReadonlySet<string> = new Set(
  "Checkout Cloudflare Durable Error Errors I JSON Key Object Objects Queue Queues Reversal SQLite Stripe Worker Workers".split(
    " ",
  ),
);

/** What stands in fields of these names is somebody's. */
const PERSONAL =
  /^(?:from|to|number|e164|destination|email|name|user|user_id|user_name|company_name|label|link|hash|secret|token|authorization|cookie|address|url|vat_id)$|_(?:number|email|name|hash|secret|token|url)$/;
const CHOSEN_BY_CALLERS = /^(?:call_id|parent_call_id|id)$/;

/**
 * One field of a log line. `error` and `cause` hold what was thrown; texts lose what is personal or secret in them, and those
 * in fields that are named for such a thing are left out.
 */
export function loggableField(name: string, value: unknown, depth = 0): unknown {
  if (name === "error" || name === "cause" || value instanceof Error) return loggable(value);
  if (typeof value !== "string" && typeof value !== "object") return value;
  if (value === null) return value;
  if (PERSONAL.test(name)) return "[…]";
  if (typeof value === "string") return loggableText(name, value);
  if (depth >= MAX_DEPTH) return "[…]";
  if (Array.isArray(value)) return value.map((each) => loggableField(name, each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([inner, each]) => [inner, loggableField(inner, each, depth + 1)]),
  );
}

function loggableText(name: string, text: string): string {
  if (name === "message") return foreignText(text);
  return applied(CHOSEN_BY_CALLERS.test(name) ? [...OWN, DIGITS] : OWN, text);
}

/** Text that somebody else has written, without what may be personal or secret in it. */
function foreignText(text: string): string {
  return applied(FOREIGN, text.slice(0, 4 * MAX_CHARACTERS)).slice(0, MAX_CHARACTERS);
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce((rest, [pattern, put]) => rest.replace(pattern, put as string), text);
}

/** Scheme and host: a path, a query or a password may be secret. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return "[address]";
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}/…`;
}

const OUR_ID = /^[a-z]{2,6}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const STRIPES_ID =
  /^(?:acct|ch|cn|cs|cus|dp|du|evt|ii|il|in|inpay|pi|pm|po|py|re|req|seti|txi|txn|txr)_(?:test_|live_)?[A-Za-z\d]{8,}$/;

/** Hashes, keys and their like: long, of letters and digits, and not one of the ids that stand for nothing else. */
function isOpaque(word: string): boolean {
  return /\d/.test(word) && /[a-z]/i.test(word) && !isKnownId(word);
}

function isKnownId(word: string): boolean {
  return OUR_ID.test(word) || STRIPES_ID.test(word);
}

function lastDigits(number: string): string {
  return `…${number.slice(-2)}`;
}

function withoutNames(words: string): string {
  const is_known = (word: string) =>
    KNOWN_WORDS.has(word.replace(/[.,]$/, "")) || /^[\p{Lu}\d_.-]{2,}$/u.test(word) || /Error$/.test(word);
  return words
    .split(" ")
    .map((word) => (is_known(word) ? word : "[…]"))
    .join(" ");
}
