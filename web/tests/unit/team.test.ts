import { expect, test } from "vitest";
import type { Answer, Question } from "../../src/engine/question.ts";
import { type Slot, Superseded } from "../../src/engine/slot.ts";
import { cut, Team } from "../../src/engine/team.ts";

const OF = { text: "version: 1", options: "{}" };
const RUNS = [2, 16, 7];

/** A place for a worker whose answers are written here. */
function slot(reply: (question: Question) => Promise<Answer> | Answer): Slot<Question> {
  return { ask: async (question: Question) => reply(question), stop() {} } as Slot<Question>;
}

const answer = (json: string, words?: BigUint64Array): Answer =>
  words
    ? { kind: "answer", json, words, milliseconds: 0 }
    : { kind: "answer", json, milliseconds: 0 };

/** A judge that wants some runs, then some more, and notes the numbers that it is given. */
function judge(taken: bigint[]): Slot<Question> {
  let asked = 0;
  const wish = () => {
    const first = RUNS.slice(0, asked).reduce((sum, one) => sum + one, 0);
    const count = RUNS[asked];
    return answer(JSON.stringify({ task: count ? { first, count } : null, looked: asked++ }));
  };
  return slot((question) => {
    if (question.verb === "take") taken.push(...question.words.flatMap((words) => [...words]));
    return question.verb === "report" ? answer(`"${taken.length}"`) : wish();
  });
}

/** A hand that gives the numbers of its runs, some sooner and some later. */
function hand(slow: number): Slot<Question> {
  return slot(async (question) => {
    if (question.verb !== "work") return answer("null");
    const { first, count } = JSON.parse(question.task) as { first: number; count: number };
    await new Promise((resolve) => setTimeout(resolve, (slow * (first % 3)) / 2));
    return answer(
      "null",
      BigUint64Array.from({ length: count }, (_, run) => BigInt(first + run)),
    );
  });
}

test("a task is cut into parts that follow each other", () => {
  expect(cut({ first: 3, count: 5 }, 2)).toEqual([
    { first: 3, count: 2 },
    { first: 5, count: 2 },
    { first: 7, count: 1 },
  ]);
  expect(cut({ first: 0, count: 0 }, 4)).toEqual([]);
});

test.each([1, 2, 5])("%i hands: every run is taken once, in order", async (hands) => {
  const taken: bigint[] = [];
  const team = new Team(
    judge(taken),
    Array.from({ length: hands }, (_, index) => hand(index)),
  );
  const looks: string[] = [];
  const report = await team.check(OF, (json) => looks.push(json));
  expect(taken).toEqual(Array.from({ length: 25 }, (_, run) => BigInt(run)));
  expect(report).toMatchObject({ kind: "answer", json: '"25"' });
  expect(looks).toEqual(['"2"', '"18"']);
});

test("a hand that crashes ends the check with its crash", async () => {
  const broken = slot((question) =>
    question.verb === "work" ? { kind: "crash", message: "gone" } : answer("null"),
  );
  const team = new Team(judge([]), [hand(1), broken]);
  expect(await team.check(OF, () => {})).toEqual({ kind: "crash", message: "gone" });
});

test("a newer check takes the place of the one before", async () => {
  const team = new Team(judge([]), [hand(1)]);
  const old = team.check(OF, () => {});
  const next = team.check(OF, () => {});
  await expect(old).rejects.toBeInstanceOf(Superseded);
  await expect(next).resolves.toMatchObject({ kind: "answer" });
});
