// Rules of thumb that the plan breaks. A finding's fix is tried out, and so simulated before anybody
// believes it.
import type { Finding } from "../engine/answers.ts";
import { type Plan, withEdits, withInput } from "../plan/plan.ts";
import { plan, propose, shown } from "../store.ts";
import { Prose } from "../view/prose.tsx";

/** The plan with what a finding offers; the host's memory is the slider's matter. */
export function mended(of: Plan, fix: Finding["fix"]): Plan {
  return (fix ?? []).reduce(
    (plan, { path, value }) =>
      path === "host.memory" ? withEdits(plan, { target: value }) : withInput(plan, path, value),
    of,
  );
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
  const fix = finding.fix ?? [];
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
      {fix.length > 0 && (
        <button type="button" class="plain" onClick={() => propose(mended(plan.value, fix))}>
          Try {fix.map(({ path, value }) => `${path} = ${value}`).join(", ")}
        </button>
      )}
    </li>
  );
}
