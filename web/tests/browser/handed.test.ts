// The program serves this page with its own plan in it; both give the same numbers.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program, read } from "../help/repository.ts";
import { setStage } from "../help/stage.ts";

const FLAGS = ["compose.yaml", "--target", "1gb", "--traffic", "20/s", "--for", "1m"].concat([
  "--objective",
  "latency: p(95) < 900ms",
]);

const stage = setStage();
let folder: string;

beforeAll(() => {
  program();
  folder = mkdtempSync(`${tmpdir()}/plimsoll-handed-`);
  const text = read("core/tests/fixtures/compose/node-2gb.compose.yaml");
  writeFileSync(`${folder}/compose.yaml`, text.replace(/mem_limit: \S+/, "mem_limit: $LIMIT"));
  writeFileSync(`${folder}/.env`, "LIMIT=700m\n");
});

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true });
});

/** The program, and the address that it says. */
async function served(): Promise<[ChildProcess, string]> {
  const child = spawn(program(), ["planner", ...FLAGS, "--no-open"], { cwd: folder });
  for await (const line of createInterface(child.stderr)) {
    const [address] = line.match(/http:\/\/127\.0\.0\.1:\d+\/#handed/) ?? [];
    if (address) return [child, address];
  }
  throw new Error("the program ended without an address");
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

test("the plan of the command line is shown, with the numbers that it prints", async () => {
  const [child, address] = await served();
  const visit = await stage.visit({ at: address });
  await visit.page.getByText(/^On 1 GiB this stack /).waitFor();
  await visit.isFinal();
  await visit.openTab("Share and take away");
  const said = spawnSync(program(), ["check", ...FLAGS, "--format", "json"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(said.stdout).not.toBe("");
  expect(await visit.saved("Report (JSON)")).toBe(said.stdout);
  const command = await visit.page.getByRole("textbox", { name: "Command" }).inputValue();
  expect(command).toBe(
    "plimsoll check compose.yaml --target 1gb --traffic 20/s --for 1m --objective 'latency: p(95) < 900ms'",
  );
  expect(visit.foreign).toEqual([]);
  expect(visit.complaints).toEqual([]);
  await end(child);
});

test("without the program behind it the page says so and keeps its own plan", async () => {
  const visit = await stage.visit({ at: `${stage.address}#handed` });
  await visit.trouble.waitFor();
  expect(await visit.trouble.textContent()).toContain("The plan of the command line is not here");
  expect(await visit.said()).toMatch(/^On 4 GiB this stack /);
});
