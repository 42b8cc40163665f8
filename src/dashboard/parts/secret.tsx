/** A secret that is shown once, with a button that copies it where there are scripts. */
export function Secret({
  id,
  text,
  copy,
  copied,
}: {
  id: string;
  text: string;
  copy: string;
  copied: string;
}) {
  return (
    <div class="stack">
      <p class="secret" id={id}>
        {text}
      </p>
      <button class="button" type="button" data-copy={id} data-copied={copied} hidden>
        {copy}
      </button>
    </div>
  );
}
