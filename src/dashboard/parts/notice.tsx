import type { Child } from "hono/jsx";

export type NoticeKind = "danger" | "warning" | "success" | "info";

/** Never colour alone: the sign says it, too. */
const SIGNS: Record<NoticeKind, string> = { danger: "!", warning: "!", success: "✓", info: "i" };

/** A message above what it is about, with what to do as its children. */
export function Notice({
  kind,
  title,
  text,
  children,
}: {
  kind: NoticeKind;
  title: string;
  text?: string | undefined;
  children?: Child;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === "danger" ? "alert" : "status"}>
      <span class="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <div>
        <p class="notice-title">{title}</p>
        {text ? <p>{text}</p> : null}
        {children}
      </div>
    </div>
  );
}
