// What parts of the page show, rendered to a string.
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { Found } from "../../src/answer/compare.tsx";
import type { DiffAnswer, Report } from "../../src/engine/answers.ts";
import { Causes } from "../../src/view/causes.tsx";

/** One endpoint whose time has these causes. */
function report(...causes: readonly string[]): Report {
  const time_by_cause = causes.map((cause) => ({ cause, seconds: 1 }));
  return { endpoints: [{ name: "page", completed: 1, time_by_cause }] } as unknown as Report;
}

test("a cause of time has one colour, whichever others there are", () => {
  const worked = (page: string) =>
    /<rect class="(cause-\d)"[^>]*><\/rect><\/svg>worked/.exec(page)?.[1];
  const all = render(<Causes report={report("queued_worker", "queued_pool", "worked")} />);
  const alone = render(<Causes report={report("worked")} />);
  expect(worked(alone)).toMatch(/^cause-\d$/);
  expect(worked(all)).toBe(worked(alone));
});

test("a comparison without a difference shows no empty table", () => {
  const fits = { verdict: "fits" };
  const change = { base: 1, head: 1, difference: 0, interval: null, judgement: "same" };
  const one = { subject: "service", name: "api", quantity: "memory", unit: "bytes", change };
  const found = (difference: number) => {
    const differences = [{ ...one, change: { ...change, difference } }];
    const answer = { base: fits, head: fits, inputs: [], differences };
    return render(<Found answer={answer as unknown as DiffAnswer} />);
  };
  expect(found(0)).not.toContain("<table");
  expect(found(0)).toContain("1 quantities differ by exactly 0");
  expect(found(1)).toContain("<table");
});
