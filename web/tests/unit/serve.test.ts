// A worker's side, with a scope of its own: what is said of an engine that starts, refuses, or never comes.
import { afterEach, expect, test, vi } from "vitest";
import type { Answer, Begin, Numbered } from "../../src/engine/question.ts";
import { serve } from "../../src/engine/serve.ts";

afterEach(() => vi.unstubAllGlobals());

/** What a worker answers to one question. */
async function said(load: () => Promise<unknown>, ask: () => string): Promise<Answer> {
  const scope = {
    onmessage: (_: { data: Begin | Numbered<string> }) => {},
    postMessage: (_: Numbered<Answer>) => {},
  };
  vi.stubGlobal("self", scope);
  serve<string>(load, ask);
  const reply = new Promise<Numbered<Answer>>((resolve) => {
    scope.postMessage = resolve;
  });
  scope.onmessage({ data: { module: {} as WebAssembly.Module } });
  scope.onmessage({ data: { id: 7, body: "a plan" } });
  const { id, body } = await reply;
  expect(id).toBe(7);
  return body;
}

test("an answer, diagnostics, a panic", async () => {
  const load = async () => {};
  expect(await said(load, () => "{}")).toMatchObject({ kind: "answer", json: "{}" });
  const diagnostics = [{ code: "E101" }];
  const refuse = () => {
    throw diagnostics;
  };
  expect(await said(load, refuse)).toEqual({ kind: "wrong", diagnostics });
  const panic = () => {
    throw new Error("unreachable");
  };
  expect(await said(load, panic)).toEqual({ kind: "crash", message: "Error: unreachable" });
});

test("an engine that cannot start is a crash, and nobody waits for it for ever", async () => {
  const load = async () => {
    throw new RangeError("out of memory");
  };
  const answer = await said(load, () => "{}");
  expect(answer).toEqual({ kind: "crash", message: "RangeError: out of memory" });
});
