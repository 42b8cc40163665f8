interface Slot {
  until_ms: number;
}

/**
 * How much may be under way at once. Whoever finds it full is to be refused at once: behind so many, an answer would come
 * too late for whoever asked, and the work for it would make the next ones late, too.
 */
export class ConcurrencyLimit {
  private readonly slots = new Set<Slot>();

  constructor(private readonly most: number) {}

  get isEmpty(): boolean {
    return this.slots.size === 0;
  }

  /**
   * Takes a place until the returned function is called; null when there is none. Work that its client has cancelled never
   * says that it is over: it has its place until `until_ms` at most.
   */
  acquire(now_ms: number, until_ms: number): (() => void) | null {
    for (const oldest of this.slots) {
      if (oldest.until_ms > now_ms) break;
      this.slots.delete(oldest);
    }
    if (this.slots.size >= this.most) return null;
    const guest = { until_ms };
    this.slots.add(guest);
    return () => this.slots.delete(guest);
  }
}
