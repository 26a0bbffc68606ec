// The answer: one sentence, its stage, and every objective with what was measured.
import { useEffect, useState } from "preact/hooks";
import type { ObjectiveReport, Report } from "../engine/answers.ts";
import { isStale, isStopped, latency, type Shown, shown, stop } from "../store.ts";
import { count, measured } from "../text/format.ts";
import { type Tone, verdict } from "../text/sentence.ts";
import { Prose } from "./prose.tsx";

export function Verdict() {
  const now = shown.value;
  if (!now) return null;
  const said = verdict(now.report, now.stage, isStopped.value);
  return (
    <section
      class={`verdict is-${said.tone} ${isStale.value ? "is-stale" : ""}`}
      aria-label="Verdict"
    >
      <p class="badge">
        <Sign tone={said.tone} /> {said.label}
      </p>
      <h1 data-testid="verdict">{said.sentence}</h1>
      {said.reason && (
        <p data-testid="reason">
          <Prose text={said.reason} />
        </p>
      )}
      <Deciding report={now.report} />
      <StageLine now={now} />
      <Announce
        text={now.stage === "final" && !isStale.value ? `${said.label}. ${said.sentence}` : ""}
      />
    </section>
  );
}

/** Which guess the verdict hangs on most, as the command line says it. */
export function Deciding({ report }: { readonly report: Report }) {
  const all = report.assumptions.filter((one) => one.decides);
  const [first] = all.toSorted((one, other) => (other.influence ?? 0) - (one.influence ?? 0));
  if (!first) return null;
  return (
    <p data-testid="deciding">
      {all.length === 1 ? "1 guess decides" : `${all.length} guesses decide`} the verdict; measure
      first: <code>{first.path}</code> = {first.value}
      {first.range && ` (${first.range.join(" to ")})`}
    </p>
  );
}

/** Shape and colour say the same. */
export function Sign({ tone }: { readonly tone: Tone }) {
  const path = {
    good: "M3 8.5 6.5 12 13 4.5",
    bad: "M4 4 12 12 M12 4 4 12",
    unsure: "M2.5 9.5c2-4 4-4 5.5-1.5s3.500 2.500 5.500-1.500",
  }[tone];
  return (
    <svg class={`sign is-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

function StageLine({ now }: { readonly now: Shown }) {
  const { report, stage } = now;
  const runs = report.replications === 1 ? "1 run" : `${count(report.replications)} runs`;
  const what = {
    preview:
      report.stopped_by === "events"
        ? "a first look: the beginning of one run"
        : `a first look: ${runs}`,
    refining: `refining: ${runs} so far`,
    final: `final: ${runs}, seed ${report.seed}, the numbers that the command line prints`,
  }[stage];
  const isUnderWay = !isStopped.value && (isStale.value || stage !== "final");
  const words = isStale.value
    ? isStopped.value
      ? "stopped: of the plan before"
      : "simulating…"
    : what;
  return (
    <p class="stage" data-stage={isStale.value ? "stale" : stage}>
      <span class={`dot is-${stage}`} aria-hidden="true" />
      {words}
      {isStopped.value && !isStale.value && stage !== "final" && ", stopped"}
      {latency.value !== null && !isStale.value && (
        <span class="faint"> · first answer after {Math.round(latency.value)} ms</span>
      )}
      {isUnderWay && (
        <button type="button" class="quiet" onClick={stop}>
          Stop
        </button>
      )}
    </p>
  );
}

/** Says a verdict aloud once, when nothing has changed for half a second. */
function Announce({ text }: { readonly text: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

const TONES = { pass: "good", fail: "bad", close: "unsure" } as const;
const WORDS = { pass: "holds", fail: "broken", close: "open" } as const;

export function Objectives() {
  const objectives = shown.value?.report.objectives ?? [];
  return (
    <section
      class={`card objectives ${isStale.value ? "is-stale" : ""}`}
      aria-labelledby="objectives-title"
    >
      <h3 id="objectives-title">Objectives</h3>
      <ul>
        {objectives.map((one) => (
          <Objective key={one.expression} one={one} />
        ))}
      </ul>
    </section>
  );
}

export function Objective({ one }: { readonly one: ObjectiveReport }) {
  const value = measured(one.measured ?? null, one.unit);
  const interval = one.interval
    ? `95 % interval ${measured(one.interval.low, one.unit)} to ${measured(one.interval.high, one.unit)}`
    : undefined;
  return (
    <li class={`is-${TONES[one.outcome]}`}>
      <Sign tone={TONES[one.outcome]} />
      <span class="unseen">{WORDS[one.outcome]}: </span>
      <code>{one.expression}</code>
      <span class="number" title={interval}>
        {value}
      </span>
      {one.outcome === "close" && (interval || !one.detail) && (
        <small>open: {interval ?? "too few runs"}</small>
      )}
      {one.detail && (
        <small>
          <Prose text={one.detail} />
        </small>
      )}
    </li>
  );
}
