import { type OrganizationHandle, openOrganization } from "../../organizations/open-organization";
import type { AppContext } from "../context";
import { ADMIN_ERRORS, ApiError, type ErrorCode } from "../errors";

/** What every admin route may answer that is about one organization. */
export const OF_AN_ORGANIZATION = [
  "invalid_request",
  "not_found",
  ...ADMIN_ERRORS,
] as const satisfies readonly ErrorCode[];

/** What the description of every admin route begins with. */
export function about(operationId: string, summary: string) {
  return { operationId, summary, tags: ["Admin"], security: [{ adminKey: [] }] };
}

/**
 * An organization that the request names.
 * @throws ApiError when there is none
 */
export async function requireOrganization(
  c: AppContext,
  organization_id: string,
  param?: string,
): Promise<OrganizationHandle> {
  const organization = await openOrganization(c.env, organization_id);
  if (!organization) throw new ApiError("not_found", "There is no such organization.", param);
  return organization;
}
