import { adminOutOfTurn } from "./out-of-turn/admin";
import { callsOutOfTurn } from "./out-of-turn/calls";
import type { Case } from "./out-of-turn/case";
import { purchasesOutOfTurn } from "./out-of-turn/purchases";
import { webhooksOutOfTurn } from "./out-of-turn/webhooks";

/** Requests that are well formed and refused (or put off) for what was there before them. */
export const refuseOutOfTurn: Case[] = [
  ...callsOutOfTurn,
  ...adminOutOfTurn,
  ...purchasesOutOfTurn,
  ...webhooksOutOfTurn,
];
