/** Paragraphs of text in which `code` is marked with backticks, and what is **important** with two asterisks. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n{2,}/).map((paragraph) => (
        <p>
          {paragraph
            .split("**")
            .map((part, index) => (index % 2 === 1 ? <strong>{coded(part)}</strong> : coded(part)))}
        </p>
      ))}
    </>
  );
}

function coded(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part));
}
