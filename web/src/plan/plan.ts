// A plan as the page holds it: files, and what was changed on top of them. Nothing here simulates.

export interface PlanFile {
  readonly name: string;
  readonly text: string;
}

/** Changes on top of the files; the same keys and grammar as the flags of the command line. */
export interface Edits {
  /** Memory of the host, as `2gb`. */
  readonly target?: string;
  /** Open traffic, as `100/s`. */
  readonly traffic?: string;
  /** Closed traffic: a number of users. */
  readonly users?: string;
  /** Spikes added to those of the plan, as `5x@40s+30s`. */
  readonly spikes: readonly string[];
  /** Length of a run, as `10m`. */
  readonly horizon?: string;
  /** Objectives added to those of the plan, as `oom: p < 1%`. */
  readonly objectives?: readonly string[];
  /** Any input: path and value. A path stands once. */
  readonly set: readonly (readonly [string, string])[];
}

export interface Plan {
  /** Name in the catalogue; `null` for the visitor's own files. */
  readonly ready: string | null;
  /** Scenario, Kubernetes manifests, or Compose files in the order in which they are merged. At least one. */
  readonly files: readonly PlanFile[];
  /** Values for `${VARIABLES}`. They never leave the page: not stored, shared or exported. */
  readonly environment: Readonly<Record<string, string>>;
  readonly edits: Edits;
  readonly seed: string;
  /** Active Compose profiles. */
  readonly profiles?: readonly string[];
  /** Files that the plan names and that are not merged, by name. */
  readonly referenced?: Readonly<Record<string, string>>;
  /** What bounds the sure answer, where it is not the engine's own. */
  readonly budget?: { readonly runs?: number; readonly max_events?: number };
}

export const NO_EDITS: Edits = { spikes: [], set: [] };
export const SEED = "42";

export function readyPlan(name: string, text: string): Plan {
  return { ready: name, files: [{ name, text }], environment: {}, edits: NO_EDITS, seed: SEED };
}

export function withEdits(plan: Plan, edits: Partial<Edits>): Plan {
  return { ...plan, edits: { ...plan.edits, ...edits } };
}

/** The plan with one input set; `null` takes the change back. */
export function withInput(plan: Plan, path: string, value: string | null): Plan {
  const others = plan.edits.set.filter(([at]) => at !== path);
  return withEdits(plan, { set: value === null ? others : [...others, [path, value]] });
}

export function inputEdit(plan: Plan, path: string): string | undefined {
  return plan.edits.set.find(([at]) => at === path)?.[1];
}

export function isEdited({ edits }: Plan): boolean {
  const { target, traffic, users, spikes, set } = edits;
  return Boolean(target || traffic || users || spikes.length || set.length);
}

/** Options of the engine beside the plan. */
export interface Effort {
  readonly runs?: number;
  readonly series?: boolean;
  readonly without_screening?: boolean;
  readonly replications?: readonly [number, number];
  readonly max_events?: number;
  readonly load_line?: { readonly precision?: string };
  readonly fit?: { readonly hosts?: readonly string[] };
}

/** A plan as the engine takes it: the first file's text, and all else as options. */
export function asked(plan: Plan, effort: Effort = {}): { text: string; options: string } {
  const [first, ...others] = plan.files;
  const { target, traffic, users, spikes, horizon, objectives, set } = plan.edits;
  const besides = Object.fromEntries(others.map((file) => [file.name, file.text]));
  const options = {
    name: first?.name ?? "plan.yaml",
    files: others.map((file) => [file.name, file.text]),
    referenced: { ...besides, ...plan.referenced },
    environment: plan.environment,
    profiles: plan.profiles,
    overrides: { target, traffic, users, spikes, horizon, objectives, set },
    seed: plan.seed,
    ...effort,
  };
  return { text: first?.text ?? "", options: JSON.stringify(options) };
}

/** What to call a plan on the screen. */
export function planName(plan: Plan): string {
  return plan.ready ?? plan.files.map((file) => file.name).join(" + ");
}

/** Whether a text may be of Kubernetes manifests: every object has this key. */
export function mayBeManifests(text: string): boolean {
  return text.includes("apiVersion");
}

/** Whether a text may have alert rules, of a file or of a scenario. */
export function mayHaveAlerts(text: string): boolean {
  return /\balerts?\b/.test(text);
}
