// The whole engine, for the longer questions, in a thread of its own.
import load, * as engine from "../../generated/engine/web/plimsoll.js";
import type { LongQuestion } from "./question.ts";
import { serve } from "./serve.ts";

let judge: engine.SharedCheck | undefined;
let hand: engine.Hand | undefined;

/** What the judge wants next, and how often it has looked at the objectives. */
function next(of: engine.SharedCheck): string {
  const task = JSON.parse(of.task() ?? "null");
  return JSON.stringify({ task, looked: of.looked() });
}

// The engine calls it by this name between runs, also while a question is under way.
Object.assign(self, {
  plimsollTold: (told: string) => self.postMessage({ told: JSON.parse(told) }),
});

serve<LongQuestion>(load, (question) => {
  switch (question.verb) {
    case "measure":
      return engine.measure(question.text, question.options, question.path);
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
    case "diff":
      return engine.diff(question.text, question.head, question.options);
    default:
      return engine[question.verb](question.text, question.options);
  }
});
