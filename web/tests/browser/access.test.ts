// For everybody: rules of WCAG as axe-core checks them, keys, and people who ask for less motion.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { expect, test } from "vitest";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const stage = setStage();

async function violations(visit: Visit): Promise<string[]> {
  const { violations } = await visit.page.evaluate<AxeResults>("axe.run(document)");
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}

test.each([
  ["light", 1280],
  ["dark", 360],
] as const)("no rule is broken in the %s theme, %i pixels wide", async (colorScheme, width) => {
  const visit = await stage.visit({ colorScheme, viewport: { width, height: 800 } });
  await visit.isFinal();
  const cue = visit.page.getByText("It goes on to the right: scroll it.");
  await expect.poll(() => cue.count()).toBe(width === 360 ? 1 : 0);
  await visit.page.evaluate(AXE);
  for (const tab of await visit.page.getByRole("tab").all()) {
    await tab.click();
    expect(await violations(visit), `tab ${await tab.textContent()}`).toEqual([]);
  }
  await visit.drop({ name: "bad.yaml", text: "services: [" });
  await visit.trouble.waitFor();
  expect(await violations(visit), "error card").toEqual([]);
});

test("a slider obeys its keys, and says its value in words", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const slider = visit.slider("Traffic");
  const value = async () => Number(await slider.inputValue());
  const start = await value();
  await slider.press("ArrowRight");
  expect(await value()).toBe(start + 1);
  await slider.press("PageUp");
  expect(await value()).toBe(start + 11);
  await slider.press("PageDown");
  await slider.press("ArrowLeft");
  expect(await value()).toBe(start);
  await slider.press("End");
  expect(await value()).toBe(Number(await slider.getAttribute("max")));
  await slider.press("Home");
  expect(await value()).toBe(Number(await slider.getAttribute("min")));
  expect(await slider.getAttribute("aria-valuetext")).toMatch(/requests each second$/);
  expect(await visit.slider("Host memory").getAttribute("aria-valuetext")).toMatch(/bytes$/);
});

test("a button that has done its work keeps the keyboard's place", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.change(() => visit.slider("Host memory").press("ArrowLeft"));
  const back = visit.page.getByRole("button", { name: "Back to the plan as written" });
  await visit.change(() => back.press("Enter"));
  expect(await back.getAttribute("aria-disabled")).toBe("true");
  expect(await back.evaluate((button) => button === document.activeElement)).toBe(true);
});

test("the question mark shows the keys, and Escape puts them away", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const help = visit.page.getByRole("dialog", { name: "Keys" });
  await visit.page.keyboard.press("?");
  await help.waitFor();
  expect(await help.textContent()).toContain("PageUp");
  await visit.page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
  await visit.page.getByRole("button", { name: "Paste text" }).click();
  await visit.page
    .getByRole("textbox", { name: "Compose, Kubernetes or scenario file" })
    .press("?");
  expect(await help.isVisible()).toBe(false);
});

test("a verdict is announced once it is sure", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.slider("Host memory").press("Home");
  await visit.page.getByRole("status").filter({ hasText: "On 256 MiB this stack" }).waitFor();
});

test("people who ask for less motion get none", async () => {
  const visit = await stage.visit({ reducedMotion: "reduce" });
  await visit.isFinal();
  const moving = await visit.page.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return (
          animationName !== "none" || transitionDuration.split(", ").some((one) => one !== "0s")
        );
      }).length,
  );
  expect(moving).toBe(0);
});

test("every chart has a sentence and a table", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const charts = visit.page.locator("section.card", { has: visit.page.getByRole("img") });
  const names = await charts.evaluateAll((all) =>
    all.map((one) => one.getAttribute("aria-labelledby")),
  );
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    const card = visit.page.locator(`section.card[aria-labelledby="${name}"]`);
    for (const image of await card.getByRole("img").all()) {
      expect(await image.getAttribute("aria-label"), `${name}`).toMatch(/\w+ \w+/);
    }
    await card.getByRole("button", { name: "Table", exact: true }).click();
    await card.getByRole("table").first().waitFor();
  }
});
