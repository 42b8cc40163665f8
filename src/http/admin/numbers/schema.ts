import { z } from "zod";
import { instant, queryInteger } from "../../schema/amounts";
import { cursorQuery, nextCursor } from "../../schema/cursor";
import { EXAMPLE_ORGANIZATION_ID, organizationId, phoneNumber } from "../../schema/names";

/** A telephone number in the path. */
export const numberPath = z.strictObject({ e164: phoneNumber });

/** To whom a number is given. */
export const newNumber = z
  .strictObject({
    organization_id: organizationId,
    is_default: z.boolean().optional().meta({
      description:
        "Whether outbound calls of the organization come from it that name no number: the oldest is used where none is marked. Stays as it is when left out.",
    }),
  })
  .meta({
    id: "NewNumber",
    examples: [{ organization_id: EXAMPLE_ORGANIZATION_ID, is_default: true }],
  });

const owner = {
  organization_id: organizationId,
  from: instant("Since when it belongs to the organization"),
  until: instant("Until when it belonged to the organization").nullable(),
};

/** One of those that have had a number. */
export const ownerSchema = z.strictObject(owner).meta({ id: "NumberOwner" });

/** Whose a number is, since when and until when. */
export const numberSchema = z.strictObject({ number: phoneNumber, ...owner }).meta({ id: "Number" });

/** The same with those that had it before. */
export const numberWithHistorySchema = numberSchema
  .extend({
    history: z.array(ownerSchema).meta({ description: "Who has had it, the present owner first." }),
  })
  .meta({ id: "NumberWithHistory" });

/** A page of an organization's numbers. */
export const numbersSchema = z
  .strictObject({
    numbers: z.array(
      numberSchema.extend({
        is_default: z.boolean().meta({ description: "Marked as the one that outbound calls come from." }),
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({ id: "Numbers" });

/** Which part of the numbers is asked for. */
export const listQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: 1_000, default: 1_000, description: "Numbers in a page." }),
  cursor: cursorQuery,
});
