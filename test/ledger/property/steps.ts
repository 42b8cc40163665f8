import type { OrganizationState } from "../../../src/ledger/core/account/organization";
import type { Authorize, CallCommand } from "../../../src/ledger/core/calls/commands";
import type { Post } from "../../../src/ledger/core/credit/commands";
import type { DatedRate } from "../../../src/ledger/core/credit/rating";
import { Random } from "../../support/random";
import type { ModelLedger } from "../model/model";
import * as make from "./random-commands";
import { mutated, secondReport } from "./random-repeats";
import { creditMicros, ownRate, type Plan, planFor, waitMs } from "./seed-plan";

/**
 * How commands reach the ledger:
 * `plain`: once; `inside`: the same by a direct call, which is quicker;
 * `lost`: the answer is dropped and all is sent again; `apart`: each in its own request, none awaited;
 * `aborted`: every object is reset at about the same time; `reset`: the object is reset before the commit is durable;
 * `committed`: it is reset after that, before the answer. After the last three the commands are sent again.
 */
export type Delivery = "plain" | "inside" | "lost" | "apart" | "aborted" | "reset" | "committed";

/** One thing that happens. Steps are plain data: a list of them is a run that can be played again, whole or in part. */
export type Step =
  | { do: "operate"; commands: CallCommand[]; delivery: Delivery }
  | { do: "post"; post: Post; delivery: Delivery }
  | { do: "pass"; ms: number }
  | { do: "alarm"; late_ms: number | null; times: number }
  | { do: "state"; state: OrganizationState }
  | { do: "rate"; rate: DatedRate }
  | { do: "evict" }
  | { do: "flood"; prefix: string; count: number; edge_key_id: string }
  | { do: "verify" };

const KINDS = {
  authorize: 15,
  place: 4,
  takeOver: 4,
  answered: 5,
  renew: 28,
  settle: 14,
  outage: 4,
  void: 4,
  correct: 5,
  repeat: 12,
  mutate: 4,
  again: 4,
} as const;

/** Makes the steps of one seed, looking at the model so that most of them are to the point. */
export class Walk {
  private readonly random: Random;
  private readonly plan: Plan;
  private readonly said: CallCommand[] = [];
  private readonly posts: Post[] = [];
  private serial = 0;

  constructor(
    seed: number,
    private readonly model: ModelLedger,
  ) {
    this.random = new Random(seed);
    this.plan = planFor(seed, this.random);
  }

  /** What every run begins with: the organization's own rates and its first credit. */
  opening(): Step[] {
    const post = this.newPost(creditMicros(this.random, this.plan, 0));
    return [
      ...this.plan.own_rates.map((rate): Step => ({ do: "rate", rate })),
      { do: "post", post, delivery: "plain" },
    ];
  }

  next(now_ms: number): Step {
    const { random } = this;
    const kind = random.weighted({
      operate: 58,
      batch: 5,
      pass: 22,
      alarm: 5,
      post: 4,
      evict: 1.5,
      rest: 3,
    });
    switch (kind) {
      case "operate":
        return { do: "operate", commands: [this.command(now_ms)], delivery: this.delivery() };
      case "batch":
        return this.batch(now_ms);
      case "pass":
        return { do: "pass", ms: waitMs(random, this.plan) };
      case "alarm":
        return {
          do: "alarm",
          late_ms: random.pick([0, 0, 0, 1_000, 30_000, 30_001, 600_000, null]),
          times: random.chance(0.2) ? 2 : 1,
        };
      case "post":
        return { do: "post", post: this.post(), delivery: this.delivery() };
      case "evict":
        return { do: "evict" };
      default:
        return this.rest(now_ms);
    }
  }

  private rest(now_ms: number): Step {
    const { random } = this;
    if (this.model.state !== "active" && random.chance(0.7)) return { do: "state", state: "active" };
    if (random.chance(0.3)) return { do: "state", state: random.pick(["suspended", "closed", "active"]) };
    if (random.chance(0.3)) return { do: "rate", rate: ownRate(random, this.plan, now_ms) };
    if (this.plan.floods && random.chance(0.4))
      return {
        do: "flood",
        prefix: `flood-${++this.serial}`,
        count: 1_005,
        edge_key_id: "key_1",
      };
    return { do: "verify" };
  }

  private delivery(): Delivery {
    return this.random.weighted({ plain: 12, inside: 79, lost: 6, aborted: 1, reset: 1, committed: 1 });
  }

  /** Several commands in one request, as a node sends them that has many calls or comes back from an outage. */
  private batch(now_ms: number): Step {
    const { random } = this;
    const size = random.chance(0.05) ? 60 : random.between(2, 10);
    const commands: CallCommand[] = [];
    for (let at = 0; at < size; at++) commands.push(this.command(now_ms));
    if (random.chance(0.2) && commands[0]) commands.push(commands[0]);
    return { do: "operate", commands, delivery: random.pick(["inside", "plain", "lost", "apart"]) };
  }

  private command(now_ms: number): CallCommand {
    const command = this.draw(now_ms);
    this.said.push(command);
    if (this.said.length > 300) this.said.shift();
    return command;
  }

  private draw(now_ms: number): CallCommand {
    const { random, model, plan } = this;
    const crowded = model.live.length >= plan.crowd;
    const kind = random.weighted({ ...KINDS, authorize: crowded ? 1 : KINDS.authorize });
    const call = this.someCall(kind === "correct" ? 0.1 : kind === "settle" ? 0.7 : 0.9);
    if (kind === "authorize") return make.authorize(random, plan, `call-${++this.serial}`);
    if (kind === "place") return make.place(random, plan, `call-${++this.serial}`);
    const placed = kind === "takeOver" ? this.lastPlaced() : undefined;
    if (placed)
      return random.chance(0.8)
        ? make.takeOver(random, plan, placed)
        : make.placedReport(random, plan, placed, now_ms);
    if (kind === "outage") return make.outage(random, plan, `call-${++this.serial}`, now_ms);
    const settled = this.said.filter((command) => command.op === "settle");
    if (kind === "again" && settled.length > 0) return secondReport(random, random.pick(settled));
    if (kind === "repeat" && this.said.length > 0) return random.pick(this.said);
    if (kind === "mutate" && this.said.length > 0) return mutated(random, random.pick(this.said));
    if (!call) return make.authorize(random, plan, `call-${++this.serial}`);
    if (kind === "answered") return make.answered(random, call, now_ms);
    if (kind === "settle") return make.settle(random, call, now_ms);
    if (kind === "void") return make.voided(random, call);
    if (kind === "correct") return make.correct(random, call, `correction-${++this.serial}`, now_ms);
    return make.renew(random, call, now_ms);
  }

  /** What a customer asked for lately. */
  private lastPlaced(): Authorize | undefined {
    return this.said.findLast((said) => said.op === "authorize" && said.placed !== undefined) as
      | Authorize
      | undefined;
  }

  /** A known call: a live one in the given share of cases, else any. Now and then one that nobody knows. */
  private someCall(live_share: number): make.CallHint | undefined {
    const { random, model } = this;
    if (random.chance(0.01)) return { ...make.NOBODY, call_id: `nobody-${++this.serial}` };
    const live = model.live;
    if (live.length > 0 && random.chance(live_share)) return random.pick(live);
    const recent = [...model.calls.values()].slice(-40);
    return recent.length > 0 ? random.pick(recent) : undefined;
  }

  private post(): Post {
    const { random, plan } = this;
    if (this.posts.length > 0 && random.chance(0.25)) {
      const earlier = random.pick(this.posts);
      return random.chance(0.5) ? earlier : { ...earlier, amount_micros: earlier.amount_micros + 1 };
    }
    return this.newPost(creditMicros(random, plan, this.model.spendable_micros));
  }

  private newPost(amount_micros: number): Post {
    const kind = amount_micros > 0 && this.random.chance(0.3) ? "promotion" : "adjustment";
    const post: Post = { key: `adjustment:${++this.serial}`, kind, amount_micros, reason: "credit" };
    this.posts.push(post);
    return post;
  }
}
