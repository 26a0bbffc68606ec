// What a visitor meets before doing anything.
import { expect, test } from "vitest";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

const stage = setStage();

test("a stack is already judged, and nothing foreign is asked for", async () => {
  const visit = await stage.visit({ serviceWorkers: "allow" });
  await visit.isFinal();
  expect(await visit.said()).toMatch(/^On 4 GiB this stack /);
  expect(await visit.page.getByRole("slider").count()).toBe(3);
  expect(
    await visit.page.getByText("Drop your Compose file or Kubernetes manifests").isVisible(),
  ).toBe(true);
  expect(await visit.page.getByRole("img", { name: /^Peak / }).isVisible()).toBe(true);
  await visit.change(() => visit.slider("Spike").press("ArrowRight"));
  expect(visit.foreign).toEqual([]);
  expect(visit.complaints).toEqual([]);
});

test("without JavaScript the page says the same, in words and as a picture", async () => {
  const moving = await stage.visit();
  await moving.isFinal();
  const still = await stage.visit({ javaScriptEnabled: false });
  expect(await still.said()).toBe(await moving.said());
  const numbers = (visit: Visit) => visit.page.locator(".objectives").textContent();
  expect(await numbers(still)).toBe(await numbers(moving));
  expect(await still.page.locator("svg#memory path.layer").count()).toBeGreaterThan(2);
  expect(still.foreign).toEqual([]);
});

test("code from elsewhere, code in text and inline styles are forbidden", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const policy = await visit.page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
  const isRun = await visit.page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "document.documentElement.dataset.run = 'yes'";
    document.head.append(script);
    return document.documentElement.dataset.run;
  });
  expect(isRun).toBeUndefined();
  const answer = visit.page.evaluate(() =>
    fetch("http://127.0.0.1:9/").then(
      () => "sent",
      () => "refused",
    ),
  );
  expect(await answer).toBe("refused");
  expect(visit.complaints.join("\n")).toMatch(/Content Security Policy/);
});

/** In no tab anything stands out of the screen on the right. */
async function isWideEnough(visit: Visit): Promise<void> {
  for (const tab of await visit.page.getByRole("tab").all()) {
    await tab.click();
    const overhang = await visit.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(overhang, `tab ${await tab.textContent()}`).toBe(0);
  }
}

test("320 pixels are wide enough", async () => {
  const visit = await stage.visit({ viewport: { width: 320, height: 640 } });
  await visit.isFinal();
  await isWideEnough(visit);
});

test("a long name without blanks leaves the page as wide as the screen", async () => {
  const visit = await stage.visit({ viewport: { width: 320, height: 640 } });
  await visit.isFinal();
  const name = "recommendationenginebackgroundworker38";
  const text = `{version: 1, services: {${name}: {memory: 64MiB}}, horizon: 5s}`;
  await visit.change(() => visit.drop({ name: "plan.yaml", text }));
  const key = visit.page.getByRole("list", { name: "Services, by memory" }).getByRole("button");
  expect(await key.textContent()).toContain(name);
  await isWideEnough(visit);
});
