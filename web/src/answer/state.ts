// Answers to longer questions. Each belongs to one plan; with another plan it is old.
import { signal } from "@preact/signals";
import type { DiffAnswer, FitAnswer, LoadLineAnswer } from "../engine/answers.ts";
import type { LongQuestion, Told } from "../engine/question.ts";
import { Superseded } from "../engine/slot.ts";
import type { Plan } from "../plan/plan.ts";
import { complain, workers } from "../store.ts";

export interface Answered<A> {
  readonly plan: Plan;
  readonly answer: A;
  readonly json: string;
}

export const loadLine = signal<Answered<LoadLineAnswer> | null>(null);
export const fit = signal<Answered<FitAnswer> | null>(null);
export const diff = signal<Answered<DiffAnswer> | null>(null);
/** The question under way, if any. */
export const asking = signal<string | null>(null);

/** How far it is, once it has told. */
export const told = signal<Told | null>(null);

/** Asks a longer question; a newer one takes the place of the one before. */
export async function ask<A>(
  name: string,
  of: Plan,
  question: LongQuestion,
): Promise<Answered<A> | null> {
  const slot = workers()?.long;
  if (!slot) return null;
  slot.stop();
  slot.onTold = (next) => {
    told.value = next;
  };
  told.value = null;
  asking.value = name;
  try {
    const answer = await slot.ask(question);
    asking.value = null;
    if (answer.kind === "answer") {
      return { plan: of, answer: JSON.parse(answer.json) as A, json: answer.json };
    }
    const diagnostics =
      answer.kind === "wrong"
        ? answer.diagnostics
        : [
            {
              code: "internal",
              severity: "error" as const,
              path: "",
              location: null,
              message: `the engine stopped: ${answer.message}`,
              hint: null,
            },
          ];
    complain({ title: `No answer to “${name}”`, diagnostics, texts: {} });
    return null;
  } catch (error) {
    if (error instanceof Superseded) return null;
    throw error;
  }
}

export function stopAsking(): void {
  asking.value = null;
  workers()?.long.stop();
}
