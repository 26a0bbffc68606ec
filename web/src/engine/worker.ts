// The engine that the page begins with, in a thread of its own.
import load, * as engine from "../../generated/engine/first/plimsoll.js";
import type { Question } from "./question.ts";
import { serve } from "./serve.ts";

serve<Question>(load, (question) => {
  switch (question.verb) {
    case "measure":
      return engine.measure(question.text, question.options, question.path);
    case "environment":
      return engine.environment(question.name, question.text);
    default:
      return engine[question.verb](question.text, question.options);
  }
});
