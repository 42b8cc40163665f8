import type { Child } from "hono/jsx";
import { RequestKey } from "./repeatable";

/** An action that cannot be undone: asks again before it is done, also without scripts. `children` are further buttons. */
export function Confirm({
  action,
  name,
  sure,
  button,
  is_harmless = false,
  children,
}: {
  /** Where the form is sent to. */
  action: string;
  /** What it is called before it is opened. */
  name: string;
  /** What comes of it. */
  sure: string;
  button: string;
  /** Not shown as a danger. */
  is_harmless?: boolean;
  children?: Child;
}) {
  return (
    <details class="confirm">
      <summary>{name}</summary>
      <form method="post" action={action}>
        <RequestKey />
        <p>{sure}</p>
        <button class={is_harmless ? "button plain" : "button danger"} type="submit">
          {button}
        </button>
        {children}
      </form>
    </details>
  );
}
