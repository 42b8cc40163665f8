/** Paragraphs of text in which `code` is marked with backticks. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n{2,}/).map((paragraph) => (
        <p>{paragraph.split("`").map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</p>
      ))}
    </>
  );
}
