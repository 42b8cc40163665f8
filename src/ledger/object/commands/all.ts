import type { Components } from "../components";
import type { LedgerEngine } from "../engine";
import { AccountCommands } from "./account";
import { TopUpCommands } from "./auto-top-up";
import { CallCommands } from "./calls";
import { Checks } from "./checks";
import { CreditCommands } from "./credit";
import { EventCommands } from "./events";

/** What can be asked of a ledger that was created, by noun. */
export interface Commands {
  calls: CallCommands;
  credit: CreditCommands;
  account: AccountCommands;
  events: EventCommands;
  top_up: TopUpCommands;
  checks: Checks;
}

/** The commands of an object that was opened. */
export function commandsOf(engine: LedgerEngine, open: Components): Commands {
  const events = new EventCommands(engine, open);
  const top_up = new TopUpCommands(engine, open, events);
  const account = new AccountCommands(engine, open, top_up);
  const calls = new CallCommands(engine, open);
  const credit = new CreditCommands(engine, open);
  return { calls, credit, account, events, top_up, checks: new Checks(engine, open, account) };
}
