import { z } from "zod";
import { isTooDeep } from "../../units/canonical-json";
import { maxDurationSeconds } from "../schema/amounts";
import { callId } from "../schema/names";

/** Whom to call: what it is depends on where it is dialled, so that it is read where that is known. */
const destination = z
  .string()
  .min(1)
  .max(300)
  .meta({
    description:
      "Whom to call: a telephone number, best in E.164 form and else as it is dialled where you are, no emergency service and no short code; or a SIP address at a host that this deployment allows.",
    examples: ["+31207654321"],
  });

const numberId = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u, "Must be 1 to 128 printable characters.")
  .meta({
    description: "The number to call from: an `id` of `GET /numbers`. The default number when left out.",
    examples: ["+31201234567"],
  });

const from = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u, "Must be one of your numbers, such as +31201234567, or anonymous.")
  .meta({
    description: "The same as `number_id`, or `anonymous` to withhold the number.",
    examples: ["+31201234567"],
  });

/** What an assistant is made of is for the dialer to read; here only how long it may talk. */
const assistant = z
  .looseObject({ max_duration_seconds: z.int().min(1).nullish() })
  .refine((parts) => !isTooDeep(parts), "Is nested too deep.");

const handedOn =
  "Handed to the dialer unread, but for its `max_duration_seconds`: that caps what is granted.";

/** A call as a customer asks for it; nothing of it sets a price. */
export const statedOutboundCall = z
  .strictObject({
    destination: destination.optional(),
    to: destination.optional().meta({ description: "The same as `destination`." }),
    number_id: numberId.optional(),
    from: from.optional(),
    assistant_id: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: "Handed to the dialer unread.", examples: ["asst_7Qb2"] }),
    assistant: assistant.optional().meta({ description: handedOn }),
    assistant_override: assistant.optional().meta({ description: handedOn }),
    first_message: z
      .string()
      .max(10_000)
      .optional()
      .meta({
        description: "Handed to the dialer unread.",
        examples: ["Good morning, this is Example Voice."],
      }),
    max_duration_seconds: maxDurationSeconds.optional(),
  })
  .check(({ value, issues }) => {
    const { destination, to, number_id, from } = value;
    const issue = (name: string, message: string) =>
      issues.push({ code: "custom", input: value, path: [name], message });
    if (destination === undefined && to === undefined) issue("destination", "Say whom to call.");
    if (destination !== undefined && to !== undefined && to !== destination)
      issue("to", "Must not differ from destination.");
    if (number_id !== undefined && from !== undefined && from !== number_id)
      issue("from", "Must not differ from number_id.");
  })
  .meta({
    id: "NewOutboundCall",
    examples: [{ destination: "+31207654321", assistant_id: "asst_7Qb2", first_message: "Good morning." }],
  });

/** The call is being placed. */
export const outboundCallSchema = z
  .strictObject({ success: z.literal(true), call_id: callId, status: z.literal("dialing") })
  .meta({ id: "OutboundCall" });

/** What the dialer is handed. */
export const dialerCallSchema = z.strictObject({
  call_id: z.string().meta({ description: "The node authorizes the call under this id." }),
  organization_id: z.string(),
  from: z.string().meta({ description: "The number to show, or `anonymous`." }),
  to: z.string().meta({ description: "The number or SIP address to dial." }),
  granted_seconds: z.int().meta({
    description: "What is held now. The node's authorize answers what holds at its own terms.",
  }),
  max_duration_seconds: z.int().optional(),
  assistant_id: z.string().optional(),
  assistant: z.looseObject({}).optional(),
  assistant_override: z.looseObject({}).optional(),
  first_message: z.string().optional(),
});
