// The engine that the page begins with, in a thread of its own.
import load, * as engine from "../../generated/engine/first/plimsoll.js";
import type { Question } from "./question.ts";
import { serve } from "./serve.ts";

let judge: engine.SharedCheck | undefined;
let hand: engine.Hand | undefined;

/** What the judge wants next, and how often it has looked at the objectives. */
function next(of: engine.SharedCheck): string {
  const task = JSON.parse(of.task() ?? "null");
  return JSON.stringify({ task, looked: of.looked() });
}

serve<Question>(load, (question) => {
  switch (question.verb) {
    case "measure":
      return JSON.stringify(engine.measure(question.path) ?? null);
    case "environment":
      return engine.environment(question.name, question.text);
    case "judge":
      judge?.free();
      judge = new engine.SharedCheck(question.text, question.options);
      return next(judge);
    case "take":
      for (const words of question.words) {
        if (!judge?.take(words)) throw new Error("these runs are of another check");
      }
      return judge ? next(judge) : "null";
    case "report":
      return judge?.report() ?? "null";
    case "hand":
      hand?.free();
      hand = new engine.Hand(question.text, question.options);
      return "null";
    case "work":
      return hand?.work(question.task) ?? new BigUint64Array();
    default:
      return engine[question.verb](question.text, question.options);
  }
});
