// The longer questions, each asked by a button, and what the check already knows: alerts, findings and guesses.
import { Alerts } from "../answer/alerts.tsx";
import { Compare } from "../answer/compare.tsx";
import { Findings } from "../answer/findings.tsx";
import { Fit } from "../answer/fit.tsx";
import { Guesses } from "../answer/guesses.tsx";
import { LoadLine } from "../answer/loadline.tsx";

export function AnswersTab() {
  return (
    <div class="panel">
      <LoadLine />
      <Fit />
      <Alerts />
      <Findings />
      <Guesses />
      <Compare />
    </div>
  );
}
