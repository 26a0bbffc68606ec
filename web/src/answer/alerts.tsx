// The plan's own alert rules over the simulated metrics: which fire, when, and whether in time.
import { DataTable } from "../chart/card.tsx";
import type { AlertReport } from "../engine/answers.ts";
import { shown } from "../store.ts";
import { moment, percent } from "../text/format.ts";

const WORDS: Record<AlertReport["outcome"], string> = {
  fires: "fires",
  quiet: "quiet",
  cannot_fire: "cannot fire",
  not_seen_long_enough: "not seen long enough",
  not_simulated: "not simulated",
  not_evaluated: "not evaluated",
};

/** How long before the first kill it fires, or after it. */
function lead({ kill }: AlertReport): string {
  if (!kill) return "";
  if (!kill.seconds) return "never before it";
  const { p50 } = kill.seconds;
  return `${moment(Math.abs(p50))} ${p50 < 0 ? "after" : "before"}`;
}

export function Alerts() {
  const alerts = shown.value?.report.alerts ?? [];
  if (alerts.length === 0) return null;
  return (
    <section class="card wide" aria-labelledby="alerts-title">
      <header>
        <h3 id="alerts-title">Alerts</h3>
        <p class="sentence">Rules of the plan, over metrics as they would be scraped.</p>
      </header>
      <DataTable
        label="Alerts"
        isWordy
        head={["alert", "outcome", "runs", "first after", "first kill", "why"]}
        rows={alerts.map((one) => [
          one.name,
          WORDS[one.outcome],
          one.firing ? percent(one.firing.probability) : "",
          one.first_at_seconds ? moment(one.first_at_seconds.p50) : "",
          lead(one),
          one.reason ?? "",
        ])}
      />
    </section>
  );
}
