import { expect, test } from "vitest";
import type { Answer, Begin, Numbered, Question } from "../../src/engine/question.ts";
import { Slot, Superseded, type Thread } from "../../src/engine/slot.ts";

const MODULE = {} as WebAssembly.Module;
const QUESTION: Question = { verb: "check", text: "version: 1", options: "{}" };

/** A worker that does what it is told. */
class Puppet implements Thread<Question> {
  onmessage: Thread<Question>["onmessage"] = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  asked: number[] = [];
  isGone = false;

  postMessage(message: Begin | Numbered<Question>): void {
    if ("id" in message) this.asked.push(message.id);
  }

  terminate(): void {
    this.isGone = true;
  }

  reply(body: Answer): void {
    const id = this.asked.shift() ?? -1;
    this.onmessage?.({ data: { id, body } } as MessageEvent<Numbered<Answer>>);
  }
}

function begin(): { slot: Slot<Question>; puppets: Puppet[] } {
  const puppets: Puppet[] = [];
  const start = () => {
    const puppet = new Puppet();
    puppets.push(puppet);
    return puppet;
  };
  return { slot: new Slot<Question>(async () => MODULE, start), puppets };
}

/** Lets promises that are ready run. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

test("one worker answers question after question", async () => {
  const { slot, puppets } = begin();
  for (const json of ["1", "2"]) {
    const answer = slot.ask(QUESTION);
    await turn();
    puppets[0]?.reply({ kind: "answer", json, milliseconds: 1 });
    expect(await answer).toMatchObject({ json });
  }
  expect(puppets.length).toBe(1);
});

test("after a crash the worker is another one, and everyone who waited is told", async () => {
  const { slot, puppets } = begin();
  const [first, second] = [slot.ask(QUESTION), slot.ask(QUESTION)];
  await turn();
  puppets[0]?.reply({ kind: "crash", message: "unreachable" });
  expect(await first).toMatchObject({ kind: "crash" });
  expect(await second).toMatchObject({ kind: "crash" });
  expect(puppets[0]?.isGone).toBe(true);
  const third = slot.ask(QUESTION);
  await turn();
  puppets[1]?.reply({ kind: "answer", json: "3", milliseconds: 1 });
  expect(await third).toMatchObject({ json: "3" });
});

test("what is stopped is answered by nobody", async () => {
  const { slot, puppets } = begin();
  const answer = slot.ask(QUESTION);
  const told = expect(answer).rejects.toBeInstanceOf(Superseded);
  await turn();
  slot.stop();
  await told;
  expect(puppets[0]?.isGone).toBe(true);
  expect(slot.isBusy).toBe(false);
});

test("a worker that tells how far it is has not answered yet", async () => {
  const { slot, puppets } = begin();
  const heard: unknown[] = [];
  slot.onTold = (told) => heard.push(told);
  const asked = slot.ask(QUESTION);
  await turn();
  const told = { events: 5, max_events: 9, checks: 1, load: null };
  puppets[0]?.onmessage?.({ data: { told } } as MessageEvent);
  expect(heard).toEqual([told]);
  expect(slot.isBusy).toBe(true);
  puppets[0]?.reply({ kind: "answer", json: "1", milliseconds: 0 });
  expect(await asked).toMatchObject({ json: "1" });
});
