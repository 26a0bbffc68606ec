// A card around a longer question: its button, that it is under way, that its answer is of another plan.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { plan } from "../store.ts";
import { type Answered, asking, stopAsking } from "./state.ts";

interface AskProps {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  readonly button: string;
  readonly answered: Answered<unknown> | null;
  readonly onAsk: () => void;
  readonly isOff?: boolean;
  /** Shown with an answer. */
  readonly children?: ComponentChildren;
  /** Shown always. */
  readonly foot?: ComponentChildren;
  readonly class?: string;
}

export function Ask(props: AskProps) {
  const { id, title, what, button, answered, onAsk, isOff, children } = props;
  const isAsking = asking.value === title;
  const isOld = answered !== null && answered.plan !== plan.value;
  return (
    <section
      class={`card ${props.class ?? ""}`}
      aria-labelledby={`${id}-title`}
      aria-busy={isAsking}
    >
      <header>
        <h3 id={`${id}-title`}>{title}</h3>
        <p class="sentence">{what}</p>
      </header>
      <div class="row act">
        <button type="button" class="strong" disabled={isAsking || isOff} onClick={onAsk}>
          {button}
        </button>
        {isAsking && (
          <>
            <Elapsed />
            <button type="button" class="plain" onClick={stopAsking}>
              Stop
            </button>
          </>
        )}
        {isOld && !isAsking && <span class="old">of the plan before your last change</span>}
      </div>
      {answered && <div class={isOld ? "is-stale" : ""}>{children}</div>}
      {props.foot}
    </section>
  );
}

/** That it goes on, and for how long. */
function Elapsed() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span>
      <span role="status">simulating many plans; the page stays usable</span>
      <span class="faint"> {seconds} s</span>
    </span>
  );
}
