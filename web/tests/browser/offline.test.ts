// Once opened, the page needs no network.
import { expect, test } from "vitest";
import { serve } from "../help/server.ts";
import { setStage } from "../help/stage.ts";

const stage = setStage();

test("with its host gone it loads again, simulates, and answers longer questions", async () => {
  const site = await serve();
  const visit = await stage.visit({ at: site.address, serviceWorkers: "allow" });
  await visit.isFinal();
  const before = await visit.said();
  await visit.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await site.close();
  await visit.page.reload();
  await visit.isFinal();
  expect(await visit.said()).toBe(before);
  await visit.slider("Host memory").press("ArrowLeft");
  await visit.page.getByText(/^On 2 GiB this stack /).waitFor();
  await visit.isFinal();
  await visit.change(() =>
    visit.page.getByRole("combobox", { name: "Ready stacks" }).selectOption("mm1"),
  );
  await visit.openTab("How far, what then");
  await visit.page.getByRole("button", { name: /load line/i }).click();
  await visit.page.getByTestId("load-line").waitFor();
  expect(visit.complaints).toEqual([]);
});

test("another build drops what the one before kept", async () => {
  const visit = await stage.visit({ serviceWorkers: "allow" });
  await visit.page.evaluate(async () => {
    await caches.open("plimsoll-of-another-build");
    await caches.open("somebody-else");
    await navigator.serviceWorker.ready;
    await (await navigator.serviceWorker.getRegistration())?.unregister();
  });
  await visit.page.reload();
  const names = () =>
    visit.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      return caches.keys();
    });
  await expect.poll(names).not.toContain("plimsoll-of-another-build");
  expect(await names()).toContain("somebody-else");
  expect((await names()).length).toBe(2);
});
