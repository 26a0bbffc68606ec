// Rules of thumb that the plan breaks. A fix is offered where the hint names a value, and simulated
// before anybody believes it.
import type { Finding } from "../engine/answers.ts";
import { withInput } from "../plan/plan.ts";
import { plan, propose, shown } from "../store.ts";
import { Prose } from "../view/prose.tsx";

export interface Remedy {
  readonly path: string;
  readonly value: string;
}

/** The first change that a finding's hint names as key and value of its service. */
export function remedy(finding: Pick<Finding, "service" | "hint">): Remedy | null {
  const found = /(?:raise|lower|set) `(\w+)` to ([\d.]+ [KMG]iB|\d+)(?![\d.])/.exec(finding.hint);
  if (!finding.service || !found?.[1] || !found[2]) return null;
  return { path: `services.${finding.service}.${found[1]}`, value: found[2].replace(" ", "") };
}

export function Findings() {
  const findings = shown.value?.report.findings ?? [];
  const what =
    findings.length === 0
      ? "No rule of thumb is broken."
      : "Found without simulating. A fix is tried out at once: the verdict above says what it does.";
  return (
    <section class="card wide" aria-labelledby="findings-title">
      <header>
        <h3 id="findings-title">Findings</h3>
        <p class="sentence">{what}</p>
      </header>
      <ul>
        {findings.map((one) => (
          <One key={`${one.code}${one.service}${one.message}`} finding={one} />
        ))}
      </ul>
    </section>
  );
}

function One({ finding }: { readonly finding: Finding }) {
  const fix = remedy(finding);
  return (
    <li class={`complaint is-${finding.severity}`}>
      <p>
        <b>
          {finding.severity} {finding.code}
        </b>{" "}
        {finding.service && <code>{finding.service}</code>} <Prose text={finding.message} />
      </p>
      {finding.line != null && (
        <p class="place">
          {finding.file}:{finding.line}
        </p>
      )}
      <p class="hint">
        help: <Prose text={finding.hint} />
      </p>
      {fix && (
        <button
          type="button"
          class="plain"
          onClick={() => propose(withInput(plan.value, fix.path, fix.value))}
        >
          Try {fix.path} = {fix.value}
        </button>
      )}
    </li>
  );
}
