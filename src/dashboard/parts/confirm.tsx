/** An action that cannot be undone: asks again before it is done, also without scripts. */
export function Confirm({
  action,
  name,
  sure,
  button,
  is_harmless = false,
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
}) {
  return (
    <details class="confirm">
      <summary>{name}</summary>
      <form method="post" action={action}>
        <p>{sure}</p>
        <button class={is_harmless ? "button plain" : "button danger"} type="submit">
          {button}
        </button>
      </form>
    </details>
  );
}
