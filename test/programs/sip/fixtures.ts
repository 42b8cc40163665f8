import type { EdgeNode } from "./edge-node.ts";
import type { Message } from "./messages.ts";
import type { Organization, Server } from "./organizations.ts";

/** Everything that a promise is kept with. Each has an organization of its own, known by its address. */
export interface World {
  /** Where the Worker is: the same after it was started again. */
  server: Server;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  node: EdgeNode;
  /** The address from which inbound calls come. */
  carrier: string;
  funded: Organization;
  broke: Organization;
  brokeNumber: string;
  scarce: Organization;
  ringing: Organization;
  cutOff: Organization;
  attacked: Organization;
}

/** The final answers that a caller saw. */
export const finalAnswers = (messages: Message[]) => messages.filter((message) => message.status >= 200);

/** What the ledger has charged for calls, one by one. */
export async function chargesOf(organization: Organization): Promise<number[]> {
  const entries = await organization.entries();
  return entries
    .filter(({ kind }) => kind === "call" || kind === "correction")
    .map(({ amount_micros }) => -amount_micros);
}
