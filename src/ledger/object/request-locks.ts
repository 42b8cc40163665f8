interface Holder {
  token: string;
  until_ms: number;
}

/** The most that are remembered at once: far more than an organization's limits let in. */
const MOST_REMEMBERED = 10_000;

/**
 * Which requests are being worked on now, by the callers' own keys. In memory only: what a request comes to is kept by what
 * it makes, and a request that was cut off ends by its time.
 */
export class InFlight {
  private readonly holders = new Map<string, Holder>();

  /** Whether the request of this token has the key to itself now. Asked again with the same token, it still does. */
  begin(key: string, { token, until_ms }: Holder, now_ms: number): boolean {
    const holder = this.holders.get(key);
    if (holder && holder.token !== token && holder.until_ms > now_ms) return false;
    if (this.holders.size >= MOST_REMEMBERED) this.forgetOver(now_ms);
    this.holders.set(key, { token, until_ms });
    return true;
  }

  end(key: string, token: string): void {
    if (this.holders.get(key)?.token === token) this.holders.delete(key);
  }

  private forgetOver(now_ms: number): void {
    for (const [key, { until_ms }] of this.holders) if (until_ms <= now_ms) this.holders.delete(key);
  }
}
