// The load line on the traffic slider: where the stack stops to hold, with its interval.

import { loadLine } from "../answer/state.ts";
import { type Base, TRAFFIC_STEPS } from "../plan/control.ts";

export function LoadMark({ of }: { readonly of: Base }) {
  const answer = loadLine.value?.answer;
  if (!answer?.estimate) return null;
  const isSame = (answer.unit === "users") === (of.traffic.kind === "users");
  if (!isSame) return null;
  const { low, high } = TRAFFIC_STEPS;
  const at = (load: number) => {
    const step = 20 * Math.log10(load / of.traffic.value);
    return `${Math.min(100, Math.max(0, ((step - low) / (high - low)) * 100))}%`;
  };
  const from = answer.interval.low ?? answer.estimate;
  const to = answer.interval.high ?? answer.estimate;
  return (
    <svg class="load-mark" aria-hidden="true">
      <line class="beyond" x1={at(to)} x2="100%" y1="50%" y2="50%" />
      <line class="between" x1={at(from)} x2={at(to)} y1="50%" y2="50%" />
      <circle class="mark" cx={at(answer.estimate)} cy="50%" r="5" />
    </svg>
  );
}
