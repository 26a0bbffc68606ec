// The small engine and the whole one, for the same questions: only the whole one reads Kubernetes manifests and alert
// rules, and few pages ever see any. Only the whole one knows how to measure a guess, and it has just said which decide;
// and only it knows where the catalogue has its values from, which a table shows when somebody opens it.
import { mayBeManifests, mayHaveAlerts } from "../plan/plan.ts";
import type { Answer, LongQuestion, MeasureQuestion, Question } from "./question.ts";
import type { Slot } from "./slot.ts";

export class Pair {
  constructor(
    private readonly small: Slot<Question>,
    private readonly whole: Slot<LongQuestion>,
  ) {}

  get isBusy(): boolean {
    return this.small.isBusy || this.whole.isBusy;
  }

  ask(question: Question | MeasureQuestion): Promise<Answer> {
    if (question.verb === "measure") return this.askWhole(question);
    // Whoever asks about another plan with such words is answered as well.
    const needsWhole = mayBeManifests(question.text) || mayHaveAlerts(JSON.stringify(question));
    return needsWhole ? this.askWhole(question) : this.small.ask(question);
  }

  askWhole(question: LongQuestion): Promise<Answer> {
    return this.whole.ask(question);
  }

  /** Stops what is under way in either. */
  stop(): void {
    this.small.stop();
    this.whole.stop();
  }
}
