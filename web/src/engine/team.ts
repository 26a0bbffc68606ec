// A check whose runs are made by several workers at once. One judges and says which runs it wants; the
// others make them. Which of them makes which run changes nothing: the judge takes them in order.
import type { Answer, Question } from "./question.ts";
import { type Slot, Superseded } from "./slot.ts";

/** Runs that are wanted, from number `first` on; the rest is between the judge and the hands. */
interface Task {
  readonly first: number;
  readonly count: number;
}

interface Wish {
  readonly task: Task | null;
  readonly looked: number;
}

interface Asked {
  readonly text: string;
  readonly options: string;
}

/** Parts of a task for each hand: runs are of unlike length, and who is done takes the next part. */
const PARTS = 3;

/** An answer that ends a check early: the plan is wrong, or an engine crashed. */
class Ended extends Error {
  constructor(readonly answer: Answer) {
    super(answer.kind);
  }
}

function said(answer: Answer): string {
  if (answer.kind !== "answer") throw new Ended(answer);
  return answer.json;
}

/** A task in parts of at most so many runs. */
export function cut<T extends Task>(task: T, most: number): T[] {
  const parts: T[] = [];
  for (let done = 0; done < task.count; done += most) {
    const count = Math.min(most, task.count - done);
    parts.push({ ...task, first: task.first + done, count });
  }
  return parts;
}

export class Team {
  #turn = 0;

  constructor(
    private readonly judge: Slot<Question>,
    private readonly hands: readonly Slot<Question>[],
  ) {}

  /** Ends what is under way: whoever waits for it gets [`Superseded`]. */
  stop(): void {
    this.#turn += 1;
    for (const slot of [this.judge, ...this.hands]) slot.stop();
  }

  /** The report of `check`; `soFar` gets what each look before the last one says. */
  check(of: Asked, soFar: (json: string) => void): Promise<Answer> {
    return this.#begin(async (isWanted) => {
      const begun = performance.now();
      const join = (hand: Slot<Question>) => hand.ask({ verb: "hand", ...of });
      const [wish, ...joined] = await Promise.all([
        this.judge.ask({ verb: "judge", ...of }),
        ...this.hands.map(join),
      ]);
      joined.forEach(said);
      let { task, looked } = JSON.parse(said(wish)) as Wish;
      while (task) {
        isWanted();
        const words = await this.#share(task);
        isWanted();
        const next = JSON.parse(said(await this.judge.ask({ verb: "take", words }))) as Wish;
        if (next.task && next.looked > looked) {
          isWanted();
          soFar(said(await this.judge.ask({ verb: "report" })));
        }
        ({ task, looked } = next);
      }
      isWanted();
      const report = await this.judge.ask({ verb: "report" });
      const milliseconds = performance.now() - begun;
      return report.kind === "answer" ? { ...report, milliseconds } : report;
    });
  }

  /** Single runs over time, as one JSON array: `ask` writes the question for some of them. */
  overTime(count: number, ask: (replications: readonly [number, number]) => Asked) {
    return this.#begin(async () => {
      const parts = cut({ first: 0, count }, Math.ceil(count / (this.hands.length * PARTS)));
      const answers = await this.#each(parts, (hand, part) =>
        hand.ask({ verb: "over_time", ...ask([part.first, part.count]) }),
      );
      const arrays = answers.map((answer) => said(answer).slice(1, -1));
      const json = `[${arrays.filter((array) => array !== "").join(",")}]`;
      return { kind: "answer", json, milliseconds: 0 };
    });
  }

  async #begin(work: (isWanted: () => void) => Promise<Answer>): Promise<Answer> {
    this.stop();
    const turn = this.#turn;
    try {
      return await work(() => {
        if (turn !== this.#turn) throw new Superseded();
      });
    } catch (error) {
      if (error instanceof Ended) {
        if (turn === this.#turn) this.stop();
        return error.answer;
      }
      throw error;
    }
  }

  /** What becomes of a task, in order. */
  async #share(task: Task): Promise<BigUint64Array[]> {
    const most = Math.ceil(task.count / (this.hands.length * PARTS));
    const answers = await this.#each(cut(task, most), (hand, part) =>
      hand.ask({ verb: "work", task: JSON.stringify(part) }),
    );
    return answers.map((answer) => {
      said(answer);
      return (answer.kind === "answer" && answer.words) || new BigUint64Array();
    });
  }

  /** Does every part, on whichever hand is free; answers are in the order of the parts. */
  async #each<P>(
    parts: readonly P[],
    work: (hand: Slot<Question>, part: P) => Promise<Answer>,
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const help = async (hand: Slot<Question>) => {
      for (let index = next++; index < parts.length; index = next++) {
        const part = parts[index];
        if (part !== undefined) answers[index] = await work(hand, part);
      }
    };
    await Promise.all(this.hands.map(help));
    return answers;
  }
}
