interface Lock {
  token: string;
  until_ms: number;
}

/** The most that are remembered at once: far more than an organization's limits let in. */
const MAX_LOCKS = 10_000;

/**
 * Which requests are being worked on now, by the callers' own keys. In memory only: what a request comes to is kept by what
 * it makes, and a request that was cut off ends by its time.
 */
export class RequestLocks {
  private readonly locks = new Map<string, Lock>();

  /** Whether the request of this token has the key to itself now. Asked again with the same token, it still does. */
  acquire(key: string, { token, until_ms }: Lock, now_ms: number): boolean {
    const holder = this.locks.get(key);
    if (holder && holder.token !== token && holder.until_ms > now_ms) return false;
    if (this.locks.size >= MAX_LOCKS) this.dropExpired(now_ms);
    this.locks.set(key, { token, until_ms });
    return true;
  }

  release(key: string, token: string): void {
    if (this.locks.get(key)?.token === token) this.locks.delete(key);
  }

  private dropExpired(now_ms: number): void {
    for (const [key, { until_ms }] of this.locks) if (until_ms <= now_ms) this.locks.delete(key);
  }
}
