import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { NO_EDITS, type Plan, readyPlan } from "../../src/plan/plan.ts";
import { isLink, open, SHARED_FILE, write } from "../../src/share/link.ts";
import { BrokenLink, MOST_BYTES, MOST_CHARACTERS, pack, unpack } from "../../src/share/pack.ts";

const SEEN = { engine: "0.1.0", digest: "0123456789abcdef" };
const text = async (name: string) => (name === "mm1" ? "version: 1" : undefined);

function fragment(content: unknown): string {
  return `p1.${deflateRawSync(JSON.stringify(content)).toString("base64url")}`;
}

function reason(of: string): Promise<string> {
  return open(of, text).then(
    () => "opened",
    (error) => (error instanceof BrokenLink ? error.message : `threw ${error}`),
  );
}

test("a ready stack with every kind of edit comes back as it went", async () => {
  const edits = {
    target: "2gb",
    traffic: "100/s",
    horizon: "10m",
    spikes: ["5x@40s+30s"],
    objectives: ["oom: p < 1%"],
    set: [["services.api.memory", "768mb"]] as const,
  };
  const plan: Plan = { ...readyPlan("mm1", "version: 1"), edits, seed: "7" };
  const link = await write(plan, null, SEEN);
  expect(isLink(link)).toBe(true);
  expect(await open(link, text)).toEqual({ plan, seen: SEEN });
});

test("files travel as a scenario, without environment and without what says nothing", async () => {
  const plan: Plan = {
    ready: null,
    files: [{ name: "compose.yaml", text: "services: {web: {environment: {A: 'private words'}}}" }],
    environment: { TOKEN: "more private words" },
    edits: NO_EDITS,
    seed: "42",
  };
  const scenario = {
    version: 1,
    name: "é ☂",
    host: { memory: null },
    services: { web: {} },
    tables: {},
  };
  const link = await write(plan, scenario, null);
  const content = await unpack(link.slice(3));
  expect(JSON.parse(content)).toEqual({
    scenario: { version: 1, name: "é ☂", services: { web: {} }, host: {}, tables: {} },
  });
  const { plan: back } = await open(link, text);
  expect(back.files[0]?.name).toBe(SHARED_FILE);
  expect(back.environment).toEqual({});
});

test("what is no link of ours says why", async () => {
  const link = fragment({ ready: "mm1" });
  expect(await reason(link)).toBe("opened");
  expect(await reason(link.replace("p1.", "p2."))).toMatch(/newer version/);
  expect(await reason(link.slice(0, -4))).toMatch(/missing or was changed/);
  expect(await reason("p1.%%%")).toMatch(/characters/);
  expect(await reason("p1.")).toMatch(/characters/);
  expect(await reason(fragment({ ready: "nothing" }))).toMatch(/no ready stack “nothing”/);
  expect(
    await reason(`p1.${deflateRawSync(Buffer.from([0xff, 0xfe])).toString("base64url")}`),
  ).toMatch(/missing/);
});

test.each([
  ["a list", []],
  ["nothing", {}],
  ["two plans", { ready: "mm1", scenario: {} }],
  ["a number for a name", { ready: 1 }],
  ["a text for a scenario", { scenario: "services" }],
  ["an unknown edit", { ready: "mm1", edits: { prototype: "x" } }],
  ["a number for an edit", { ready: "mm1", edits: { target: 5 } }],
  ["a path without a value", { ready: "mm1", edits: { set: [["services.api.memory"]] } }],
  ["a number for a seed", { ready: "mm1", seed: 42 }],
  ["half of what was seen", { ready: "mm1", seen: { engine: "0.1.0" } }],
])("%s is no plan", async (_, content) => {
  expect(await reason(fragment(content))).toBe("what it holds is no plan");
});

test("inflating stops at its bound", async () => {
  const bomb = deflateRawSync(Buffer.alloc(256 * MOST_BYTES)).toString("base64url");
  expect(bomb.length).toBeGreaterThan(MOST_CHARACTERS);
  expect(await reason(`p1.${bomb}`)).toMatch(/longer than any/);
  const small = deflateRawSync(Buffer.alloc(MOST_BYTES + 1)).toString("base64url");
  expect(small.length).toBeLessThan(10_000);
  expect(await reason(`p1.${small}`)).toMatch(/unfolds to more/);
  const full = await pack(" ".repeat(MOST_BYTES));
  expect((await unpack(full)).length).toBe(MOST_BYTES);
});
