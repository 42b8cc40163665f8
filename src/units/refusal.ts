/**
 * An expected "no": a value, never an exception. It crosses RPC between an old Worker and a new one, so what its JSON is
 * made of stays as it is. `Facts` is what a code carries besides: the receipt of `call_already_settled`, for one.
 * Of several codes it is a union with one member a code, so that answering one leaves the others.
 */
export type Refusal<Code extends string, Facts = unknown> = Code extends string
  ? {
      outcome: "refused";
      /** Which "no" it is. Each door answers every code that can reach it: `http/refusals.ts`, `dashboard/refusals.ts`. */
      code: Code;
      /** For people. Left out, the door says it in its own words. */
      message?: string;
      /** The field of the request that is wrong. */
      param?: string;
    } & Facts
  : never;

/** The refusals among an answer's forms. */
export type Refused<Answer> = Extract<Answer, { outcome: "refused" }>;

/** An answer's forms that are no refusals. */
export type Accepted<Answer> = Exclude<Answer, { outcome: "refused" }>;

/** Makes a refusal; nothing else does. `facts` is all that it has besides its code: `message`, `param` and the code's own. */
export function refuse<Code extends string>(code: Code): Refusal<Code>;
export function refuse<Code extends string, Facts extends object>(
  code: Code,
  facts: Facts,
): Refusal<Code, Facts>;
export function refuse(code: string, facts?: object): Refusal<string> {
  return { outcome: "refused", code, ...facts };
}

/** Whether an answer is a "no". */
export function isRefused<Answer extends { outcome: string }>(answer: Answer): answer is Refused<Answer> {
  return answer.outcome === "refused";
}
