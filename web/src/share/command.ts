// The command that prints the same numbers, ready for a POSIX shell.
import { type Plan, SEED } from "../plan/plan.ts";

type Flag = readonly [string, string | undefined];

export function command(plan: Plan): string {
  return line("check", plan, [
    ["--runs", plan.budget?.runs?.toString()],
    ["--max-events", plan.budget?.max_events?.toString()],
  ]);
}

/** That of a load line whose effort is not the command line's own. */
export function loadLineCommand(plan: Plan, precision: string, mostEvents: number): string {
  return line("load-line", plan, [
    ["--precision", precision],
    ["--max-events", mostEvents.toString()],
  ]);
}

/** That of a fit with so many events for all its checks. */
export function fitCommand(plan: Plan, mostEvents: number): string {
  return line("fit", plan, [["--max-events", mostEvents.toString()]]);
}

function line(verb: string, plan: Plan, effort: readonly Flag[]): string {
  const { target, traffic, users, spikes, horizon, objectives, set } = plan.edits;
  const flags: readonly Flag[] = [
    ["--target", target],
    ["--traffic", traffic],
    ["--users", users],
    ...spikes.map((spike) => ["--spike", spike] as const),
    ["--for", horizon],
    ...(objectives ?? []).map((objective) => ["--objective", objective] as const),
    ...set.map(([path, value]) => ["--set", `${path}=${value}`] as const),
    ...(plan.profiles ?? []).map((name) => ["--compose-profile", name] as const),
    ["--seed", plan.seed === SEED ? undefined : plan.seed],
    ...effort,
  ];
  const files = plan.ready === null ? plan.files.map((file) => file.name) : [plan.ready];
  const words = ["plimsoll", verb, ...files.map(operand)];
  for (const [flag, value] of flags) if (value !== undefined) words.push(flag, quoted(value));
  return words.join(" ");
}

/** A file whose name begins with a dash is no flag. */
function operand(name: string): string {
  return quoted(name.startsWith("-") ? `./${name}` : name);
}

/** As one word of a shell: nothing in it is expanded. */
export function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
