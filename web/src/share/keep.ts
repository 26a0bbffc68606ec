// What a reload, or leaving and coming back, would lose: the plan that is shown, kept in the tab's own storage until
// the tab is closed.
import { effect } from "@preact/signals";
import type { Plan } from "../plan/plan.ts";
import { plan, propose, shown } from "../store.ts";

const KEY = "plan";

/** Brings back what the visitor had before a reload or before leaving the page, and keeps what is shown from now on. */
export function keepOverReload(): void {
  const first = plan.value;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // Who types the address, or follows one that names a plan, wants what that says.
  const isBack = visit?.type === "reload" || visit?.type === "back_forward";
  const kept = isBack && location.hash === "" ? read() : null;
  if (kept) propose(kept);
  effect(() => {
    const current = shown.value?.plan;
    if (current && current !== first) write(current);
  });
}

/** A plan with values of an environment is not kept: these are nobody's to store, and without them it would
 * be another plan. */
function write(current: Plan): void {
  const isPrivate = Object.keys(current.environment).length > 0;
  try {
    // First, so that no older plan comes back where this one has no room.
    sessionStorage.removeItem(KEY);
    if (!isPrivate) sessionStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // No room, or storage is forbidden: a reload begins anew then.
  }
}

/** The page wrote it itself, in this tab: its shape is that of a plan. */
function read(): Plan | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Plan | null;
  } catch {
    return null;
  }
}
