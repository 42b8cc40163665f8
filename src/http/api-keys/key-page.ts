import { z } from "zod";
import type { ApiKey } from "../../ledger/core/account/api-keys";
import { apiKeySchema } from "../account/schema";
import { apiKeyBody } from "../present";
import { queryInteger } from "../schema/amounts";
import { keyId } from "../schema/names";

const MOST = 1_000;

/** Which part of an organization's keys is asked for. */
export const keyPageQuery = z.strictObject({
  limit: queryInteger({ min: 1, max: MOST, default: MOST, description: "Keys in a page." }),
  cursor: keyId.optional(),
});

export const keyPageSchema = z
  .strictObject({
    api_keys: z.array(apiKeySchema),
    next_cursor: z.string().nullable().meta({ description: "For the next page, null on the last one." }),
  })
  .meta({ id: "ApiKeys" });

/** The keys that follow `cursor`, of all of an organization in the order of their ids, which is that of their making. */
export function keyPageBody(
  keys: readonly ApiKey[],
  { limit = MOST, cursor = "" }: z.output<typeof keyPageQuery>,
): z.input<typeof keyPageSchema> {
  const rest = keys.filter(({ key_id }) => key_id > cursor);
  const api_keys = rest.slice(0, limit).map(apiKeyBody);
  return { api_keys, next_cursor: rest.length > limit ? (api_keys.at(-1)?.id ?? null) : null };
}
