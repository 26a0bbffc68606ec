// A card around a longer question: its button, that it is under way, that its answer is of another plan.
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LongQuestion, Told } from "../engine/question.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../store.ts";
import { count, digits } from "../text/format.ts";
import { type Answered, ask, asking, stopAsking, told } from "./state.ts";

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

interface PlanQuestionProps<A> {
  readonly id: string;
  readonly title: string;
  readonly what: string;
  /** What the button says before the first answer, and with one. */
  readonly buttons: readonly [string, string];
  readonly answer: Signal<Answered<A> | null>;
  readonly question: (of: Plan) => LongQuestion;
  readonly view: (answer: A, of: Plan) => ComponentChildren;
}

/** A longer question about the plan that is shown. */
export function PlanQuestion<A>(props: PlanQuestionProps<A>) {
  const { id, title, what, buttons, answer, question, view } = props;
  const answered = answer.value;
  const find = async () => {
    const of = plan.value;
    const found = await ask<A>(title, of, question(of));
    if (found) answer.value = found;
  };
  return (
    <Ask
      id={id}
      title={title}
      what={what}
      button={buttons[answered ? 1 : 0]}
      answered={answered}
      class="wide"
      onAsk={() => void find()}
    >
      {answered && view(answered.answer, answered.plan)}
    </Ask>
  );
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
        {/* Not disabled while it asks: the keyboard's place would be lost. */}
        <button
          type="button"
          class="strong"
          disabled={isOff}
          aria-disabled={isAsking}
          onClick={() => isAsking || onAsk()}
        >
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

/** That it goes on, how far it is, and for how long. */
function Elapsed() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const now = told.value;
  return (
    <span class="elapsed">
      <span role="status">simulating many plans; the page stays usable</span>
      {now && (
        <progress
          max={1}
          value={Math.min(1, now.events / now.max_events)}
          aria-label="Share of the tab's budget of events"
        />
      )}
      <span class="faint" data-testid="told">
        {" "}
        {now && `${far(now)}, `}
        {seconds} s
      </span>
    </span>
  );
}

function far({ events, checks, load }: Told): string {
  const what =
    checks !== null ? `${count(checks)} plans` : load !== null ? `now at ${digits(load)}` : "";
  return `${what}, ${digits(events / 1e6)} million events`;
}
