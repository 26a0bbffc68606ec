// Whether charts over time show single runs besides their band: near a knee a band hides that some runs
// go well and others do not.
import { signal } from "@preact/signals";

export const showsRuns = signal(false);

export function RunsChoice({ hasRuns }: { readonly hasRuns: boolean }) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        autocomplete="off"
        checked={showsRuns.value}
        disabled={!hasRuns}
        onChange={(event) => {
          showsRuns.value = event.currentTarget.checked;
        }}
      />{" "}
      show single runs
    </label>
  );
}
