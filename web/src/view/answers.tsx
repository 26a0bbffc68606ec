// The longer questions, each asked by a button, and what the check already knows: findings and guesses.
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
      <Findings />
      <Guesses />
      <Compare />
    </div>
  );
}
