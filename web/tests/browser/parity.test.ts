// The page's final numbers are the command line's, byte for byte, on every ready stack as it is and one variation of
// each. (All of them give the same bytes in Node, with fewer runs.)
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { program, ROOT } from "../help/repository.ts";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

const NAMES = readdirSync(`${ROOT}core/catalog/scenarios`)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(".yaml", ""))
  .toSorted();

/** The ready stack that another one is a variation of, or is. */
const stackOf = (name: string) => NAMES.find((other) => name.startsWith(`${other}-`)) ?? name;
/** Each ready stack, and the last of its variations. */
const ASKED = NAMES.filter(
  (name) =>
    stackOf(name) === name || name === NAMES.findLast((one) => stackOf(one) === stackOf(name)),
);

const stage = setStage();
// Who looks at all of them, one after another, as people do.
let visit: Visit;

beforeAll(async () => {
  program();
  visit = await stage.visit({ stays: true });
  await visit.isFinal();
  await visit.openTab("Share and take away");
});

/** What is printed; a verdict other than “fits” is an exit code and no failure. */
function printed(name: string): Promise<string> {
  const words = ["check", name, "--format", "json", "--no-config"];
  const options = { cwd: "/", maxBuffer: 2 ** 26 };
  return new Promise((resolve) => execFile(program(), words, options, (_, out) => resolve(out)));
}

test("every ready stack is offered", async () => {
  const options = await visit.page
    .getByRole("combobox", { name: "Ready stacks" })
    .locator("option")
    .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  expect(options.toSorted()).toEqual(NAMES.toSorted());
});

test.each(ASKED)(
  "%s: the same bytes",
  async (name) => {
    const expected = printed(name);
    const choice = visit.page.getByRole("combobox", { name: "Ready stacks" });
    if ((await choice.inputValue()) !== name) {
      await visit.change(() => choice.selectOption(name));
    }
    expect(await visit.saved("Report (JSON)")).toBe(await expected);
  },
  300_000,
);
