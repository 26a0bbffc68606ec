// One engine in a thread of its own: answers one question after another, in order.
import init, * as engine from "../../generated/engine/plimsoll.js";
import type { Answer, Begin, Diagnostic, Numbered, Question } from "./question.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
let ready: Promise<unknown> | undefined;

scope.onmessage = async (event: MessageEvent<Begin | Numbered<Question>>) => {
  const message = event.data;
  if ("module" in message) {
    ready = init({ module_or_path: message.module });
    return;
  }
  await ready;
  const reply: Numbered<Answer> = { id: message.id, body: answer(message.body) };
  scope.postMessage(reply);
};

function answer(question: Question): Answer {
  const start = performance.now();
  try {
    const json = ask(question);
    return { kind: "answer", json, milliseconds: performance.now() - start };
  } catch (error) {
    if (Array.isArray(error)) return { kind: "wrong", diagnostics: error as Diagnostic[] };
    return { kind: "crash", message: String(error) };
  }
}

function ask(question: Question): string {
  switch (question.verb) {
    case "scenarios":
      return engine.scenarios();
    case "environment":
      return engine.environment(question.name, question.text);
    case "diff":
      return engine.diff(question.text, question.head, question.options);
    default:
      return engine[question.verb](question.text, question.options);
  }
}
