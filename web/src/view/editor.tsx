// The files of the plan in an editor that is loaded when it is wanted, with the engine's own
// diagnostics at their lines.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Diagnostic } from "../engine/question.ts";
import { asked, type Plan } from "../plan/plan.ts";
import { plan, propose, workers } from "../store.ts";
import type { Editor } from "./codemirror.ts";

export function EditorCard() {
  const [isOpen, setOpen] = useState(false);
  const [index, setIndex] = useState(0);
  const file = plan.value.files[index] ?? plan.value.files[0];
  return (
    <section class="card wide" aria-labelledby="editor-title">
      <header>
        <h3 id="editor-title">The files</h3>
        <div class="tools">
          {plan.value.files.length > 1 && (
            <select
              aria-label="File"
              value={String(index)}
              onChange={(event) => setIndex(Number(event.currentTarget.value))}
            >
              {plan.value.files.map((one, position) => (
                <option key={one.name} value={String(position)}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
          <button
            type="button"
            class="quiet"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? "Close" : "Edit"}
          </button>
        </div>
        <p class="sentence">{plan.value.files.map((one) => one.name).join(" + ")}, as text.</p>
      </header>
      {isOpen && file && (
        <Text key={`${plan.value.ready}${file.name}`} name={file.name} first={file.text} />
      )}
    </section>
  );
}

/** The plan with another text in one of its files. */
function withText(of: Plan, name: string, text: string): Plan {
  return {
    ...of,
    ready: null,
    files: of.files.map((file) => (file.name === name ? { name, text } : file)),
  };
}

function Text({ name, first }: { readonly name: string; readonly first: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const [problems, setProblems] = useState<readonly Diagnostic[]>([]);
  useEffect(() => {
    let isGone = false;
    const check = async (text: string) => {
      const next = withText(plan.value, name, text);
      const answer = await workers()?.reader.ask({ verb: "inspect", ...asked(next) });
      const found = answer?.kind === "wrong" ? answer.diagnostics : [];
      setProblems(found);
      if (
        answer?.kind === "answer" &&
        text !== plan.value.files.find((one) => one.name === name)?.text
      )
        propose(next);
      return found.filter((one) => one.location?.file === name);
    };
    void import("./codemirror.ts").then(({ open }) => {
      if (!isGone && ref.current) editor.current = open(ref.current, first, check);
    });
    return () => {
      isGone = true;
      editor.current?.close();
    };
  }, [name]);
  return (
    <>
      <div class="editor" ref={ref} />
      <p class="hint" role="status">
        {problems.length === 0
          ? "No errors. The plan follows as you type."
          : `${problems.length} to mend: ${problems[0]?.message}`}
      </p>
    </>
  );
}
