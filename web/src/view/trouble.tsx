// What is wrong with what was brought in, with the line it stands on. The plan before it stays.
import type { Diagnostic } from "../engine/question.ts";
import { dismiss, type Trouble, trouble } from "../store.ts";

/** Shown at first; the rest is counted. */
const MOST = 8;

export function TroubleCard() {
  const now = trouble.value;
  if (!now) return null;
  const rest = now.diagnostics.length - MOST;
  return (
    <section class="trouble" role="alert" data-testid="trouble">
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
      <p class="faint">What is shown below is still the plan before.</p>
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
        {one.message}
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
      {one.hint && <p class="hint">help: {one.hint}</p>}
    </li>
  );
}
