import type { z } from "zod";
import type { Account } from "../../ledger/core/account/account";
import { runwayMinutes } from "../../ledger/core/credit/credit-left";
import { isoTime, MINUTE_MS, secondsToMinutes } from "../../units/duration";
import { CURRENCY, minutesOf } from "../../units/money";
import type { accountSchema, balanceSchema } from "./schema";

function runwayBody(account: Account): z.input<typeof accountSchema>["runway"] {
  const { burn_micros_per_minute } = account;
  const minutes = runwayMinutes(account);
  if (minutes === null) return null;
  return {
    minutes,
    runs_out_at: isoTime(Date.now() + Math.round(minutes * MINUTE_MS)),
    burn_micros_per_minute,
  };
}

/** The balance in micro-euros, as the API shows it. */
function balanceBody(account: Account): z.input<typeof balanceSchema> {
  const { posted_micros, held_micros, spendable_micros, remaining_micros } = account;
  return { currency: CURRENCY, posted_micros, held_micros, spendable_micros, remaining_micros };
}

/** An organization as its own people and operators see it. */
export function accountBody(account: Account): z.input<typeof accountSchema> {
  const { price_micros_per_minute } = account.voice_rate;
  const minutes_balance = minutesOf(account.remaining_micros, price_micros_per_minute);
  return {
    id: account.organization_id,
    company_name: account.company_name,
    name: account.company_name,
    ...(account.email !== null && { email: account.email }),
    plan: "prepaid",
    state: account.state,
    runway: runwayBody(account),
    minutes_balance,
    credits_balance: minutes_balance,
    monthly_usage_minutes: secondsToMinutes(account.month_seconds),
    active_calls: account.active_calls,
    active_numbers: account.active_numbers,
    balance: balanceBody(account),
    created_at: isoTime(account.created_at_ms),
  };
}
