// The longer questions: how far, how small, and what a change does.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { BrowserContextOptions, Locator } from "playwright-core";
import { expect, test } from "vitest";
import { sentence } from "../../src/answer/loadline.tsx";
import { readSize } from "../../src/text/format.ts";
import { program } from "../help/repository.ts";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

/** One core's worth of an event loop: 20 ms of CPU make 50 requests a second the most. */
const PLAN = `version: 1
entry: api
services:
  api: {lock: event_loop, cpu_request: 20ms, memory: 256MiB, memory_program: 24MiB}
  beside: {memory: 128MiB, memory_program: 24MiB}
traffic: {arrival_rate: 5/s}
horizon: 20s
objectives: ["oom: p < 30%", "latency: p(95) < 1s"]
`;

const stage = setStage();

async function begin(options: BrowserContextOptions = {}, text = PLAN): Promise<Visit> {
  const visit = await stage.visit(options);
  await visit.isFinal();
  await visit.change(() => visit.drop({ name: "plan.yaml", text }));
  return visit;
}

/** What the command line tells with a `command` that the page shows, in a folder with the plan. */
function told(command: string) {
  const folder = mkdtempSync(`${tmpdir()}/plimsoll-told-`);
  try {
    writeFileSync(`${folder}/plan.yaml`, PLAN);
    const words = `${command.replace(/^plimsoll/, program())} --format json`;
    const { stdout, stderr } = spawnSync("sh", ["-c", words], { cwd: folder, encoding: "utf8" });
    expect(stdout, stderr).not.toBe("");
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the load line is found and drawn on the slider", async () => {
  const visit = await begin();
  await visit.openTab("How far, what then");
  await visit.page.getByRole("button", { name: "Find the load line" }).press("Enter");
  const said = await visit.page.getByTestId("load-line").textContent();
  const [, load] = said?.match(/([\d.]+)\/s/) ?? [];
  expect(Number(load)).toBeGreaterThan(30);
  expect(Number(load)).toBeLessThan(60);
  expect(said).toMatch(/surely holds at .*\/s, one is surely broken at /);
  const again = visit.page.getByRole("button", { name: "Find it again" });
  expect(await again.evaluate((button) => button === document.activeElement)).toBe(true);
  const mark = await visit.page.locator(".track svg.load-mark").boundingBox();
  const hint = await visit.page
    .locator(".slider", { hasText: "Traffic" })
    .locator(".hint")
    .boundingBox();
  expect((mark?.y ?? Number.NaN) + (mark?.height ?? 0)).toBeLessThanOrEqual(hint?.y ?? 0);
  expect(visit.complaints).toEqual([]);
});

test("the command line finds the same load line with the command that is shown", async () => {
  const visit = await begin();
  await visit.openTab("How far, what then");
  await visit.page.getByRole("button", { name: "Find the load line" }).click();
  const said = await visit.page.getByTestId("load-line").textContent();
  const command = await visit.page.getByRole("textbox", { name: "Command" }).inputValue();
  expect(command).toMatch(/^plimsoll load-line plan\.yaml --precision /);
  expect(sentence(told(command))).toBe(said);
  expect(visit.complaints).toEqual([]);
});

test("where each value came from is told by the whole engine, for each plan anew", async () => {
  const visit = await begin();
  await visit.openTab("What was understood");
  const origin = (path: string) =>
    visit.page
      .locator("table.inputs tr", { has: visit.page.getByText(path, { exact: true }) })
      .locator("small");
  await expect
    .poll(() => origin("services.api.memory_request").textContent())
    .toMatch(/^estimate: /);
  await visit.change(() => visit.drop({ name: "plan.yaml", text: PLAN.replace("5/s", "6/s") }));
  await expect
    .poll(() => origin("services.api.memory_request").textContent())
    .toMatch(/^estimate: /);
  expect(visit.complaints).toEqual([]);
});

test("a comparison shows what changed, and that the rest differs by exactly 0", async () => {
  const visit = await begin();
  await visit.openTab("What was understood");
  const all = visit.page.getByRole("button", { name: /^Show all/ });
  if (await all.isVisible()) await all.click();
  const memory = visit.page.getByRole("textbox", { name: "services.api.memory", exact: true });
  await visit.change(async () => {
    await memory.fill("16MiB");
    await memory.press("Enter");
  });
  await visit.openTab("How far, what then");
  await visit.page.getByRole("button", { name: "Compare", exact: true }).click();
  const said = await visit.page.getByTestId("compare").textContent();
  expect(said).toBe("Before: fits. After: does not fit.");
  const inputs = visit.page.getByRole("region", { name: "Inputs that differ" });
  expect(await inputs.textContent()).toContain("services.api.memory");
  const same = await visit.page.getByText(/quantities differ by exactly 0/).textContent();
  expect(Number.parseInt(same ?? "", 10)).toBeGreaterThan(0);
  const table = visit.page.getByRole("region", { name: "Differences" });
  expect(await table.textContent()).not.toContain("beside");
  expect(visit.complaints).toEqual([]);
});

test("fitted limits are applied with one button, and hold", async () => {
  const visit = await begin();
  await visit.openTab("How far, what then");
  await visit.page.getByRole("button", { name: "Fit the limits" }).click();
  await visit.page
    .getByTestId("told")
    .getByText(/\d+ plans, [\d.]+ million events/)
    .waitFor();
  expect(await visit.page.getByTestId("fit").textContent()).toMatch(/^These limits hold/);
  const card = visit.page.getByRole("region", { name: "Smallest limits that hold" });
  const line = await card.getByLabel("Command", { exact: true }).inputValue();
  const { proposals } = told(line);
  const table = await card.getByRole("region", { name: "Proposed limits" }).textContent();
  for (const { path, before, proposed } of proposals) {
    expect(table).toContain(`${path}${before ?? "none"}${proposed}`);
  }
  await visit.change(() => visit.page.getByRole("button", { name: "Apply and simulate" }).click());
  expect(await visit.page.locator(".verdict .badge").textContent()).toContain("Fits");
  await visit.openTab("Share and take away");
  expect(await visit.saved("Compose override")).toMatch(/^ {2}api:\n {4}mem_limit: \d+m$/m);
  expect(visit.complaints).toEqual([]);
});

test.each([1280, 360])(
  "%i pixels wide, a fitted limit stands beside what it takes where guesses are high",
  async (width) => {
    // What a program takes is stated, what its requests and connections take is guessed.
    const guessed = PLAN.replace("memory_program: 24MiB", "memory_program: 240MiB");
    const visit = await begin({ viewport: { width, height: 740 } }, guessed);
    await visit.openTab("How far, what then");
    await visit.page.getByRole("button", { name: "Fit the limits" }).click();
    const table = visit.page.getByRole("region", { name: "Proposed limits" });
    const headings = table.getByRole("columnheader");
    const high = table.getByRole("row", { name: "services.api.memory" }).getByRole("cell").nth(2);
    const size = async (cell: Locator) => readSize((await cell.textContent()) ?? "") ?? 0;
    expect(await size(high)).toBeGreaterThan(256 * 2 ** 20);
    expect((await headings.allTextContents()).slice(2, 4)).toEqual(["proposed", "guesses high"]);
    // It is in the table's own frame, whether at once or by scrolling.
    await high.scrollIntoViewIfNeeded();
    const [frame, cell] = [await table.boundingBox(), await high.boundingBox()];
    expect(cell?.x).toBeGreaterThanOrEqual(frame?.x ?? Number.NaN);
    expect((cell?.x ?? 0) + (cell?.width ?? 0)).toBeLessThanOrEqual(
      (frame?.x ?? 0) + (frame?.width ?? 0) + 1,
    );
    expect(
      await visit.page.getByText(/^Without any margin; “guesses high” is about/).isVisible(),
    ).toBe(true);
  },
);

/** A cache that is killed before it drops a key. */
const FULL = `version: 1
services:
  cache: {profile: redis, memory: 64MiB, maxmemory: 64mb, eviction: allkeys-lru}
traffic: {arrival_rate: 5/s}
horizon: 20s
`;

test("a finding's fix is simulated with one button, and mends it", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.change(() => visit.drop({ name: "plan.yaml", text: FULL }));
  await visit.openTab("How far, what then");
  const finding = visit.page.getByText("PL020");
  expect(await finding.count()).toBe(1);
  const fix = visit.page.getByRole("button", { name: /^Try services\.cache\.maxmemory = \d+MiB$/ });
  await visit.change(() => fix.click());
  expect(await finding.count()).toBe(0);
  expect(visit.complaints).toEqual([]);
});
