import type { Child } from "hono/jsx";
import type { Format } from "../format/format";

/** A figure with its name, as one of several in `<Figures>`. */
export function Figure({
  name,
  value,
  note,
  is_main = false,
}: {
  name: string;
  value: Child;
  note?: Child;
  is_main?: boolean;
}) {
  return (
    <div class={is_main ? "figure main" : "figure"}>
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        {note ? <span class="note">{note}</span> : null}
      </dd>
    </div>
  );
}

/** Figures side by side. */
export function Figures({ children }: { children?: Child }) {
  return <dl class="figures">{children}</dl>;
}

export type PillKind = "good" | "bad" | "wait" | "plain";

/** A state in a word. */
export function Pill({ kind, text }: { kind: PillKind; text: string }) {
  return <span class={`pill ${kind}`}>{text}</span>;
}

/** A change of the balance, to the micro; what came in with its sign. */
export function Amount({ micros, format }: { micros: number; format: Format }) {
  return (
    <span class={micros > 0 ? "plus" : undefined}>
      {micros > 0 ? "+" : ""}
      {format.exactMoney(micros)}
    </span>
  );
}
