// What the page asks the engine, and what comes back: plain data between a page and its workers.

import type { Diagnostic } from "../../generated/types/inspection.ts";

export type { Diagnostic };

/** What the engine that the page begins with answers. */
export type FirstVerb = "check" | "inspect" | "over_time";
/** The longer questions, answered by an engine that is loaded when it is wanted. */
export type LongVerb = FirstVerb | "load_line" | "fit" | "sweep";

export type Question =
  | { readonly verb: FirstVerb; readonly text: string; readonly options: string }
  | { readonly verb: "environment"; readonly name: string; readonly text: string }
  | { readonly verb: "measure"; readonly path: string };

export type LongQuestion =
  | Question
  | { readonly verb: LongVerb; readonly text: string; readonly options: string }
  | {
      readonly verb: "diff";
      readonly text: string;
      readonly head: string;
      readonly options: string;
    };

export type Answer =
  | { readonly kind: "answer"; readonly json: string; readonly milliseconds: number }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "crash"; readonly message: string };

/** First message to a worker: the compiled engine. */
export interface Begin {
  readonly module: WebAssembly.Module;
}

export interface Numbered<T> {
  readonly id: number;
  readonly body: T;
}
