// Two plans under the same random streams: what a change does, run by run.
import { signal } from "@preact/signals";
import { DataTable } from "../chart/card.tsx";
import type { DiffAnswer } from "../engine/answers.ts";
import { asked, type Plan, planName } from "../plan/plan.ts";
import { edited, plan, propose, workers } from "../store.ts";
import { apart, measured } from "../text/format.ts";
import { Ask } from "./question.tsx";
import { ask, diff } from "./state.ts";

const TITLE = "Compare";
export const pinned = signal<Plan | null>(null);

export function Compare() {
  const base =
    pinned.value ?? (edited.value ? { ...plan.value, edits: { spikes: [], set: [] } } : null);
  const isSame = base === null || base === plan.value;
  const what = pinned.value
    ? `“${planName(pinned.value)}” is pinned. Change the plan, then compare: what the change leaves alone differs by exactly 0.`
    : "Compares the plan as written with your changes; or pin a plan first, and compare any other with it.";
  return (
    <Ask
      id="compare"
      title={TITLE}
      what={what}
      button="Compare"
      answered={diff.value}
      class="wide"
      isOff={isSame || !workers()}
      onAsk={() => base && void compare(base)}
      foot={<Pin />}
    >
      {diff.value && <Found answer={diff.value.answer} />}
    </Ask>
  );
}

function Pin() {
  return (
    <div class="row">
      <button
        type="button"
        class="plain"
        onClick={() => {
          pinned.value = plan.value;
        }}
      >
        Pin this plan
      </button>
      {pinned.value && (
        <button type="button" class="plain" onClick={() => pinned.value && propose(pinned.value)}>
          Back to the pinned plan
        </button>
      )}
    </div>
  );
}

async function compare(base: Plan): Promise<void> {
  const head = plan.value;
  const [of, to] = [asked(base), asked(head)];
  const { name, files, referenced, environment, overrides } = JSON.parse(to.options);
  const options = JSON.stringify({
    ...JSON.parse(of.options),
    diff: {
      head_name: name,
      head_files: files,
      head_referenced: referenced,
      head_environment: environment,
      head_overrides: overrides,
      without_repair: true,
    },
  });
  const found = await ask<DiffAnswer>(TITLE, head, {
    verb: "diff",
    text: of.text,
    head: to.text,
    options,
  });
  if (found) diff.value = found;
}

type Difference = DiffAnswer["differences"][number];

function row(one: Difference): string[] {
  const { base, head, difference, interval } = one.change;
  const write = (value: number | null | undefined) => measured(value ?? null, one.unit);
  const moved = (by: number | null | undefined) => apart(by ?? null, one.unit);
  const spread = interval ? ` (${moved(interval.low)} to ${moved(interval.high)})` : "";
  return [
    `${one.subject}${one.name ? ` ${one.name}` : ""}: ${one.quantity.replaceAll("_", " ")}`,
    write(base),
    write(head),
    `${(difference ?? 0) > 0 ? "+" : ""}${moved(difference)}${spread}`,
    one.change.judgement,
  ];
}

const WORDS = {
  fits: "fits",
  does_not_fit: "does not fit",
  undecided: "is too close to call",
} as const;

/** What a comparison found: differences, and that the rest has none. */
export function Found({ answer }: { readonly answer: DiffAnswer }) {
  const changed = answer.differences.filter((one) => (one.change.difference ?? 0) !== 0);
  const same = answer.differences.length - changed.length;
  return (
    <>
      <p class="lead" data-testid="compare">
        Before: {WORDS[answer.base.verdict]}. After: {WORDS[answer.head.verdict]}.
      </p>
      {answer.inputs.length > 0 && (
        <DataTable
          label="Inputs that differ"
          head={["input", "before", "after"]}
          rows={answer.inputs.map((one) => [one.path, one.base ?? "–", one.head ?? "–"])}
        />
      )}
      {changed.length > 0 && (
        <DataTable
          label="Differences"
          head={["what", "before", "after", "difference (95 %)", "judged"]}
          rows={changed.map(row)}
        />
      )}
      <p class="hint">
        {same} quantities differ by exactly 0: the same random streams on both sides.
      </p>
    </>
  );
}
