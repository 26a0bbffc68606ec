// Four tabs, operated by arrow keys as tab lists are.
import { signal } from "@preact/signals";
import { AnswersTab } from "./answers.tsx";
import { InputsTab } from "./inputs.tsx";
import { PlanTab } from "./plan.tsx";
import { TakeTab } from "./take.tsx";

const TABS = [
  { id: "plan", name: "What happens", view: PlanTab },
  { id: "answers", name: "How far, what then", view: AnswersTab },
  { id: "inputs", name: "What was understood", view: InputsTab },
  { id: "take", name: "Share and take away", view: TakeTab },
] as const;

export const tab = signal<(typeof TABS)[number]["id"]>("plan");

export function Tabs() {
  const move = (event: KeyboardEvent) => {
    const here = TABS.findIndex((one) => one.id === tab.value);
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: TABS.length - 1 }[
      event.key
    ];
    const next = to === undefined ? undefined : TABS[(to + TABS.length) % TABS.length];
    if (!next) return;
    event.preventDefault();
    tab.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label="More" tabIndex={-1} onKeyDown={move}>
        {TABS.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-controls={`panel-${id}`}
            aria-selected={tab.value === id}
            tabIndex={tab.value === id ? 0 : -1}
            onClick={() => {
              tab.value = id;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {TABS.map(({ id, name, view: View }) => (
        <div
          key={id}
          role="tabpanel"
          id={`panel-${id}`}
          aria-labelledby={`tab-${id}`}
          hidden={tab.value !== id}
        >
          <h2 class="unseen">{name}</h2>
          {tab.value === id && <View />}
        </div>
      ))}
    </>
  );
}
