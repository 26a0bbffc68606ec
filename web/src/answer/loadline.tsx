// How much the plan carries, what gives first, and the curve behind it.
import { DataTable } from "../chart/card.tsx";
import type { LoadLineAnswer } from "../engine/answers.ts";
import { withTraffic } from "../plan/control.ts";
import { asked, type Plan } from "../plan/plan.ts";
import { loadLineCommand } from "../share/command.ts";
import { own, plan, propose } from "../store.ts";
import { bytes, count, digits, percent, seconds } from "../text/format.ts";
import { Command } from "../view/copied.tsx";
import { LoadCurve } from "./curve.tsx";
import { PlanQuestion } from "./question.tsx";
import { loadLine } from "./state.ts";

/** Distance of tried loads: coarser than the command line's 2 %, for an answer in seconds. */
const PRECISION = "5%";
/** Events of all tried loads together: up to half a minute in a tab. */
const MOST_EVENTS = 40_000_000;
const EFFORT = { max_events: MOST_EVENTS, load_line: { precision: PRECISION } };

export function LoadLine() {
  return (
    <PlanQuestion
      id="loadline"
      title="Load line"
      what="The largest load at which every objective still holds, and what gives first beyond it."
      buttons={["Find the load line", "Find it again"]}
      answer={loadLine}
      question={(of) => ({ verb: "load_line", ...asked(of, EFFORT) })}
      view={(answer, of) => <Found answer={answer} of={of} />}
    />
  );
}

export function write(load: number, unit: LoadLineAnswer["unit"]): string {
  return unit === "users" ? `${digits(load)} users` : `${digits(load)}/s`;
}

export function sentence(answer: LoadLineAnswer): string {
  const { outcome, estimate, unit } = answer;
  switch (outcome) {
    case "always_broken":
      return "There is none: an objective is broken with almost no load.";
    case "never_broken":
      return `No objective breaks up to the highest load that was tried${certainty(answer)}.`;
    case "unfinished":
      return "The budget ended before every objective could be decided at any load.";
    case "found":
      return `It carries about ${write(estimate ?? 0, unit)}${certainty(answer)}.${room(answer)}`;
  }
}

/** At which loads it is sure what happens. */
function certainty({ interval: { low, high }, unit }: LoadLineAnswer): string {
  const holds = low == null ? [] : [`every objective surely holds at ${write(low, unit)}`];
  const one = low == null ? "an objective" : "one";
  const breaks = high == null ? [] : [`${one} is surely broken at ${write(high, unit)}`];
  const sure = [...holds, ...breaks].join(", ");
  return sure && `: ${sure}`;
}

/** How far the planned load is from the line; what is promised has to be sure. */
function room({ planned, freeboard, freeboard_interval: { low }, unit }: LoadLineAnswer): string {
  if (planned == null || freeboard == null) return "";
  const load = write(planned, unit);
  if (freeboard < 0) return ` That is ${percent(-freeboard)} below the planned ${load}.`;
  if (low != null && low >= 0) return ` The planned ${load} may grow by ${percent(low)} for sure.`;
  return ` That is ${percent(freeboard)} above the planned ${load}; too few runs to be sure of any of it.`;
}

function gives(one: LoadLineAnswer["first"], unit: LoadLineAnswer["unit"]): string {
  if (!one) return "";
  const what =
    one.objective ??
    (one.piles_up ? "requests come faster than they are answered" : "an objective");
  const where = one.binding
    ? `, with ${one.binding.service}'s ${one.binding.resource.replace("_", " ")} at ${percent(one.binding.utilisation)}`
    : "";
  return `“${what}” at ${write(one.load, unit)}${where}`;
}

interface FoundProps {
  readonly answer: LoadLineAnswer;
  readonly of: Plan;
}

export function Found({ answer, of }: FoundProps) {
  const { unit, estimate } = answer;
  return (
    <>
      <p class="lead" data-testid="load-line">
        {sentence(answer)}
      </p>
      {answer.first && <p>Gives first: {gives(answer.first, unit)}.</p>}
      {answer.stopped_by === "events" && (
        <p class="hint">
          The tab's budget of {MOST_EVENTS / 1e6} million events ended the search early; the command
          line has thirty times as many.
        </p>
      )}
      {answer.next && <p>Gives next: {gives(answer.next, unit)}.</p>}
      <p class="hint">
        The command line tries loads closer together unless it is told. These very numbers in a
        terminal:
      </p>
      <Command of={of} text={loadLineCommand(of, PRECISION, MOST_EVENTS)} />
      <LoadCurve answer={answer} />
      <div class="row">
        {estimate != null && own.value && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              const now = own.value;
              if (now) propose(withTraffic(plan.value, now, Number(estimate.toPrecision(3))));
            }}
          >
            Show the plan at its load line
          </button>
        )}
      </div>
      <details>
        <summary>Every load that was tried</summary>
        <DataTable
          label="Loads that were tried"
          head={["load", "runs", "outcome", "p50", "p95", "lost", "memory", "cpu"]}
          rows={answer.curve.map((point) => [
            write(point.load, unit),
            count(point.replications),
            { pass: "holds", fail: "broken", close: "open" }[point.outcome],
            point.latency_seconds ? seconds(point.latency_seconds.p50) : "–",
            point.latency_seconds ? seconds(point.latency_seconds.p95) : "–",
            point.loss_ratio == null ? "–" : percent(point.loss_ratio),
            bytes(point.host_peak_bytes),
            percent(point.host_utilisation),
          ])}
        />
      </details>
    </>
  );
}
