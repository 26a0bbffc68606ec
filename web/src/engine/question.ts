// What the page asks the engine, and what comes back: plain data between a page and its workers.

import type { Diagnostic } from "../../generated/types/inspection.ts";

export type { Diagnostic };

/** What the engine that the page begins with answers. */
export type FirstVerb = "check" | "inspect" | "over_time";
/** The longer questions, answered by an engine that is loaded when it is wanted. */
export type LongVerb = FirstVerb | "load_line" | "fit" | "sweep";

export type Question =
  | { readonly verb: FirstVerb; readonly text: string; readonly options: string }
  | { readonly verb: "environment"; readonly name: string; readonly text: string };

/** How to measure a guess of a plan. */
export interface MeasureQuestion {
  readonly verb: "measure";
  readonly text: string;
  readonly options: string;
  readonly path: string;
}

/** A check whose runs several workers make: one judges, the others each have a hand in it. */
export type SharedQuestion =
  | { readonly verb: "judge" | "hand"; readonly text: string; readonly options: string }
  /** For the judge: what became of its last task, in order. */
  | { readonly verb: "take"; readonly words: readonly BigUint64Array[] }
  | { readonly verb: "report" }
  /** For a hand: a task, or a part of one, as JSON. */
  | { readonly verb: "work"; readonly task: string };

export type LongQuestion =
  | Question
  | MeasureQuestion
  | SharedQuestion
  | { readonly verb: LongVerb; readonly text: string; readonly options: string }
  | {
      readonly verb: "diff";
      readonly text: string;
      readonly head: string;
      readonly options: string;
    };

export type Answer =
  | {
      readonly kind: "answer";
      readonly json: string;
      readonly words?: BigUint64Array;
      readonly milliseconds: number;
    }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "crash"; readonly message: string };

/** First message to a worker: the compiled engine. */
export interface Begin {
  readonly module: WebAssembly.Module;
}

/** How far a longer question is. */
export interface Told {
  readonly events: number;
  readonly max_events: number;
  readonly checks: number | null;
  readonly load: number | null;
}

export interface Numbered<T> {
  readonly id: number;
  readonly body: T;
}
