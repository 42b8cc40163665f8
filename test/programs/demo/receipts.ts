/** What the API says of a call's price; increments such as `60/60`. */
export interface Rate {
  price_micros_per_minute: number;
  increments: string;
  minimum_seconds: number;
  connection_fee_micros?: number;
  free_seconds?: number;
}

export interface Receipt {
  call_id: string;
  rate: Rate;
  duration_ms: number;
  billable_seconds: number;
  charged_micros: number;
  balance_after_micros: number;
}

/** The node's own record of a run: every receipt it was given, and what became of the other calls. */
export class Receipts {
  /** The last receipt of each call that was charged. */
  readonly charged = new Map<string, Receipt>();
  readonly differences: string[] = [];
  live = 0;
  most_live = 0;
  inbound = 0;
  outbound = 0;
  rejected = 0;
  /** How many were rejected in a row for want of credit: the credit is gone when no call gets in any more. */
  rejected_in_a_row = 0;
  unanswered = 0;
  cut_off = 0;
  late = 0;
  unannounced = 0;
  corrected = 0;
  repeated = 0;
  balance_micros: number;

  constructor(balance_micros: number) {
    this.balance_micros = balance_micros;
  }

  /** Keeps a receipt, after working out on our own what the call costs. */
  add(receipt: Receipt, due_micros: number): void {
    this.charged.set(receipt.call_id, receipt);
    this.balance_micros = receipt.balance_after_micros;
    if (receipt.charged_micros !== due_micros)
      this.differences.push(
        `call ${receipt.call_id}: charged ${receipt.charged_micros}, but its rate and duration make ${due_micros}`,
      );
  }

  get charged_micros(): number {
    return sum(this.charged.values(), ({ charged_micros }) => charged_micros);
  }

  get billable_seconds(): number {
    return sum(this.charged.values(), ({ billable_seconds }) => billable_seconds);
  }
}

/** The platform's fee by the book: begun seconds, whole increments, half up. Written apart from the Worker's own. */
export function feeMicros(duration_ms: number, rate: Rate): number {
  if (duration_ms === 0) return 0;
  const { connection_fee_micros = 0, free_seconds = 0 } = rate;
  const paid_seconds = Math.ceil(duration_ms / 1_000) - free_seconds;
  if (paid_seconds <= 0) return connection_fee_micros;
  const [first = 1, next = 1] = rate.increments.split("/").map(Number);
  const begun = Math.max(paid_seconds, rate.minimum_seconds, first);
  const seconds = first + Math.ceil((begun - first) / next) * next;
  return connection_fee_micros + Math.floor((rate.price_micros_per_minute * seconds + 30) / 60);
}

export function sum<Item>(items: Iterable<Item>, amountOf: (item: Item) => number): number {
  let total = 0;
  for (const item of items) total += amountOf(item);
  return total;
}
