import { env } from "cloudflare:workers";
import type { Organization } from "../../../src/ledger/core/account/organization";
import type { Grant, Receipt } from "../../../src/ledger/core/calls/call";
import type {
  Authorize,
  CallAnswer,
  CallCommand,
  Renew,
  Settle,
} from "../../../src/ledger/core/calls/commands";
import { defaultRate, type Rate } from "../../../src/ledger/core/credit/rating";
import { newId } from "../../../src/units/id";

export const VOICE = defaultRate("voice");

export function rateOf(changes: Partial<Rate>): Rate {
  return { ...VOICE, ...changes };
}

/** A new organization's ledger with credit, and short ways to say what a node says. */
export async function fundedLedger(credit_micros: number, profile: Partial<Organization> = {}) {
  const organization_id = newId("org");
  const stub = () => env.LEDGER.getByName(organization_id);
  await stub().create(
    {
      organization_id,
      company_name: "Test",
      email: null,
      language: "en",
      state: "active",
      location_hint: null,
      jurisdiction: null,
      created_at_ms: Date.now(),
      ...profile,
    },
    null,
  );
  const send = async (command: CallCommand): Promise<CallAnswer> => {
    const [answer] = await stub().operate([command]);
    if (!answer) throw new Error("The ledger gave no answer.");
    return answer;
  };
  const post = (key: string, amount_micros: number) =>
    stub().post({ key, kind: "adjustment", amount_micros, reason: "credit" });
  if (credit_micros !== 0) await post("adjustment:opening", credit_micros);
  return {
    organization_id,
    stub,
    send,
    post,
    account: async () => {
      const answer = await stub().account(null, VOICE);
      if (answer.outcome !== "account") throw new Error(answer.outcome);
      return answer.account;
    },
    verify: async () => {
      const { openLedger } = await import("../../../src/ledger/client");
      return openLedger(env, { organization_id, jurisdiction: null }, 10_000).verify();
    },
    entries: async () => {
      const answer = await stub().entries(null, { before_seq: null, limit: 1_000 });
      if (answer.outcome !== "entries") throw new Error(answer.outcome);
      return answer.entries.reverse();
    },
  };
}

export type TestLedger = Awaited<ReturnType<typeof fundedLedger>>;

export function authorize(call_id: string, changes: Partial<Authorize> = {}): Authorize {
  return {
    op: "authorize",
    call_id,
    direction: "outbound",
    from: "+31201234567",
    to: "+31207654321",
    number: null,
    rate_name: "voice",
    standard_rate: VOICE,
    byok: [],
    expected_provider_micros_per_minute: 0,
    max_duration_seconds: null,
    ...changes,
  };
}

export function renew(call_id: string, request_number: number, elapsed_seconds: number): Renew {
  return { op: "renew", call_id, request_number, elapsed_seconds, provider_cost_micros: null };
}

export function settle(call_id: string, duration_ms: number, changes: Partial<Settle> = {}): Settle {
  return {
    op: "settle",
    call_id,
    duration_ms,
    end_reason: "hangup",
    answered_at_ms: null,
    ended_at_ms: null,
    provider_costs: [],
    edge_key_id: "key_test",
    unauthorized: null,
    ...changes,
  };
}

export function grantOf(answer: CallAnswer): Grant {
  if (answer.outcome !== "granted") throw new Error(`not granted: ${JSON.stringify(answer)}`);
  return answer.grant;
}

export function receiptOf(answer: CallAnswer): Receipt {
  if (answer.outcome !== "receipt") throw new Error(`no receipt: ${JSON.stringify(answer)}`);
  return answer.receipt;
}

/** What an answer comes to in one word: its outcome, the reason of a rejection or the code of a refusal. */
export function wordOf(answer: CallAnswer): string {
  if (answer.outcome === "refused") return answer.code;
  return answer.outcome === "rejected" ? answer.reason : answer.outcome;
}
