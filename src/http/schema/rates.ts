import { z } from "zod";
import { costMicros, integer, moneyMicros } from "./amounts";
import { rateName } from "./names";

export const EXAMPLE_RATE = {
  name: "voice",
  price_micros_per_minute: 70_000,
  increments: "1/1",
  minimum_seconds: 0,
};

/** Services that run on the customer's own provider keys. */
export const ownKeys = z
  .array(z.enum(["stt", "llm", "tts"]))
  .max(3)
  .refine((services) => new Set(services).size === services.length, "Must not repeat a service.")
  .meta({
    id: "OwnKeys",
    description: "The parts of the call that run on the customer's own provider keys.",
    uniqueItems: true,
    examples: [["stt", "llm"]],
  });

const providerService = z.enum(["stt", "llm", "tts", "telephony", "other"]);

/** What providers asked for a call, as reported, in micro-euros. */
export const providerCosts = z
  .array(z.strictObject({ service: providerService, cost_micros: costMicros }))
  .max(20)
  .meta({
    id: "ProviderCosts",
    description:
      "What providers asked for their parts of the call. Left out: what was reported before stands; empty: there were none.",
    examples: [[{ service: "llm", cost_micros: 12_000 }]],
  });

/** The price of a call, in micro-euros a minute. */
export const rateSchema = z
  .strictObject({
    name: rateName,
    price_micros_per_minute: moneyMicros("Price of a minute"),
    increments: z
      .string()
      .meta({ description: "First/following seconds charged as a whole.", examples: ["1/1"] }),
    minimum_seconds: integer("The fewest seconds that an answered call is charged for"),
    connection_fee_micros: moneyMicros("Charged once for an answered call; left out: none").optional(),
    free_seconds: integer("The first seconds of each call, which cost nothing; left out: none").optional(),
    destination: z
      .strictObject({ deck: z.string(), prefix: z.string(), name: z.string() })
      .optional()
      .meta({ description: "The row of the rate deck that the price is of; left out where it is of none." }),
  })
  .meta({
    id: "Rate",
    description: "The price of a call, fixed when it is authorized.",
    examples: [EXAMPLE_RATE],
  });

/** What a provider asked for a call, in micro-euros. */
export const providerCostSchema = z
  .strictObject({
    service: providerService,
    cost_micros: moneyMicros("What the provider asked"),
    own_key: z.boolean().meta({ description: "Ran on the customer's own key: shown, never charged." }),
  })
  .meta({ id: "ProviderCost", examples: [{ service: "llm", cost_micros: 12_000, own_key: true }] });
