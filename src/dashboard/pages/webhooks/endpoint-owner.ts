import type { EndpointOwner } from "../../../notifications/endpoint-owner";
import type { PageContext } from "../../context";

/** Whose webhook endpoints the page is about. */
export function endpointOwnerOf(c: PageContext): EndpointOwner {
  const { account, ledger, session } = c.var;
  return {
    owner: { organization_id: session.organization_id, jurisdiction: account.jurisdiction },
    ledger,
    own_host: new URL(c.req.url).hostname,
  };
}
