// What the address asks for: a plan that somebody shared, or the one of the command line that serves the
// page.
import { batch, effect, signal } from "@preact/signals";
import type { Diagnostic } from "../engine/question.ts";
import type { Plan } from "../plan/plan.ts";
import { complain, plan, propose, readyText } from "../store.ts";
import { handed } from "./handed.ts";
import { isLink, type Opened, open } from "./link.ts";
import { BrokenLink } from "./pack.ts";

/** The last plan that came by a link, and what its sender saw. */
export const received = signal<Opened | null>(null);

/** What was there before a link was followed, for those who go back without a change of their own. */
let before: Plan | null = null;

const HANDED = "handed";

/** Follows the address from now on. */
export function followAddress(): void {
  const follow = () => void arrive(location.hash.slice(1));
  addEventListener("hashchange", follow);
  follow();
  effect(forget);
}

/** An address with a link is that plan's: once the visitor has changed it, the address says nothing. */
function forget(): void {
  const isOther = received.value !== null && plan.value !== received.value.plan;
  if (isOther && isLink(location.hash.slice(1))) {
    history.replaceState(null, "", location.pathname + location.search);
  }
}

async function arrive(fragment: string): Promise<void> {
  try {
    if (fragment === HANDED) return propose(await ofCommandLine());
    const isLinked = plan.value === received.value?.plan;
    if (fragment === "" && before && isLinked) return propose(before);
    if (!isLink(fragment)) return;
    const opened = await open(fragment, readyText);
    if (!isLinked) before = plan.value;
    batch(() => {
      received.value = opened;
      propose(opened.plan);
    });
  } catch (error) {
    if (!(error instanceof BrokenLink)) throw error;
    const title =
      fragment === HANDED ? "The plan of the command line is not here" : "This link is broken";
    complain({ title, diagnostics: [reason(error.message)], texts: {} });
  }
}

async function ofCommandLine(): Promise<Plan> {
  const answer = await fetch("./plan.json").catch(() => null);
  if (!answer?.ok) throw new BrokenLink("the program that served it has ended, or never had one");
  return handed(await answer.text());
}

function reason(message: string): Diagnostic {
  return { code: "link", severity: "error", path: "", location: null, message, hint: null };
}
