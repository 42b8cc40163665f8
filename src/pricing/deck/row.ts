import { z } from "zod";
import { typedText } from "../../units/text-schema";
import { increments, timestamp } from "../../units/time-schema";

/** Which calls a row is for: those that go out, by the number that is called, or those that come in, by the organization's own. */
export type Direction = "outbound" | "inbound";

/** What an answered call costs, and how its seconds are counted: a rate without its name. */
export interface Tariff {
  price_micros_per_minute: number;
  first_seconds: number;
  next_seconds: number;
  minimum_seconds: number;
  /** Left out: none. */
  connection_fee_micros?: number;
  /** Left out: none. */
  free_seconds?: number;
}

/** What a row says of a call: its price, that it costs nothing, or that it may not be made. */
export type Terms = { treatment: "rated"; tariff: Tariff } | { treatment: "free" } | { treatment: "blocked" };

/** A row of a rate deck. */
export interface DeckRow {
  direction: Direction;
  /** The first digits of the numbers it is for, as in E.164 without the plus. */
  prefix: string;
  /** The first digits of the callers it is for; none: it is for all. */
  origins: readonly string[];
  /** The destination, for people. */
  name: string;
  terms: Terms;
  /** When it ends; null: with its deck. */
  until_ms: number | null;
}

/** The most that a minute or a connection may cost: EUR 1,000, as in any rate. */
export const MAX_PRICE_MICROS = 1_000_000_000;

/** The most seconds of a minimum, and that may be free. */
const MAX_SECONDS = 3_600;

/** The most prefixes of callers that one row may name. */
const MAX_ORIGINS = 50;

/** The form of a prefix: no longer than a number of E.164, and no number of the world begins with 0. */
export const PREFIX = /^[1-9]\d{0,14}$/;

const prefix = z.string().regex(PREFIX, "Must be 1 to 15 digits with the country code, without + or 00.");
const price = z.int().min(0).max(MAX_PRICE_MICROS);
const seconds = z.int().min(0).max(MAX_SECONDS);

const statedRow = z.strictObject({
  direction: z.enum(["outbound", "inbound"]).optional().meta({
    description:
      "`outbound`, the default: by the number that is called. `inbound`: by the organization's own number.",
  }),
  prefix: prefix.meta({ description: "The first digits of the number, with the country code, without `+`." }),
  origins: z
    .array(prefix)
    .min(1)
    .max(MAX_ORIGINS)
    .refine((origins) => new Set(origins).size === origins.length, "Must not repeat a prefix.")
    .optional()
    .meta({
      description: "Only for callers whose number begins so. All callers when left out.",
      uniqueItems: true,
    }),
  name: typedText({ max: 80 }).meta({ description: "The destination, for people." }),
  price_micros_per_minute: price.optional().meta({ description: "Left out where `treatment` is given." }),
  increments: increments.optional(),
  minimum_seconds: seconds.optional().meta({ description: "0 when left out." }),
  connection_fee_micros: price.optional().meta({ description: "Charged once for an answered call." }),
  free_seconds: seconds
    .optional()
    .meta({ description: "The first seconds of each call, which cost nothing." }),
  treatment: z.enum(["free", "blocked"]).optional().meta({
    description: "Instead of a price: calls cost nothing, or are refused. Outbound only.",
  }),
  until: timestamp.optional().meta({ description: "When the row ends; left out: with its deck." }),
});

type StatedRow = z.output<typeof statedRow>;

/** What only a price may have beside it. */
const OF_A_PRICE = [
  "price_micros_per_minute",
  "increments",
  "minimum_seconds",
  "connection_fee_micros",
  "free_seconds",
] as const;

/** A row as a request or a file of JSON states it; increments are 1/1 when left out. */
export const deckRow = statedRow
  .check(({ value, issues }) => {
    const fault = faultOf(value);
    if (fault) issues.push({ code: "custom", input: value, path: [fault.field], message: fault.message });
  })
  .transform(rowOf)
  .meta({
    id: "DeckRow",
    examples: [
      {
        prefix: "3247",
        name: "Belgium, mobile",
        price_micros_per_minute: 180_000,
        increments: "60/60",
      },
    ],
  });

/** What is wrong between the fields of a row, each of which is well formed by itself. */
function faultOf(row: StatedRow): { field: string; message: string } | null {
  if (row.treatment === undefined)
    return row.price_micros_per_minute === undefined
      ? { field: "price_micros_per_minute", message: "Is required where there is no treatment." }
      : null;
  const besides = OF_A_PRICE.find((field) => row[field] !== undefined);
  if (besides) return { field: besides, message: `Must be left out of a row that is ${row.treatment}.` };
  if (row.direction === "inbound")
    return { field: "treatment", message: "Only rows for outbound calls can be free or blocked." };
  return null;
}

function rowOf(stated: StatedRow): DeckRow {
  const { direction = "outbound", prefix, origins = [], name, until = null } = stated;
  return { direction, prefix, origins, name, terms: termsOf(stated), until_ms: until };
}

function termsOf(stated: StatedRow): Terms {
  if (stated.treatment) return { treatment: stated.treatment };
  return {
    treatment: "rated",
    tariff: tariffOf({
      price_micros_per_minute: stated.price_micros_per_minute ?? 0,
      ...(stated.increments ?? { first_seconds: 1, next_seconds: 1 }),
      minimum_seconds: stated.minimum_seconds ?? 0,
      connection_fee_micros: stated.connection_fee_micros ?? 0,
      free_seconds: stated.free_seconds ?? 0,
    }),
  };
}

/** A tariff written in its one way: what may be left out is, where it is 0. */
export function tariffOf({ connection_fee_micros, free_seconds, ...others }: Required<Tariff>): Tariff {
  const tariff: Tariff = others;
  if (connection_fee_micros > 0) tariff.connection_fee_micros = connection_fee_micros;
  if (free_seconds > 0) tariff.free_seconds = free_seconds;
  return tariff;
}
