import { ask } from "./as-operator";

let last = 0;

/** A number that nobody has had. */
export const newNumber = () => `+31202${String(++last).padStart(6, "0")}`;

/** Gives a number to an organization; undefined takes it from whoever has it. */
export const move = (admin_key: string, number: string, organization_id: string | undefined) =>
  ask(admin_key, "PUT", `/admin/numbers/${number}`, { organization_id });

/** How many numbers an organization has, as it is counted. */
export const countNumbers = async (admin_key: string, id: string) =>
  (await ask(admin_key, "GET", `/admin/organizations/${id}`)).body.active_numbers;

/** The organization that a node is told a call to that number is of. */
export const ownerByCall = async (edge_key: string, number: string, call_id: string) => {
  const parties = { direction: "inbound", number, from: "anonymous", to: number };
  return (await ask(edge_key, "POST", "/edge/calls/authorize", { call_id, ...parties })).body.organization_id;
};
