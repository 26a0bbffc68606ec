// The plan of the command line, as `plimsoll planner FILE` and `check --open` hand it over: the text and the
// options of the engine, read back into what the page holds.
import type { Plan, PlanFile } from "../plan/plan.ts";
import { SEED } from "../plan/plan.ts";
import { BrokenLink } from "./pack.ts";

/** The options of the engine that the program writes; the rest of its type is for other questions. */
interface Options {
  readonly name?: string | null;
  readonly files?: readonly (readonly [string, string])[];
  readonly referenced?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
  readonly overrides?: Overrides;
  readonly seed?: string | null;
  readonly runs?: number | null;
  readonly max_events?: number | null;
}

interface Overrides {
  readonly target?: string | null;
  readonly traffic?: string | null;
  readonly users?: string | null;
  readonly horizon?: string | null;
  readonly spikes?: readonly string[];
  readonly objectives?: readonly string[];
  readonly set?: readonly (readonly [string, string])[];
}

/** Throws [`BrokenLink`] for what is no such plan. */
export function handed(json: string): Plan {
  const { text, options } = parse(json);
  const first: PlanFile = { name: options.name ?? "plan.yaml", text };
  const further = (options.files ?? []).map(([name, text]) => ({ name, text }));
  const { runs, max_events } = options;
  const { target, traffic, users, horizon, spikes, objectives, set } = options.overrides ?? {};
  return {
    ready: null,
    files: [first, ...further],
    environment: options.environment ?? {},
    referenced: options.referenced ?? {},
    profiles: options.profiles ?? [],
    seed: options.seed ?? SEED,
    budget: { ...(runs != null && { runs }), ...(max_events != null && { max_events }) },
    edits: {
      ...(target != null && { target }),
      ...(traffic != null && { traffic }),
      ...(users != null && { users }),
      ...(horizon != null && { horizon }),
      spikes: spikes ?? [],
      objectives: objectives ?? [],
      set: set ?? [],
    },
  };
}

function parse(json: string): { text: string; options: Options } {
  try {
    const read = JSON.parse(json);
    if (typeof read?.text === "string" && typeof read.options === "object" && read.options)
      return read;
  } catch {
    // Said below, as for any other text that is none.
  }
  throw new BrokenLink("what it serves is no plan");
}
