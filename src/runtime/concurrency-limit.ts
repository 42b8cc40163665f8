interface Slot {
  until_ms: number;
}

/**
 * How many requests may be under way at once. One that finds no slot is to be refused at once: behind so many, its answer
 * would come too late, and the work for it would make the next ones late, too.
 */
export class ConcurrencyLimit {
  private readonly slots = new Set<Slot>();

  constructor(private readonly most: number) {}

  get isEmpty(): boolean {
    return this.slots.size === 0;
  }

  /**
   * Acquires a slot until the returned function is called; null when there is none. Work that its client has cancelled never
   * says that it is over: it has its slot until `until_ms` at most.
   */
  acquire(now_ms: number, until_ms: number): (() => void) | null {
    for (const oldest of this.slots) {
      if (oldest.until_ms > now_ms) break;
      this.slots.delete(oldest);
    }
    if (this.slots.size >= this.most) return null;
    const slot = { until_ms };
    this.slots.add(slot);
    return () => this.slots.delete(slot);
  }
}
