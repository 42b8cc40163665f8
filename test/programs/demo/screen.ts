import type { Comparison } from "./compare.ts";
import type { Receipts } from "./receipts.ts";

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 2_000;

/** One line that is redrawn in place on a terminal, and written again every two seconds elsewhere. */
export class ProgressLine {
  private drawn_at_ms = Date.now();

  draw(receipts: Receipts): void {
    const { isTTY } = process.stdout;
    const now_ms = Date.now();
    if (now_ms - this.drawn_at_ms < (isTTY ? REDRAW_MS : PLAIN_LINE_MS)) return;
    this.drawn_at_ms = now_ms;
    const { inbound, outbound, live, rejected, billable_seconds, balance_micros } = receipts;
    const line = [
      `${inbound + outbound} calls`,
      `${live} live`,
      `${Math.floor(billable_seconds / 60)} minutes`,
      `${rejected} rejected`,
      `${euros(balance_micros)} left`,
    ].join("  ");
    process.stdout.write(isTTY ? `\r\x1b[2K  ${line}` : `  ${line}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[2K");
  }
}

/** What was played, what it cost, and whether the books agree. */
export function report(receipts: Receipts, comparison: Comparison, took_ms: number): string {
  const { receipts_micros, usage_micros, ledger_micros, balance_micros, differences } = comparison;
  const { inbound, outbound, charged, most_live } = receipts;
  const seconds = (took_ms / 1_000).toFixed(1);
  const verdict =
    differences.length === 0
      ? "  ✓ All three agree to the micro, and the ledger has verified itself."
      : ["  ✗ The books differ:", ...differences.map((difference) => `    - ${difference}`)].join("\n");
  return `
  Calls     ${inbound + outbound} in ${seconds} s (${inbound} inbound, ${outbound} outbound), up to ${most_live} at once
  Talked    ${charged.size} calls, ${(receipts.billable_seconds / 60).toFixed(1)} minutes
  Refused   ${receipts.rejected} for want of credit, ${receipts.cut_off} ended where their credit ended
  Besides   ${receipts.unanswered} not answered, ${receipts.late} reported late, ${receipts.unannounced} through an outage, ${receipts.corrected} corrected
  Repeats   ${receipts.repeated} requests sent twice

  Receipts  ${exactEuros(receipts_micros)}
  Usage     ${exactEuros(usage_micros)}
  Ledger    ${exactEuros(ledger_micros)}
  Balance   ${exactEuros(balance_micros)}

${verdict}
`;
}

export function euros(micros: number): string {
  return `EUR ${(micros / 1e6).toFixed(2)}`;
}

/** All six decimals, so that a difference of one micro shows. */
function exactEuros(micros: number): string {
  return `EUR ${(micros / 1e6).toFixed(6).padStart(11)}`;
}
