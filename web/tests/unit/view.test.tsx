// What parts of the page show, rendered to a string.
import { render } from "preact-render-to-string";
import { expect, test } from "vitest";
import { Found } from "../../src/answer/compare.tsx";
import type { DiffAnswer, Inspection, Report } from "../../src/engine/answers.ts";
import { inspection } from "../../src/store.ts";
import { Causes } from "../../src/view/causes.tsx";
import { Doubts } from "../../src/view/tabs.tsx";

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

test("warnings about the plan are counted where the answer is first seen", () => {
  const note = (severity: string) => ({ code: "W101", severity, path: "", message: "" });
  const show = (...severities: readonly string[]) => {
    inspection.value = { notes: severities.map(note) } as unknown as Inspection;
    return render(<Doubts />);
  };
  expect(show("note")).toBe("");
  expect(show("warning", "note")).toContain("1 warning<");
  expect(show("warning", "warning")).toContain("2 warnings<");
  inspection.value = null;
});
