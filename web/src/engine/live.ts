// Live simulation: preview, refining, final. The latest plan wins. Previews have a worker to themselves,
// so no longer question is ever in their way.
import { asked, type Plan } from "../plan/plan.ts";
import type { Pair } from "./pair.ts";
import type { Answer, Diagnostic } from "./question.ts";
import { Superseded } from "./slot.ts";
import type { Team } from "./team.ts";

export type Stage = "preview" | "refining" | "final";

export interface Told {
  /** A report of some stage. */
  report(plan: Plan, stage: Stage, json: string, milliseconds: number): void;
  /** Single runs over time. */
  runs(plan: Plan, json: string): void;
  /** What was understood. */
  inspection(plan: Plan, json: string): void;
  /** The plan cannot be simulated. */
  wrong(plan: Plan, diagnostics: readonly Diagnostic[]): void;
  /** The engine crashed over this plan. */
  crash(plan: Plan, message: string): void;
}

/** Runs that make a band. */
export const BAND_RUNS = 20;
/** Events of a preview: about 100 ms. A plan that costs more is previewed by the beginning of its run. */
const PREVIEW_EVENTS = 400_000;
/** A plan that stands still for so long is worth the sure answer, in milliseconds. */
const SETTLED = 140;

export class Live {
  #wanted: Plan | undefined;
  #isLooking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly quick: Pair,
    private readonly team: Team,
    private readonly told: Told,
  ) {}

  /** A new plan: whatever is known of older ones is of no use from now on. A preview under way is left to
   * end, since it is short; what is long has workers of its own, and they go. */
  show(plan: Plan): void {
    this.#wanted = plan;
    this.team.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#judge(plan), SETTLED);
    if (!this.#isLooking) void this.#look();
  }

  /** Stops everything; what is shown stays. */
  cancel(): void {
    this.#wanted = undefined;
    clearTimeout(this.#timer);
    this.quick.stop();
    this.team.stop();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    let done: Plan | undefined;
    while (this.#wanted && this.#wanted !== done) {
      const plan = this.#wanted;
      await unlessSuperseded(this.#glance(plan));
      done = plan;
    }
    this.#isLooking = false;
  }

  async #glance(plan: Plan): Promise<void> {
    const first = { runs: 1, series: true, without_screening: true, max_events: PREVIEW_EVENTS };
    const preview = await this.quick.ask({ verb: "check", ...asked(plan, first) });
    if (!this.#take(plan, preview, "preview") || this.#wanted !== plan) return;
    const understood = await this.quick.ask({ verb: "inspect", ...asked(plan) });
    if (this.#wanted === plan && understood.kind === "answer")
      this.told.inspection(plan, understood.json);
  }

  #judge(plan: Plan): Promise<void> {
    return unlessSuperseded(this.#settle(plan));
  }

  async #settle(plan: Plan): Promise<void> {
    const final = await this.team.check(asked(plan, plan.budget), (json) => {
      if (this.#wanted === plan) this.told.report(plan, "refining", json, 0);
    });
    if (!this.#take(plan, final, "final")) return;
    const runs = await this.team.overTime(BAND_RUNS, (replications) =>
      asked(plan, { replications }),
    );
    if (this.#wanted === plan && runs.kind === "answer") this.told.runs(plan, runs.json);
  }

  /** Tells of an answer if it is still wanted; false when there is nothing more to ask. */
  #take(plan: Plan, answer: Answer, stage: Stage): boolean {
    if (this.#wanted !== plan) return false;
    switch (answer.kind) {
      case "answer":
        this.told.report(plan, stage, answer.json, answer.milliseconds);
        return true;
      case "wrong":
        this.cancel();
        this.told.wrong(plan, answer.diagnostics);
        return false;
      case "crash":
        this.cancel();
        this.told.crash(plan, answer.message);
        return false;
    }
  }
}

async function unlessSuperseded(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
  }
}
