// From a slider's move to the paint of its first numbers. Reported, never judged: it is the machine's time.
import { expect, test } from "vitest";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

const MOVES = 20;

const stage = setStage();

/** Moves the slider to and fro and gives the milliseconds of each move, in the page's own clock. */
async function move(visit: Visit): Promise<number[]> {
  return visit.slider("Traffic").evaluate(async (element, moves) => {
    const slider = element as HTMLInputElement;
    const verdict = document.querySelector(".verdict") as HTMLElement;
    const painted = () =>
      new Promise<void>((resolve) => {
        const watch = new MutationObserver(() => {
          if (verdict.querySelector('[data-stage="stale"]')) return;
          watch.disconnect();
          // What a frame callback starts runs after that frame is painted.
          requestAnimationFrame(() => setTimeout(resolve));
        });
        watch.observe(verdict, { subtree: true, childList: true, attributes: true });
      });
    const all: number[] = [];
    for (let index = 0; index < moves; index += 1) {
      const shown = painted();
      const start = performance.now();
      slider.value = String(index % 2 === 0 ? -1 - index / 4 : 0);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await shown;
      all.push(performance.now() - start);
    }
    return all;
  }, MOVES);
}

test.each(["django-512mb", "fastapi-4gb", "ha-replicas", "node-2gb"])(
  "%s: a slider's move until its paint",
  async (name) => {
    const visit = await stage.visit();
    await visit.isFinal();
    await visit.change(() =>
      visit.page.getByRole("combobox", { name: "Ready stacks" }).selectOption(name),
    );
    const times = (await move(visit)).toSorted((one, other) => one - other);
    const at = (ratio: number) =>
      Math.round(times[Math.ceil(ratio * times.length) - 1] ?? Number.NaN);
    console.log(
      `${name}: slider to paint p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of ${times.length} moves`,
    );
    expect(times.length).toBe(MOVES);
  },
);
