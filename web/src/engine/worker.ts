// The engine that the page begins with, in a thread of its own.
import load, * as engine from "../../generated/engine/first/plimsoll.js";
import type { Question } from "./question.ts";
import { serve } from "./serve.ts";

serve<Question>(load, (question) => {
  if (question.verb === "environment") return engine.environment(question.name, question.text);
  return engine[question.verb](question.text, question.options);
});
