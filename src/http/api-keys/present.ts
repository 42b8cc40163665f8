import type { createOwnKey } from "../../access/api-keys";
import { unwrap } from "../context";
import { ApiError } from "../errors";
import { apiKeyBody } from "../present";

/**
 * A key that was just made, with the key itself.
 * @throws ApiError when none was
 */
export function newKeyBody(made: Awaited<ReturnType<typeof createOwnKey>>, organization_id: string) {
  if (made.outcome === "refused" && (made.code === "expires_in_the_past" || made.code === "exists")) {
    const param = made.code === "expires_in_the_past" ? "expires_at" : undefined;
    throw new ApiError("unprocessable", made.message, param);
  }
  const { api_key, key } = unwrap(made, organization_id);
  return { ...apiKeyBody(api_key), key };
}
