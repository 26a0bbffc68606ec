// The whole engine, for the longer questions, in a thread of its own.
import load, * as engine from "../../generated/engine/web/plimsoll.js";
import type { LongQuestion } from "./question.ts";
import { serve } from "./serve.ts";

// The engine calls it by this name between runs, also while a question is under way.
Object.assign(self, {
  plimsollTold: (told: string) => self.postMessage({ told: JSON.parse(told) }),
});

serve<LongQuestion>(load, (question) => {
  switch (question.verb) {
    case "measure":
      return JSON.stringify(engine.measure(question.path) ?? null);
    case "environment":
      return engine.environment(question.name, question.text);
    case "diff":
      return engine.diff(question.text, question.head, question.options);
    default:
      return engine[question.verb](question.text, question.options);
  }
});
