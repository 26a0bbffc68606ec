// Four tabs, operated by arrow keys as tab lists are.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { inspection } from "../store.ts";
import { PlanTab } from "./plan.tsx";

const TABS = [
  { id: "plan", name: "What happens" },
  { id: "answers", name: "How far, what then" },
  { id: "inputs", name: "What was understood" },
  { id: "take", name: "Share and take away" },
] as const;

type Id = (typeof TABS)[number]["id"];

export const tab = signal<Id>("plan");
/** What is behind a tab, once it was wanted: a first visit loads the first alone. */
const views = signal<{ readonly [id in Id]?: ComponentType }>({ plan: PlanTab });
/** The tab that was wanted last and did not come: the network is gone, or a new release took its place. */
const missing = signal<Id | undefined>(undefined);

async function bring(id: Id): Promise<void> {
  if (views.value[id]) return;
  try {
    const view = await load(id);
    views.value = { ...views.value, [id]: view };
    missing.value = undefined;
  } catch {
    missing.value = id;
  }
}

async function load(id: Id): Promise<ComponentType> {
  switch (id) {
    case "plan":
      return PlanTab;
    case "answers":
      return (await import("./answers.tsx")).AnswersTab;
    case "inputs":
      return (await import("./inputs.tsx")).InputsTab;
    case "take":
      return (await import("./take.tsx")).TakeTab;
  }
}

export function Tabs() {
  useEffect(() => void bring(tab.value), [tab.value]);
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
            onPointerEnter={() => void bring(id)}
            onClick={() => {
              tab.value = id;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {TABS.map(({ id, name }) => {
        const View = tab.value === id ? views.value[id] : undefined;
        return (
          <div
            key={id}
            role="tabpanel"
            id={`panel-${id}`}
            aria-labelledby={`tab-${id}`}
            hidden={tab.value !== id}
          >
            <h2 class="unseen">{name}</h2>
            {id === "plan" && <Doubts />}
            {View && <View />}
            {tab.value === id && missing.value === id && (
              <p role="alert">
                This part of the page could not be loaded.{" "}
                <button type="button" onClick={() => void bring(id)}>
                  Try again
                </button>{" "}
                If that does not help, reload the page.
              </p>
            )}
          </div>
        );
      })}
    </>
  );
}

/** How much of the plan was doubtful, where the answer is first seen. */
export function Doubts() {
  const notes = inspection.value?.notes ?? [];
  const { length } = notes.filter((one) => one.severity === "warning");
  if (length === 0) return null;
  return (
    <p class="complaint is-warning">
      <b>{length === 1 ? "1 warning" : `${length} warnings`}</b> about the plan itself:{" "}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          tab.value = "inputs";
        }}
      >
        what was understood
      </button>
    </p>
  );
}
