import { z } from "zod";

/** Rating increments, such as `60/60`, as seconds. */
export const increments = z
  .string()
  .regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/, 'Must be first/following seconds, such as "60/60".')
  .transform((text, context) => {
    const [first_seconds = 0, next_seconds = 0] = text.split("/").map(Number);
    if (first_seconds > 3_600 || next_seconds > 3_600)
      context.addIssue({ code: "custom", message: "Each increment must be 1 to 3600 seconds." });
    return { first_seconds, next_seconds };
  })
  .meta({
    description: "First/following seconds that are charged as a whole, 1 to 3600.",
    examples: ["60/60"],
  });

/** An instant with its offset, as milliseconds since 1970. */
export const timestamp = z.iso
  .datetime({ offset: true, message: "Must be an ISO 8601 date and time with its offset or Z." })
  .transform((text, context) => {
    const at_ms = Date.parse(text);
    if (Number.isNaN(at_ms)) context.addIssue({ code: "custom", message: "There is no such date and time." });
    return at_ms;
  })
  .meta({
    id: "Timestamp",
    description: "ISO 8601 date and time with its offset or Z.",
    examples: ["2026-11-23T09:41:00.000Z"],
  });
