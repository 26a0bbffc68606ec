// Live simulation: preview, refining, final. The latest plan wins; what was asked of an older one is
// left to end when it is short and stopped when it is long.
import { asked, type Plan } from "../plan/plan.ts";
import type { Answer, Diagnostic, Question } from "./question.ts";
import { type Slot, Superseded } from "./slot.ts";

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

/** Runs of the refining stage: the first number at which a check looks at its objectives. */
const REFINING_RUNS = 20;
/** Runs that make a band. */
export const BAND_RUNS = 20;
/** A plan that stands still for so long is worth the sure answer, in milliseconds. */
const SETTLED = 140;
/** A quick question that takes longer is stopped for a newer plan, in milliseconds. */
const PATIENCE = 250;

export class Live {
  #wanted: Plan | undefined;
  #isLooking = false;
  #lookStarted = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly quick: Slot<Question>,
    private readonly sure: Slot<Question>,
    private readonly told: Told,
  ) {}

  /** A new plan: whatever is known of older ones is of no use from now on. */
  show(plan: Plan): void {
    this.#wanted = plan;
    this.sure.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#judge(plan), SETTLED);
    if (this.#isLooking && performance.now() - this.#lookStarted > PATIENCE) this.quick.stop();
    if (!this.#isLooking) void this.#look();
  }

  /** Stops everything; what is shown stays. */
  cancel(): void {
    this.#wanted = undefined;
    clearTimeout(this.#timer);
    this.quick.stop();
    this.sure.stop();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    let done: Plan | undefined;
    while (this.#wanted && this.#wanted !== done) {
      const plan = this.#wanted;
      this.#lookStarted = performance.now();
      try {
        await this.#glance(plan);
      } catch (error) {
        if (!(error instanceof Superseded)) throw error;
      }
      done = plan;
    }
    this.#isLooking = false;
  }

  async #glance(plan: Plan): Promise<void> {
    const first = { runs: 1, series: true, without_screening: true };
    const preview = await this.quick.ask({ verb: "check", ...asked(plan, first) });
    if (!this.#take(plan, preview, "preview") || this.#wanted !== plan) return;
    const understood = await this.quick.ask({ verb: "inspect", ...asked(plan) });
    if (this.#wanted !== plan) return;
    if (understood.kind === "answer") this.told.inspection(plan, understood.json);
    const more = { runs: REFINING_RUNS, without_screening: true };
    const refined = await this.quick.ask({ verb: "check", ...asked(plan, more) });
    if (!this.#take(plan, refined, "refining") || this.#wanted !== plan) return;
    const replications = [0, BAND_RUNS] as const;
    const runs = await this.quick.ask({ verb: "over_time", ...asked(plan, { replications }) });
    if (this.#wanted === plan && runs.kind === "answer") this.told.runs(plan, runs.json);
  }

  async #judge(plan: Plan): Promise<void> {
    try {
      const final = await this.sure.ask({ verb: "check", ...asked(plan, plan.budget) });
      this.#take(plan, final, "final");
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
    }
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
