// Which guesses decide the verdict, and the command that measures each.
import { useEffect, useState } from "preact/hooks";
import type { Assumption, Report } from "../engine/answers.ts";
import { asked } from "../plan/plan.ts";
import { plan, shown, workers } from "../store.ts";
import { percent } from "../text/format.ts";

/** Guesses shown beside those that decide. */
const MOST = 6;

export function Guesses() {
  const report = shown.value?.report;
  if (!report) return null;
  const guesses = ranked(report);
  return (
    <section class="card wide" aria-labelledby="guesses-title">
      <header>
        <h3 id="guesses-title">Which guesses decide</h3>
        <p class="sentence">{sentence(report)}</p>
      </header>
      <ul class="guesses">
        {guesses.map((one) => (
          <Guess key={one.path} one={one} />
        ))}
      </ul>
    </section>
  );
}

/** Those that decide first, then by how far they move the worst objective. */
function ranked(report: Report): Assumption[] {
  const weigh = (one: Assumption) => (one.decides ? 10 : 0) + (one.influence ?? -1);
  const guesses = report.assumptions.filter(
    (one) => one.origin === "guess" && (one.influence ?? 0) > 0,
  );
  const sorted = guesses.toSorted((one, other) => weigh(other) - weigh(one));
  return sorted.slice(0, Math.max(MOST, sorted.filter((one) => one.decides).length));
}

function sentence(report: Report): string {
  const { screening, assumptions } = report;
  const guesses = assumptions.filter((one) => one.origin === "guess").length;
  const head = `${guesses} of ${assumptions.length} assumed inputs are guesses`;
  if (!screening) return `${head}; the final stage says which of them decide.`;
  if (screening.deciding === 0) return `${head}; none alone changes the verdict.`;
  return `${head}; ${screening.deciding} alone can change the verdict: measure these first.`;
}

function Guess({ one }: { readonly one: Assumption }) {
  const [command, setCommand] = useState<string | null>(null);
  useEffect(() => {
    void workers()
      ?.reader.ask({ verb: "measure", path: one.path, ...asked(plan.value) })
      .then((answer) => {
        if (answer.kind === "answer") setCommand(JSON.parse(answer.json) as string | null);
      });
  }, [one.path]);
  const share = Math.min(1, one.influence ?? 0);
  return (
    <li>
      <p>
        <code>{one.path}</code> = {one.value}
        {one.range && <span class="faint"> ({one.range.join(" to ")})</span>}
        {one.decides && <b class="old"> decides</b>}
      </p>
      <svg
        class="share"
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`moves the worst objective by ${percent(one.influence ?? 0)} of its limit`}
      >
        <rect class="busy-track" width="100" height="6" />
        <rect class={one.decides ? "busy is-unsure" : "busy"} width={share * 100} height="6" />
      </svg>
      <span class="number">{percent(one.influence ?? 0)}</span>
      {command && <pre>{command}</pre>}
    </li>
  );
}
