// What a reload, or leaving and coming back, would lose: the plan that is shown, kept in the tab's own storage until
// the tab is closed.
import { effect } from "@preact/signals";
import { type Plan, planName } from "../plan/plan.ts";
import { complain, plan, propose, shown } from "../store.ts";

const KEY = "plan";

/** Brings back what the visitor had before a reload or before leaving the page, and keeps what is shown from now on. */
export function keepOverReload(): void {
  const first = plan.value;
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // Who types the address, or follows one that names a plan, wants what that says.
  const isBack = visit?.type === "reload" || visit?.type === "back_forward";
  const kept = isBack && location.hash === "" ? read() : null;
  if (typeof kept === "string") say(kept);
  else if (kept) propose(kept);
  effect(() => {
    const current = shown.value?.plan;
    if (current && current !== first) write(current);
  });
}

/** That a plan was not kept, or the example would pass for its answer. */
function say(name: string): void {
  const message = `${name}: values of an environment came with it, and these are stored nowhere`;
  const hint = "open its files again, the environment file with them";
  complain({
    title: "Your plan was not kept",
    diagnostics: [{ code: "reload", severity: "note", path: "", location: null, message, hint }],
    texts: {},
    below: "What is shown below is the page's example.",
  });
}

/** A plan with values of an environment is not kept: these are nobody's to store, and without them it would
 * be another plan. Only its name is. */
function write(current: Plan): void {
  const isPrivate = Object.keys(current.environment).length > 0;
  try {
    // First, so that no older plan comes back where this one has no room.
    sessionStorage.removeItem(KEY);
    sessionStorage.setItem(KEY, JSON.stringify(isPrivate ? planName(current) : current));
  } catch {
    // No room, or storage is forbidden: a reload begins anew then.
  }
}

/** The page wrote it itself, in this tab: its shape is that of a plan, or it is the name of one that was not kept. */
function read(): Plan | string | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Plan | string | null;
  } catch {
    return null;
  }
}
