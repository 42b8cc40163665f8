/** One thing that a node said about a call, in the words of `/edge/operations`. */
export interface Operation {
  op: "authorize" | "renew" | "settle" | "void";
  call_id: string;
  organization_id: string;
  [field: string]: string | number;
}

/** The status and body that an operation was answered, alone or in a batch. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** A call as the node knows it: all that it has said, and the last answer. */
export interface Call {
  call_id: string;
  organization_id: string;
  authorize: Operation;
  last: Operation;
  /** Null: the last operation was sent and never answered. */
  answer: Answer | null;
  renewals: number;
  in_flight: boolean;
}

/** What the last answer has made of a call. */
export function stateOf({ last, answer }: Call): "unknown" | "live" | "rejected" | "settled" | "voided" {
  if (answer === null) return "unknown";
  if (last.op === "settle") return "settled";
  if (last.op === "void") return "voided";
  return answer.body.decision === "reject" ? "rejected" : "live";
}

/** Everything that was said and answered, kept where no kill reaches it. */
export class Journal {
  readonly calls: Call[] = [];
  /** Calls that may be spoken of next: live ones with nothing on its way. */
  private readonly idle: Call[] = [];
  acknowledged = 0;
  unknown = 0;

  begin(authorize: Operation): Call {
    const { call_id, organization_id } = authorize;
    const call = {
      call_id,
      organization_id,
      authorize,
      last: authorize,
      answer: null,
      renewals: 0,
      in_flight: true,
    };
    this.calls.push(call);
    return call;
  }

  /** A live call that nothing is being said about, at random. */
  takeIdle(): Call | undefined {
    const place = Math.floor(Math.random() * this.idle.length);
    const [call] = this.idle.splice(place, 1);
    if (call) call.in_flight = true;
    return call;
  }

  sent(call: Call, operation: Operation): void {
    call.last = operation;
    call.answer = null;
  }

  answered(call: Call, answer: Answer): void {
    if (answer.status !== 200 && answer.status !== 402)
      throw new Error(`${JSON.stringify(call.last)} was answered ${JSON.stringify(answer)}`);
    call.answer = answer;
    call.in_flight = false;
    this.acknowledged += 1;
    if (stateOf(call) === "live") this.idle.push(call);
  }

  /** The connection broke: it may have been carried out or not. */
  lost(call: Call): void {
    call.in_flight = false;
    this.unknown += 1;
  }

  /** What an organization's books must say when every operation has been answered. */
  booksOf(organization_id: string): { charged_micros: number; charges: number; resolved: number } {
    const books = { charged_micros: 0, charges: 0, resolved: 0 };
    for (const call of this.calls) {
      if (call.organization_id !== organization_id) continue;
      const state = stateOf(call);
      if (state === "unknown") throw new Error(`${call.call_id} has not been answered.`);
      if (state !== "live") books.resolved += 1;
      if (state !== "settled") continue;
      books.charges += 1;
      books.charged_micros += Number(call.answer?.body.charged_micros);
    }
    return books;
  }
}
