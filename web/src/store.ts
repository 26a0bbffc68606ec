// The state of the page, and the only functions that change it. Views read signals; they never write.
import { batch, computed, signal } from "@preact/signals";
import type { Inspection, Report, RunSeries, Series } from "./engine/answers.ts";
import type { Crew } from "./engine/crew.ts";
import { BAND_RUNS, Live, type Stage } from "./engine/live.ts";
import type { Diagnostic } from "./engine/question.ts";
import { type Base, base } from "./plan/control.ts";
import { asked, isEdited, NO_EDITS, type Plan, readyPlan, withEdits } from "./plan/plan.ts";

/** What is shown, all of one plan and stage: never a mixture. */
export interface Shown {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly report: Report;
  /** The report as the engine wrote it, byte for byte. */
  readonly json: string;
}

/** What went wrong; the plan that is shown is still the one before. */
export interface Trouble {
  readonly title: string;
  readonly diagnostics: readonly Diagnostic[];
  /** The file that the diagnostics are about, to show the line. */
  readonly texts: Readonly<Record<string, string>>;
  /** What is shown meanwhile, where it is not the plan before. */
  readonly below?: string;
}

/** What the page is born with: the answer that was computed when it was built. */
export interface Birth {
  readonly name: string;
  readonly text: string;
  readonly json: string;
  readonly series: Series;
  readonly inspection: Inspection;
  readonly names: readonly string[];
}

export const plan = signal<Plan>(readyPlan("", ""));
export const shown = signal<Shown | null>(null);
/** One run over time of the plan that is shown, and all that make the bands once they are there. */
export const series = signal<Series | null>(null);
export const runs = signal<readonly RunSeries[]>([]);
export const inspection = signal<Inspection | null>(null);
export const trouble = signal<Trouble | null>(null);
/** What the files say by themselves; the sliders start from it. */
export const own = signal<Base | null>(null);
/** Names in the catalogue. */
export const names = signal<readonly string[]>([]);
/** Milliseconds from a change to the numbers it gave. */
export const latency = signal<number | null>(null);
/** Whether numbers on the screen belong to an older plan than the controls. */
export const isStale = computed(() => shown.value?.plan !== plan.value);
/** Whether the visitor stopped the simulation before its final stage. */
export const isStopped = signal(false);
export const edited = computed(() => isEdited(plan.value));

let live: Live | undefined;
let crew: Crew | undefined;
let changedAt = 0;
let lastGood: Plan | undefined;
/** The plan that stayed when something was wrong: its numbers do not make the complaint void. */
let kept: Plan | undefined;
let ownFiles: Plan["files"] | undefined;
const catalogue = new Map<string, string>();

export function bear(birth: Birth): void {
  const first = readyPlan(birth.name, birth.text);
  catalogue.set(birth.name, birth.text);
  lastGood = first;
  batch(() => {
    plan.value = first;
    const report = JSON.parse(birth.json) as Report;
    shown.value = { plan: first, stage: "final", report, json: birth.json };
    series.value = birth.series;
    inspection.value = birth.inspection;
    own.value = base(birth.inspection);
    ownFiles = first.files;
    names.value = birth.names;
  });
}

/** The workers, once the page is in a browser. */
export function employ(workers: Crew): void {
  crew = workers;
  live = new Live(workers.quick, workers.team, {
    report,
    runs: showRuns,
    inspection: understood,
    wrong,
    crash,
  });
  warmUp(workers);
}

/** What the page came without, when nothing else is to do: the inputs of the first plan, and single runs of it
 * for its band, since the browser also compiles hot code only by use. Workers share what is compiled. */
function warmUp(workers: Crew): void {
  const soon = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 200));
  const first = plan.value;
  soon(async () => {
    if (workers.quick.isBusy || plan.value !== first) return;
    if (inspection.value?.inputs.length === 0) void understand();
    const question = asked(first, { replications: [0, BAND_RUNS] });
    const answer = await workers.reader.ask({ verb: "over_time", ...question }).catch(() => null);
    if (answer?.kind === "answer" && shown.value?.plan === first) showRuns(first, answer.json);
  });
}

/** Reads the plan that is shown, where the page came without its inputs, or they without their sources. */
export async function understand(withSources = false): Promise<void> {
  const of = shown.value?.plan;
  if (!crew || !of) return;
  const question = { verb: "inspect", ...asked(of) } as const;
  const asking = withSources ? crew.quick.askWhole(question) : crew.quick.ask(question);
  const read = await asking.catch(() => null);
  if (read?.kind === "answer" && shown.value?.plan === of) understood(of, read.json);
}

/** A new plan: simulated at once, and kept only if it can be. */
export function propose(next: Plan): void {
  changedAt = performance.now();
  batch(() => {
    plan.value = next;
    isStopped.value = false;
  });
  live?.show(next);
}

/** Stops simulating; the numbers that are there stay, with their stage. */
export function stop(): void {
  live?.cancel();
  isStopped.value = true;
}

/** The plan as its files have it. */
export function reset(): void {
  propose(
    withEdits(plan.value, {
      target: undefined,
      traffic: undefined,
      users: undefined,
      spikes: [],
      set: [],
    }),
  );
}

/** A stack of the catalogue. */
export async function openReady(name: string): Promise<void> {
  const text = await readyText(name);
  if (text !== undefined) propose(readyPlan(name, text));
}

export async function readyText(name: string): Promise<string | undefined> {
  if (!catalogue.has(name)) {
    const { default: all } = await import("../generated/catalogue.json");
    for (const one of all) catalogue.set(one.name, one.text);
  }
  return catalogue.get(name);
}

/** The workers, for questions beside the live simulation. */
export function workers(): Crew | undefined {
  return crew;
}

export function complain(next: Trouble): void {
  kept = plan.value;
  trouble.value = next;
}

export function dismiss(): void {
  trouble.value = null;
}

const RANK = { preview: 0, refining: 1, final: 2 } as const;

function report(of: Plan, stage: Stage, json: string): void {
  // A later stage may come before an earlier one; nothing goes back.
  if (shown.value?.plan === of && RANK[shown.value.stage] > RANK[stage]) return;
  const parsed = JSON.parse(json) as Report;
  lastGood = of;
  batch(() => {
    if (stage === "preview") latency.value = performance.now() - changedAt;
    if (shown.value?.plan !== of) runs.value = [];
    shown.value = { plan: of, stage, report: parsed, json };
    if (parsed.series) series.value = parsed.series;
    if (of !== kept) trouble.value = null;
  });
}

function showRuns(_of: Plan, json: string): void {
  const all = JSON.parse(json) as RunSeries[];
  batch(() => {
    runs.value = all;
    series.value = all[0]?.series ?? series.value;
  });
}

function understood(of: Plan, json: string): void {
  inspection.value = JSON.parse(json) as Inspection;
  if (of.files !== ownFiles) void findOwn(of);
}

/** Reads what the files say without edits. */
async function findOwn(of: Plan): Promise<void> {
  const answer = await crew?.reader.ask({ verb: "inspect", ...asked({ ...of, edits: NO_EDITS }) });
  if (answer?.kind !== "answer" || plan.value.files !== of.files) return;
  ownFiles = of.files;
  own.value = base(JSON.parse(answer.json) as Inspection);
}

/** The plan cannot be simulated: say why, and go back to the last one that could. */
function wrong(of: Plan, diagnostics: readonly Diagnostic[]): void {
  fallBack({
    title:
      diagnostics.length === 1
        ? "This cannot be simulated"
        : `${diagnostics.length} things are wrong`,
    diagnostics,
    texts: Object.fromEntries(of.files.map((file) => [file.name, file.text])),
  });
}

function crash(_of: Plan, message: string): void {
  const what =
    "The engine stopped over this plan and was started anew. This is a fault of the engine, not of the plan.";
  const diagnostic: Diagnostic = {
    code: "internal",
    severity: "error",
    path: "",
    location: null,
    message: `${what} (${message})`,
    hint: "the plan before it is still here; please report the one that caused this",
  };
  fallBack({ title: "The engine stopped", diagnostics: [diagnostic], texts: {} });
}

function fallBack(next: Trouble): void {
  kept = lastGood;
  batch(() => {
    trouble.value = next;
    if (lastGood) plan.value = lastGood;
  });
  // What was under way for the last good plan was given up: finish it.
  if (lastGood && shown.value?.plan === lastGood && shown.value.stage !== "final")
    live?.show(lastGood);
}
