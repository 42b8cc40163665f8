import { log } from "../../units/log";

/**
 * The ledger's time. It is never before the time of the last write: when the machine's clock is set back, ledger time stands
 * still until the machine has caught up, so that later rows have later times.
 */
export class LedgerClock {
  /** The machine's clock as it was read last. */
  private seen_ms: number;
  private set_back_sum_ms: number;

  /**
   * @param written_ms the time of what was written last, 0 when nothing was
   * @param set_back_ms how far the machine's clock had been set back before, as far as is known
   */
  constructor(
    private written_ms: number,
    set_back_ms = 0,
  ) {
    this.seen_ms = written_ms;
    this.set_back_sum_ms = set_back_ms;
  }

  get now_ms(): number {
    return Math.max(this.machineMs(), this.written_ms);
  }

  /** How long the ledger's time will stand still; 0 as a rule. Until then a refusal for reasons of time may be wrong. */
  get behind_ms(): number {
    return Math.max(0, this.written_ms - this.machineMs());
  }

  /** How far the machine's clock has been set back in all: calls that began before may be that much longer than it shows. */
  get set_back_ms(): number {
    this.machineMs();
    return this.set_back_sum_ms;
  }

  wrote(at_ms: number): void {
    this.written_ms = Math.max(this.written_ms, at_ms);
  }

  private machineMs(): number {
    const machine_ms = Date.now();
    const back_ms = this.seen_ms - machine_ms;
    this.seen_ms = machine_ms;
    if (back_ms > 0) {
      this.set_back_sum_ms += back_ms;
      log.warn("clock_set_back", { back_ms });
    }
    return machine_ms;
  }
}
