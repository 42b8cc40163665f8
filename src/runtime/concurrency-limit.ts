interface Guest {
  until_ms: number;
}

/**
 * How much may be under way at once. Whoever finds it full is to be refused at once: behind so many, an answer would come
 * too late for whoever asked, and the work for it would make the next ones late, too.
 */
export class Room {
  private readonly guests = new Set<Guest>();

  constructor(private readonly most: number) {}

  get isEmpty(): boolean {
    return this.guests.size === 0;
  }

  /**
   * Takes a place until the returned function is called; null when there is none. Work that its client has cancelled never
   * says that it is over: it has its place until `until_ms` at most.
   */
  enter(now_ms: number, until_ms: number): (() => void) | null {
    for (const oldest of this.guests) {
      if (oldest.until_ms > now_ms) break;
      this.guests.delete(oldest);
    }
    if (this.guests.size >= this.most) return null;
    const guest = { until_ms };
    this.guests.add(guest);
    return () => this.guests.delete(guest);
  }
}
