export { OrganizationLedger } from "./ledger/organization-ledger";
export default { fetch: () => new Response("not yet") };
