// What is wrong with what was brought in, with the line it stands on. The plan before it stays.
import { useEffect, useRef } from "preact/hooks";
import type { Diagnostic } from "../engine/question.ts";
import { dismiss, type Trouble, trouble } from "../store.ts";
import { Prose } from "./prose.tsx";

/** Shown at first; the rest is counted. */
const MOST = 8;

export function TroubleCard() {
  const now = trouble.value;
  const ref = useRef<HTMLElement>(null);
  // A complaint may come from a button far below.
  useEffect(() => {
    if (now) ref.current?.scrollIntoView({ block: "nearest" });
  }, [now]);
  if (!now) return null;
  const rest = now.diagnostics.length - MOST;
  return (
    <section ref={ref} class="trouble" role="alert" data-testid="trouble">
      <header>
        <h2>{now.title}</h2>
        <button type="button" class="quiet" onClick={dismiss}>
          Close
        </button>
      </header>
      <ul>
        {now.diagnostics.slice(0, MOST).map((one) => (
          <Complaint key={`${one.code}${one.path}${one.message}`} one={one} of={now} />
        ))}
      </ul>
      {rest > 0 && <p>and {rest} more</p>}
      <p class="faint">{now.below ?? "What is shown below is still the plan before."}</p>
    </section>
  );
}

export function Complaint({ one, of }: { readonly one: Diagnostic; readonly of?: Trouble }) {
  const place = one.location;
  const source = place && of?.texts[place.file]?.split("\n")[place.line - 1];
  return (
    <li class={`complaint is-${one.severity}`}>
      <p>
        <b>
          {one.severity} {one.code}
        </b>{" "}
        <Prose text={one.message} />
      </p>
      {place && (
        <p class="place">
          {place.file}:{place.line}:{place.column}
        </p>
      )}
      {source && (
        <pre>
          <span class="line">{place.line}</span> {source}
        </pre>
      )}
      {one.hint && (
        <p class="hint">
          help: <Prose text={one.hint} />
        </p>
      )}
    </li>
  );
}
