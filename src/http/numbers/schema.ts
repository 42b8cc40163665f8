import { z } from "zod";
import { instant, queryInteger } from "../schema/amounts";
import { cursorQuery, nextCursor } from "../schema/cursor";
import { phoneNumber } from "../schema/names";

/** A telephone number as its organization sees it. */
export const ownNumberSchema = z
  .strictObject({
    id: z.string().meta({
      description: "The number's id, as in `number_id` elsewhere: the number itself.",
      examples: ["+31201234567"],
    }),
    phone_number: phoneNumber,
    is_active: z.literal(true).meta({ description: "Calls to it reach the organization." }),
    is_default: z.boolean().meta({ description: "Whether outbound calls come from it that name no number." }),
    created_at: instant("Since when it is the organization's"),
    updated_at: instant("When that or its mark last changed"),
  })
  .meta({ id: "OwnNumber" });

/** A page of an organization's numbers. */
export const ownNumbersSchema = z
  .strictObject({ numbers: z.array(ownNumberSchema), next_cursor: nextCursor })
  .meta({ id: "OwnNumbers" });

/** Which part of the numbers is asked for. */
export const ownNumbersQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Numbers in a page." }),
  cursor: cursorQuery,
});
