import type { Bindings } from "../../../src/env";
import { Contract, type Operation } from "./openapi";
import { holdRowsRead, meterD1, mostRowsOf } from "./rows-read";
import { fetchWorker } from "./worker";

export interface ApiRequest {
  key?: string;
  body?: unknown;
  /** Sent as it stands instead of `body`. */
  raw?: BodyInit;
  headers?: Record<string, string>;
  /** Bindings to put in the place of the real ones, such as a database that fails. */
  bindings?: Partial<Bindings>;
  /** Fails when the request reads more rows of D1. */
  most_rows?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, the text of other types, null without a body. */
  body: Json;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read bodies whose shape the contract has just checked
export type Json = any;

let contract: Contract | undefined;
const seen = new Set<string>();

let is_every_request_held = false;

/** From now on, every request of this file fails that reads more rows of D1 than its operation may. */
export function holdEveryRequest(): void {
  is_every_request_held = true;
}

/** The contract that every answer is held to, read once from the running Worker. */
export async function theContract(): Promise<Contract> {
  contract ??= await Contract.read();
  return contract;
}

/** Documented answers of an operation that no request of this file has had. */
export function unseenAnswers({ operationId, responses }: Operation): string[] {
  return Object.keys(responses)
    .map((status) => `${operationId} ${status}`)
    .filter((answer) => !seen.has(answer));
}

/** Sends a request to the Worker. Throws when the answer is not one that the OpenAPI document promises. */
export async function api(method: string, path: string, request: ApiRequest = {}): Promise<Answer> {
  const url = `https://ringfence.test${path}`;
  const body = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const headers = new Headers(request.headers);
  if (request.key !== undefined) headers.set("Authorization", `Bearer ${request.key}`);
  if (body !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  const init: RequestInit = { method, headers, body, redirect: "manual" };
  const operation = (await theContract()).operationOf(method, new URL(url).pathname);
  const most_rows = request.most_rows ?? (is_every_request_held && operation ? mostRowsOf(operation) : null);
  const meter = most_rows === null ? null : meterD1(request.bindings?.DB);
  const bindings = meter ? { ...request.bindings, DB: meter.DB } : request.bindings;
  const response = await fetchWorker(new Request(url, init), bindings);
  const answer = { status: response.status, headers: response.headers, body: await bodyOf(response) };
  if (operation) await holdTo(await asAnswered(operation, answer), answer);
  if (meter && most_rows !== null) holdRowsRead(meter, most_rows, `${method} ${path}`);
  return answer;
}

/** What is asked for as JSON may be asked for as CSV, too: then it answers as the operation of that file. */
async function asAnswered(operation: Operation, { headers }: Answer): Promise<Operation> {
  if (!headers.get("Content-Type")?.startsWith("text/csv")) return operation;
  return (await theContract()).operationOf(operation.method, `${operation.path}.csv`) ?? operation;
}

async function bodyOf(response: Response): Promise<Json> {
  const text = await response.text();
  if (text === "") return null;
  return response.headers.get("Content-Type")?.startsWith("application/json") ? JSON.parse(text) : text;
}

/** Headers that callers act on: none of them comes that the document does not have. */
const TELLING_HEADERS = [
  ...["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"],
  ...["Retry-After", "WWW-Authenticate", "Location", "Content-Disposition"],
];

async function holdTo(operation: Operation, { status, headers, body }: Answer): Promise<void> {
  const where = `${operation.operationId} answered ${status}`;
  const response = operation.responses[status];
  if (!response) throw new Error(`${where}, which is not documented: ${JSON.stringify(body)}`);
  seen.add(`${operation.operationId} ${status}`);
  if (!headers.get("X-Request-Id")) throw new Error(`${where} without X-Request-Id`);
  for (const [name, { required }] of Object.entries(response.headers ?? {})) {
    if (required && !headers.has(name)) throw new Error(`${where} without ${name}`);
  }
  const undocumented = TELLING_HEADERS.filter((name) => headers.has(name) && !response.headers?.[name]);
  if (undocumented.length > 0) throw new Error(`${where} with ${undocumented.join()}, not documented`);
  const type = headers.get("Content-Type")?.split(";")[0] ?? null;
  const content = type === null ? undefined : response.content?.[type];
  if (type === null ? response.content : !content) throw new Error(`${where} as ${type}`);
  if (!content?.schema) return;
  const difference = (await theContract()).difference(content.schema, body);
  const codes = response["x-error-codes"];
  if (codes && !codes.includes(body.error.code))
    throw new Error(`${where} with ${body.error.code}, and may only say ${codes.join(", ")}`);
  if (difference)
    throw new Error(`${where} with a body of another shape:\n${difference}\n${JSON.stringify(body)}`);
}
