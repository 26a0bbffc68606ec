// What the page asks the engine, and what comes back: plain data between a page and its workers.

export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  readonly path: string;
  readonly location: { file: string; line: number; column: number } | null;
  readonly message: string;
  readonly hint: string | null;
}

/** The functions of the engine that take a plan and options. */
export type Verb = "check" | "inspect" | "over_time" | "load_line" | "fit" | "sweep";

export type Question =
  | { readonly verb: Verb; readonly text: string; readonly options: string }
  | {
      readonly verb: "diff";
      readonly text: string;
      readonly head: string;
      readonly options: string;
    }
  | { readonly verb: "environment"; readonly name: string; readonly text: string }
  | { readonly verb: "scenarios" };

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
