// From what a visitor brings to a plan. Files are told apart by their names only where their content
// cannot say it: an environment file has no structure of its own.
import type { Diagnostic } from "../engine/question.ts";
import { complain, propose, workers } from "../store.ts";
import { NO_EDITS, type Plan, type PlanFile, SEED } from "./plan.ts";

/** More is no plan. */
const MOST_FILES = 32;
/** The largest file, in bytes. */
const LARGEST = 2 ** 20;

/** Reads files and shows their plan; what cannot be read is said, and the plan before it stays. */
export async function bringIn(given: readonly File[]): Promise<void> {
  if (given.length === 0) return;
  const problem = await refuse(given);
  if (problem) return complainOf(problem, {});
  const files = await Promise.all(
    given.map(async (file) => ({ name: file.name, text: await file.text() })),
  );
  const binary = files.find((file) => file.text.includes("\u0000"));
  if (binary) return complainOf(`“${binary.name}” is not a text`, {});
  const read = await readEnvironment(files.filter((file) => isEnvironment(file.name)));
  if (read === undefined) return;
  const plans = inOrder(files.filter((file) => !isEnvironment(file.name)));
  if (plans.length === 0) {
    return complainOf("an environment file alone is no plan", {
      hint: "drop it together with its Compose file",
    });
  }
  propose({
    ready: null,
    files: plans,
    environment: read,
    edits: NO_EDITS,
    seed: SEED,
  } satisfies Plan);
}

async function refuse(given: readonly File[]): Promise<string | null> {
  if (given.length > MOST_FILES)
    return `${given.length} files are too many: ${MOST_FILES} at the most`;
  const large = given.find((file) => file.size > LARGEST);
  return large ? `“${large.name}” is larger than 1 MiB` : null;
}

export function isEnvironment(name: string): boolean {
  return /(^|\/)\.env(\..+)?$|\.env$/.test(name);
}

/** Overrides are merged over what they override: they come last. */
export function inOrder(files: readonly PlanFile[]): PlanFile[] {
  const rank = (name: string) =>
    /override/.test(name) ? 2 : /^(docker-)?compose\.ya?ml$/.test(name) ? 0 : 1;
  return files.toSorted(
    (one, other) => rank(one.name) - rank(other.name) || one.name.localeCompare(other.name),
  );
}

async function readEnvironment(
  files: readonly PlanFile[],
): Promise<Record<string, string> | undefined> {
  const all: Record<string, string> = {};
  for (const file of files) {
    const answer = await workers()?.reader.ask({ verb: "environment", ...file });
    if (answer?.kind === "answer") Object.assign(all, JSON.parse(answer.json));
    if (answer?.kind === "wrong") {
      complain({
        title: `“${file.name}” cannot be read`,
        diagnostics: answer.diagnostics,
        texts: {},
      });
      return undefined;
    }
  }
  return all;
}

function complainOf(message: string, { hint = null }: { hint?: string | null }): void {
  const diagnostic: Diagnostic = {
    code: "E300",
    severity: "error",
    path: "",
    location: null,
    message,
    hint,
  };
  complain({ title: "This is not a plan", diagnostics: [diagnostic], texts: {} });
}
