// The page's final numbers are the command line's, byte for byte, on every ready stack.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "../help/chromium.ts";
import { program, ROOT } from "../help/repository.ts";
import { type Site, serve } from "../help/server.ts";
import { Visit } from "../help/visit.ts";

const NAMES = readdirSync(`${ROOT}core/catalog/scenarios`)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(".yaml", ""));

let browser: Browser;
let site: Site;

beforeAll(async () => {
  program();
  [browser, site] = await Promise.all([launch(), serve()]);
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** What is printed; a verdict other than “fits” is an exit code and no failure. */
function printed(name: string): Promise<string> {
  const words = ["check", name, "--format", "json", "--no-config"];
  const options = { cwd: "/", maxBuffer: 2 ** 26 };
  return new Promise((resolve) => execFile(program(), words, options, (_, out) => resolve(out)));
}

test("every ready stack is offered", async () => {
  const visit = await Visit.begin(browser, site.address);
  const options = await visit.page
    .getByRole("combobox", { name: "Ready stacks" })
    .locator("option")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  expect(options.toSorted()).toEqual(NAMES.toSorted());
  await visit.end();
});

test.each(NAMES)(
  "%s: the same bytes",
  async (name) => {
    const expected = printed(name);
    const visit = await Visit.begin(browser, site.address);
    await visit.isFinal();
    await visit.openTab("Share and take away");
    const choice = visit.page.getByRole("combobox", { name: "Ready stacks" });
    if ((await choice.inputValue()) !== name) {
      await choice.selectOption(name);
      await visit.isMoving();
      await visit.isFinal();
    }
    expect(await visit.saved("Report (JSON)")).toBe(await expected);
    await visit.end();
  },
  300_000,
);
