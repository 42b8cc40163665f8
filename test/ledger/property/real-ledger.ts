import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { Account } from "../../../src/ledger/core/account/account";
import type { LiveCall } from "../../../src/ledger/core/calls/call";
import type { Entry } from "../../../src/ledger/core/credit/entry";
import type { OrganizationLedger } from "../../../src/ledger/object/organization-ledger";
import { fundedLedger, type TestLedger, VOICE } from "../../support/ledger/ledger";
import type { Delivery } from "./steps";

/** What the ledger says of the present: its account, its live calls, and the entries after the last one seen. */
export interface Sight {
  account: Account;
  live: LiveCall[];
  entries: Entry[];
}

export type Sender = Pick<OrganizationLedger, "operate" | "post">;

interface Host {
  instance: OrganizationLedger;
  state: DurableObjectState;
}

/** The real ledger in its real object, with the accidents that may happen to what is sent to it. */
export class Subject {
  private host: Host | undefined;

  private constructor(private readonly ledger: TestLedger) {}

  static async open(): Promise<Subject> {
    return new Subject(await fundedLedger(0));
  }

  get stub() {
    return this.ledger.stub();
  }

  verify() {
    return this.ledger.verify();
  }

  /** Stays inside the object while `work` runs, so that direct calls need no way there and back each. */
  visit<Result>(work: () => Promise<Result>): Promise<Result> {
    return runInDurableObject(this.stub, async (instance: OrganizationLedger, state) => {
      this.host = { instance, state };
      try {
        return await work();
      } finally {
        this.host = undefined;
      }
    });
  }

  private inside<Result>(work: (host: Host) => Result | Promise<Result>): Promise<Result> {
    const { host } = this;
    if (host) return Promise.resolve(work(host));
    return runInDurableObject(this.stub, (instance: OrganizationLedger, state) => work({ instance, state }));
  }

  /** Sends something and lets happen to it what the delivery says; answers null when the answer was lost for good. */
  async send<Answer>(
    delivery: Delivery,
    request: (ledger: Sender) => Answer | Promise<Answer>,
  ): Promise<Answer | null> {
    if (delivery === "inside") return this.inside(({ instance }) => request(instance));
    if (delivery === "plain" || delivery === "lost") return request(this.stub as unknown as Sender);
    const sent = this.inside(async ({ instance, state }) => {
      await request(instance);
      if (delivery === "committed") await state.storage.sync();
      if (delivery !== "aborted") state.abort("the object is reset between commit and answer");
    });
    const lost = sent.then(
      () => null,
      () => null,
    );
    if (delivery === "aborted") await abortAllDurableObjects();
    return lost;
  }

  /** What is to be seen now, with the entries after the `seen` first ones. */
  look(seen: number): Promise<Sight> {
    return this.inside(async ({ instance }) => {
      const account = await instance.account(null, VOICE);
      const calls = await instance.calls(null);
      if (account.outcome !== "account" || calls.outcome !== "calls")
        throw new Error("The ledger is not open.");
      const entries = await entriesAfter(instance, seen);
      return { account: account.account, live: calls.live, entries };
    });
  }

  /** What the object's memory says that its rows do not, null when they agree. */
  memoryDifference(): Promise<string | null> {
    return this.inside(async ({ instance }) => {
      const compared = await instance.memoryDifference();
      if (compared.outcome !== "compared") throw new Error("The ledger is not open.");
      return compared.difference && `memory: ${compared.difference}`;
    });
  }

  alarmTime(): Promise<number | null> {
    return this.inside(({ state }) => state.storage.getAlarm());
  }

  /** Does what the platform does when an alarm is due, and answers what it had been set for. */
  ring(): Promise<number> {
    return this.inside(async ({ instance, state }) => {
      const scheduledTime = (await state.storage.getAlarm()) ?? Date.now();
      await state.storage.deleteAlarm();
      await instance.alarm({ scheduledTime, isRetry: false, retryCount: 0 });
      return scheduledTime;
    });
  }

  evict(): Promise<void> {
    return evictDurableObject(this.stub);
  }
}

async function entriesAfter(instance: OrganizationLedger, seen: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let before_seq: number | null = null;
  do {
    const page = await instance.entries(null, { before_seq, limit: before_seq === null ? 8 : 500 });
    if (page.outcome !== "entries") throw new Error(page.code);
    entries.push(...page.entries.filter((entry) => entry.seq > seen));
    before_seq = page.next_before_seq;
  } while (before_seq !== null && before_seq > seen + 1);
  return entries.reverse();
}
