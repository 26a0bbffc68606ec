// The smallest memory limits that hold, and what each of them buys.
import { DataTable } from "../chart/card.tsx";
import type { FitAnswer } from "../engine/answers.ts";
import { asked, type Plan, withInput } from "../plan/plan.ts";
import { fitCommand } from "../share/command.ts";
import { plan, propose } from "../store.ts";
import { bytes, percent } from "../text/format.ts";
import { Command } from "../view/copied.tsx";
import { Prose } from "../view/prose.tsx";
import { PlanQuestion } from "./question.tsx";
import { fit } from "./state.ts";

/** Events of all tried plans together: up to half a minute in a tab. */
const MOST_EVENTS = 60_000_000;

export function Fit() {
  return (
    <PlanQuestion
      id="fit"
      title="Smallest limits that hold"
      what="Memory limits as small as the objectives allow; each is checked again under fresh seeds, and one step smaller fails."
      buttons={["Fit the limits", "Fit again"]}
      answer={fit}
      question={(of) => ({ verb: "fit", ...asked(of, { max_events: MOST_EVENTS }) })}
      view={(answer, of) => <Found answer={answer} of={of} />}
    />
  );
}

/** The plan with everything that is proposed. */
export function apply(answer: FitAnswer): void {
  const next = answer.proposals.reduce(
    (of, one) => withInput(of, one.path, one.proposed),
    plan.value,
  );
  propose(next);
}

function sentence(answer: FitAnswer): string {
  switch (answer.outcome) {
    case "none_holds":
      if (isOpen(answer)) return "No limits can be shown to hold the objectives here.";
      return "No limits hold the objectives: what breaks is not a matter of memory limits.";
    case "unverified":
      return leftOpen(answer);
    case "unfinished":
      return "The tab's budget of events ended first: what is proposed is not verified. The command line has forty times as many.";
    case "found": {
      const left = answer.host_left_bytes;
      const room = left == null ? "" : `; the host keeps ${bytes(left)} at its peak`;
      const runs = answer.verified
        ? `, verified by ${answer.verified.replications} fresh runs`
        : "";
      return `These limits hold${runs}${room}.`;
    }
  }
}

/** What the limits that were found are not known to hold, and by which runs. */
function leftOpen({ objectives, verified }: FitAnswer): string {
  const runs = verified ? `${verified.replications} fresh runs` : "The runs of the search";
  const of = (outcome: string) =>
    objectives
      .filter((one) => one.outcome === outcome)
      .map((one) => one.expression)
      .join(" and ");
  if (of("fail")) return `${runs} under these limits break ${of("fail")}.`;
  if (of("close")) return `${runs} leave open whether these limits hold ${of("close")}.`;
  return `${runs} under these limits still kill somebody.`;
}

/** Whether no limit was found though none was shown to break an objective. */
function isOpen({ outcome, objectives }: FitAnswer): boolean {
  return outcome === "none_holds" && objectives.every((one) => one.outcome !== "fail");
}

/** What becomes of software of which nothing is known; nothing where all is known or it decides nothing. */
export function unknown(answer: FitAnswer): string | null {
  const names = answer.unknown.map((one) => one.service).join(", ");
  const size = bytes(Math.max(...answer.unknown.map((one) => one.at_most_bytes)));
  const most = answer.unknown.length > 1 ? `${size} each` : size;
  if (!names) return null;
  if (answer.outcome === "found")
    return `Nobody knows what memory the software of ${names} takes: what is proposed holds for all that the guess allows, up to ${most}. State memory_program and fit again for less.`;
  const isReason = answer.objectives.some((one) =>
    one.detail?.startsWith("nobody knows what memory"),
  );
  if (!isOpen(answer) || !isReason) return null;
  return `With all that the guess allows, up to ${most} for ${names}, no limits hold on this host. Until memory_program is stated no check passes here, whatever the limits; a larger host may hold it unmeasured.`;
}

export function why(one: FitAnswer["proposals"][number]): string {
  const { smaller } = one;
  if (!smaller) return "as small as it can be";
  const verdict = smaller.verdict === "undecided" ? "cannot be shown to hold" : "fails";
  if (smaller.killed) {
    const cap = smaller.heap_limit_bytes;
    const how = cap == null ? "killed" : `its heap, capped at ${bytes(cap)}, is full`;
    return `${smaller.value} ${verdict}: ${how} in ${percent(smaller.killed)} of the runs`;
  }
  return `${smaller.value} ${verdict}${smaller.objective ? `: “${smaller.objective}”` : ""}`;
}

/** Who was killed in the runs that verified the answer, which the objectives allow. */
export function killed(answer: FitAnswer): string | null {
  const died = answer.proposals.filter((one) => (one.memory?.oom?.probability ?? 0) > 0);
  if (answer.outcome !== "found" || died.length === 0) return null;
  const each = died.map((one) => `${one.service} in ${percent(one.memory?.oom?.probability ?? 0)}`);
  return `Killed in the runs that verified it: ${each.join(", ")}. The objectives allow that.`;
}

/** What the limit would be if guesses were high, where that is more. */
export function atHighGuesses({ memory }: FitAnswer["proposals"][number]): string {
  const high = memory?.at_high_guesses_bytes ?? 0;
  return memory && high > memory.proposed_bytes ? bytes(high) : "–";
}

/** That nothing is left for what the model does not know, and how far guesses move it. */
export function margin({ proposals }: FitAnswer): string {
  const isGuessed = proposals.some((one) => atHighGuesses(one) !== "–");
  const guesses =
    "; “guesses high” is about what it takes where every guess of memory is at the high end of its range";
  return `Without any margin${isGuessed ? guesses : ""}. Measure what is guessed, or leave one.`;
}

interface FoundProps {
  readonly answer: FitAnswer;
  readonly of: Plan;
}

export function Found({ answer, of }: FoundProps) {
  return (
    <>
      <p class="lead" data-testid="fit">
        {sentence(answer)}
      </p>
      {answer.proposals.length > 0 && (
        <>
          <DataTable
            label="Proposed limits"
            isWordy={true}
            head={["input", "now", "proposed", "guesses high", "peak p95", "one step smaller"]}
            rows={answer.proposals.map((one) => [
              one.path,
              one.before ?? "none",
              one.proposed,
              atHighGuesses(one),
              one.memory ? bytes(one.memory.peak_bytes.p95) : "–",
              why(one),
            ])}
          />
          {answer.outcome === "found" && <p class="sentence">{margin(answer)}</p>}
          {killed(answer) && <p class="sentence">{killed(answer)}</p>}
          <Warnings answer={answer} />
          <Unknown answer={answer} />
          <div class="row">
            <button type="button" class="plain" onClick={() => apply(answer)}>
              Apply and simulate
            </button>
          </div>
        </>
      )}
      {(answer.outcome === "none_holds" || answer.outcome === "unverified") && (
        <ul>
          {answer.objectives
            .filter((one) => one.outcome !== "pass")
            .map((one) => (
              <li key={one.expression}>
                <code>{one.expression}</code>
                {one.detail && ": "}
                <Prose text={one.detail ?? ""} />
              </li>
            ))}
        </ul>
      )}
      {answer.proposals.length === 0 && <Unknown answer={answer} />}
      <p class="hint">The same answer in a terminal:</p>
      <Command of={of} text={fitCommand(of, MOST_EVENTS)} />
    </>
  );
}

/** What a check warns of with these limits, though no run came to it. */
export function Warnings({ answer }: { readonly answer: FitAnswer }) {
  return (
    <>
      {answer.findings?.map((one) => (
        <p key={`${one.code}${one.service}`} class="sentence">
          <b>
            {one.severity} {one.code}
          </b>{" "}
          {one.service && <code>{one.service}</code>} <Prose text={`${one.message}; ${one.hint}`} />
        </p>
      ))}
    </>
  );
}

function Unknown({ answer }: { readonly answer: FitAnswer }) {
  const said = unknown(answer);
  return (
    said && (
      <p class="sentence" data-testid="unknown">
        {said}
      </p>
    )
  );
}
