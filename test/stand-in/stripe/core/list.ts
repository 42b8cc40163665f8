import { invalid } from "./errors.ts";

export interface ListParameters {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
  created?: number | { gt?: number; gte?: number; lt?: number; lte?: number };
}

export interface Page<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;

/** One page, newest first, of resources that are given oldest first. */
export function pageOf<T extends { id: string; created?: number }>(
  url: string,
  oldest_first: readonly T[],
  parameters: ListParameters,
): Page<T> {
  return pageInOrder(url, [...oldest_first].reverse(), parameters);
}

/** One page of resources in the order in which they are given, such as the lines of an invoice. */
export function pageInOrder<T extends { id: string; created?: number }>(
  url: string,
  items: readonly T[],
  { limit = DEFAULT_LIMIT, starting_after, ending_before, created }: ListParameters,
): Page<T> {
  if (limit < 1 || limit > MAX_LIMIT)
    throw invalid(`Invalid integer: ${limit}. The limit must be between 1 and ${MAX_LIMIT}.`, {
      param: "limit",
    });
  const matching = items.filter((item) => isWithin(item.created ?? 0, created));
  const after = starting_after ? positionOf(matching, starting_after, "starting_after") + 1 : 0;
  const before = ending_before ? positionOf(matching, ending_before, "ending_before") : matching.length;
  const rest = matching.slice(after, before);
  const data = ending_before ? rest.slice(-limit) : rest.slice(0, limit);
  return { object: "list", data, has_more: rest.length > data.length, url };
}

function positionOf(items: readonly { id: string }[], id: string, param: string): number {
  const position = items.findIndex((item) => item.id === id);
  if (position < 0) throw invalid(`No such object: '${id}'`, { code: "resource_missing", param });
  return position;
}

function isWithin(seconds: number, range: ListParameters["created"]): boolean {
  if (range === undefined) return true;
  if (typeof range === "number") return seconds === range;
  const { gt = -1, gte = 0, lt = Number.POSITIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = range;
  return seconds > gt && seconds >= gte && seconds < lt && seconds <= lte;
}
