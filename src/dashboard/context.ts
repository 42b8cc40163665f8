import type { Context } from "hono";
import type { PortalSession, Role } from "../access/portal-sessions";
import type { Bindings, Settings } from "../env";
import type { LedgerHandle } from "../ledger/client";
import type { Account } from "../ledger/core/account/account";
import { type Actor, originOf, personIn } from "../organizations/actor";
import type { Format } from "./format/format";

/** What travels with a page's request. What is below `format` is set once somebody is signed in. */
interface PageVariables {
  request_id: string;
  settings: Settings;
  format: Format;
  /** What the cookie says, when it is one of ours; null without. Set before anything is looked up. */
  session_secret: string | null;
  session: PortalSession;
  ledger: LedgerHandle;
  account: Account;
}

export interface PageEnv {
  Bindings: Bindings;
  Variables: PageVariables;
}

export type PageContext = Context<PageEnv>;

/** What a role is needed for: `set` is buying and setting, `own` is keys and endpoints. */
export type Permission = "set" | "own";

/** Whether somebody in this role may do it. */
export function may(role: Role, permission: Permission): boolean {
  return role === "owner" || (role === "billing" && permission === "set");
}

/** Who asks for a change: the person who is signed in. */
export function actorOf(c: PageContext): Actor {
  return personIn(c.var.session, originOf(c.req.raw, c.var.request_id));
}

/** Who gets the file that is answered; null of HEAD, whose answer has none. */
export function readerOf(c: PageContext): Actor | null {
  return c.req.method === "HEAD" ? null : actorOf(c);
}

/** The organization whose people are signed in, with its ledger. */
export function ownOrganization(c: PageContext) {
  return { organization_id: c.var.session.organization_id, ledger: c.var.ledger };
}
