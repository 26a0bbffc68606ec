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
  const files: PlanFile[] = [];
  for (const file of given) {
    const text = textOf(await file.arrayBuffer());
    if (text === undefined) {
      return complainOf(`“${file.name}” is not a text in UTF-8`, {});
    }
    files.push({ name: file.name, text });
  }
  const read = await readEnvironment(files.filter((file) => isEnvironment(file.name)));
  if (read === undefined) return;
  const plans = inOrder(files.filter((file) => !isEnvironment(file.name)));
  if (plans.length === 0) {
    return complainOf("an environment file alone is no plan", {
      hint: "drop it together with its Compose file",
    });
  }
  const named = plans.filter((file) => isNamed(file, plans));
  const merged = plans.filter((file) => !named.includes(file));
  propose({
    ready: null,
    files: merged.length > 0 ? merged : plans,
    referenced: Object.fromEntries(named.map((file) => [file.name, file.text])),
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

/** `undefined` is what no text is: a character that was guessed would be part of a plan. */
export function textOf(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\u0000") ? undefined : text;
  } catch {
    return undefined;
  }
}

export function isEnvironment(name: string): boolean {
  return /(^|\/)\.env(\..+)?$|\.env$/.test(name);
}

/** Whether another file names it, as `include` and `extends` do: that one says what becomes of it. */
export function isNamed(file: PlanFile, files: readonly PlanFile[]): boolean {
  const name = file.name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const key = "^(?:[^#\\n]*\\b(?:include|extends|file|path)\\b|\\s*-\\s)[^#\\n]*?";
  const words = new RegExp(`${key}(?<=[\\s"'[/])${name}(?=$|[\\s"'\\],}#])`, "m");
  return files.some((other) => other !== file && words.test(other.text));
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
