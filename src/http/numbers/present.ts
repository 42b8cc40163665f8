import type { z } from "zod";
import type { OwnNumber } from "../../ledger/core/account/own-numbers";
import { isoTime } from "../../units/duration";
import type { ownNumberSchema } from "./schema";

/** A number as its organization sees it: `id` is what calls and usage name it by. */
export function ownNumberBody(number: OwnNumber): z.input<typeof ownNumberSchema> {
  return {
    id: number.e164,
    phone_number: number.e164,
    is_active: true,
    is_default: number.is_default,
    created_at: isoTime(number.since_ms),
    updated_at: isoTime(number.updated_at_ms),
  };
}
