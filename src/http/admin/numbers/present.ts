import type { z } from "zod";
import type { NumberRow } from "../../../storage/accounts/numbers";
import { isoTime, isoTimeOrNull } from "../../../units/duration";
import type { numberSchema, ownerSchema } from "./schema";

/** Whose a number is and since when, as the API shows it. */
export function numberBody(row: NumberRow): z.input<typeof numberSchema> {
  return { number: row.e164, ...ownerBody(row) };
}

/** One of the organizations that have had a number, from when to when. */
export function ownerBody(row: NumberRow): z.input<typeof ownerSchema> {
  return {
    organization_id: row.organization_id,
    from: isoTime(row.from_ms),
    until: isoTimeOrNull(row.until_ms),
  };
}
