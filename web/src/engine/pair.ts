// The small engine and the whole one, for the same questions: the small one reads scenarios, with which a page begins;
// only the whole one reads Compose files, Kubernetes manifests and alert rules. Only the whole one knows how to measure a
// guess, and it has just said which decide; and only it knows where the catalogue has its values from, which a table
// shows when somebody opens it.
import { mayHaveAlerts } from "../plan/plan.ts";
import type { Answer, LongQuestion, MeasureQuestion, Question } from "./question.ts";
import type { Slot } from "./slot.ts";

/** A kind of file that is known and not read (`core/src/diagnostic/code.rs`). */
const NOT_READ = "E115";

export class Pair {
  constructor(
    private readonly small: Slot<Question>,
    private readonly whole: Slot<LongQuestion>,
  ) {}

  get isBusy(): boolean {
    return this.small.isBusy || this.whole.isBusy;
  }

  async ask(question: Question | MeasureQuestion): Promise<Answer> {
    if (question.verb === "measure") return this.askWhole(question);
    // Whoever asks about another plan with such words is answered as well.
    if (mayHaveAlerts(JSON.stringify(question))) return this.askWhole(question);
    const answer = await this.small.ask(question);
    return isNotRead(answer) ? this.askWhole(question) : answer;
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

/** Whether an engine knows the kind of a file and does not read it. */
function isNotRead(answer: Answer): boolean {
  return answer.kind === "wrong" && answer.diagnostics.some((one) => one.code === NOT_READ);
}
