// Sentences of the engine: what stands between backticks is code. Everything stays text.

export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split("`").map((part, index) => {
        const key = `${index} ${part}`;
        return index % 2 === 1 ? <code key={key}>{part}</code> : part;
      })}
    </>
  );
}
