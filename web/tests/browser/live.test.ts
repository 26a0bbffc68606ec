// Sliders, files, faults: what moves, what stays, and what is never taken for code.
import { expect, test } from "vitest";
import { FATAL, faulty } from "../help/fault.ts";
import { read } from "../help/repository.ts";
import { setStage } from "../help/stage.ts";

const COMPOSE = "core/tests/fixtures/compose";
const STACKS = ["django-512mb", "fastapi-4gb", "ha-replicas", "node-2gb"];

/** States no traffic; so slow that few events saturate it. */
const NO_TRAFFIC = "version: 1\nservices: {api: {cpu_request: 500ms, memory: 64MiB}}";

const stage = setStage();

test("a slider turns the verdict, and turns it back", async () => {
  const visit = await stage.visit();
  await visit.page
    .getByRole("combobox", { name: "Ready stacks" })
    .selectOption("fastapi-4gb-spike");
  await visit.page.getByText(/^On 4 GiB this stack holds: /).waitFor();
  await visit.isFinal();
  const spike = visit.page.locator(".slider", { has: visit.slider("Spike") }).locator(".hint");
  expect(await spike.textContent()).toMatch(/^as planned, at \d+:\d\d for \d+ (s|min)$/);
  await visit.slider("Host memory").press("Home");
  await visit.page.getByText(/^On 256 MiB this stack /).waitFor();
  await visit.isFinal();
  expect(await visit.page.locator(".verdict .badge").textContent()).toContain("Does not fit");
  await visit.page.getByRole("button", { name: "Back to the plan as written" }).click();
  await visit.page.getByText(/^On 4 GiB this stack holds: /).waitFor();
  await visit.isFinal();
  expect(visit.complaints).toEqual([]);
});

test.each(STACKS)("%s: a Compose file is dropped, understood and judged", async (name) => {
  const visit = await stage.visit();
  await visit.isFinal();
  const text = read(`${COMPOSE}/${name}.compose.yaml`);
  await visit.change(() => visit.drop({ name: "docker-compose.yml", text }));
  expect(await visit.trouble.count()).toBe(0);
  await visit.openTab("What was understood");
  const services = [...text.matchAll(/^ {2}([\w-]+):$/gm)].map(([, service]) => service);
  expect(services.length).toBeGreaterThan(1);
  const shown = (await visit.page.getByRole("tabpanel").textContent()) ?? "";
  expect(
    services.filter((service) => shown.includes(`services.${service}.`)).length,
  ).toBeGreaterThan(0);
  expect(visit.complaints).toEqual([]);
});

test("alert rules are dropped with their plan, and told one by one", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const compose = read(`${COMPOSE}/fastapi-4gb.compose.yaml`);
  const rules = read("core/tests/fixtures/prometheus/fastapi-4gb.rules.yaml");
  await visit.change(() =>
    visit.drop({ name: "compose.yaml", text: compose }, { name: "rules.yaml", text: rules }),
  );
  expect(await visit.trouble.count()).toBe(0);
  await visit.openTab("How far, what then");
  const table = visit.page.getByRole("region", { name: "Alerts, as a table" });
  const row = (name: string) => table.getByRole("row", { name });
  expect(await row("HighDatabaseConnections").textContent()).toContain("cannot fire");
  expect(await row("LowDiskSpace").textContent()).toContain("not simulated");
  expect(visit.complaints).toEqual([]);
});

test("Kubernetes manifests are dropped, understood and judged", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const text = read("core/tests/fixtures/kubernetes/ha-replicas.kubernetes.yaml");
  await visit.change(() => visit.drop({ name: "ha.yaml", text }));
  expect(await visit.trouble.count()).toBe(0);
  expect(await visit.said()).toMatch(/^On 4 GiB this stack /);
  await visit.openTab("What was understood");
  expect(await visit.page.getByRole("tabpanel").textContent()).toContain("services.backend.");
  await visit.openTab("Share and take away");
  expect(await visit.page.getByText("Compose override").count()).toBe(0);
  expect(visit.complaints).toEqual([]);
});

test("file, override and environment belong together", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const base = "services:\n  web:\n    image: nginx:1.27\n    mem_limit: $WEB_MEMORY\n";
  const over = "services:\n  cache:\n    image: redis:7\n    mem_limit: 96m\n";
  await visit.change(() =>
    visit.drop(
      { name: "compose.override.yaml", text: over },
      { name: ".env", text: "WEB_MEMORY=77m" },
      { name: "compose.yaml", text: base },
    ),
  );
  await visit.openTab("What was understood");
  await visit.page.getByRole("button", { name: /^Show all/ }).click();
  const input = (name: string) => visit.page.getByRole("textbox", { name, exact: true });
  const value = (name: string) => input(name).inputValue();
  expect(await value("services.web.memory")).toBe("77 MiB");
  expect(await value("services.cache.memory")).toBe("96 MiB");
});

test.each([
  ["bad.yaml", "services:\n  web:\n    image: [", "bad.yaml:"],
  ["plan.yaml", "version: 1\nservices: {api: {memroy: 5MiB}}", "memroy"],
  ["picture.png", "\u0000\u0001\u0002", "is not a text"],
  [".env", "A=1", "alone is no plan"],
  ["empty.yaml", "", ""],
])("%s is refused with a reason, and the plan stays", async (name, text, reason) => {
  const visit = await stage.visit();
  await visit.isFinal();
  const before = await visit.said();
  await visit.drop({ name, text });
  await visit.trouble.waitFor();
  expect(await visit.trouble.textContent()).toContain(reason);
  await visit.isFinal();
  expect(await visit.said()).toBe(before);
  await visit.slider("Host memory").press("ArrowLeft");
  await visit.page.getByText(/^On 2 GiB this stack /).waitFor();
  expect(visit.complaints).toEqual([]);
});

test("markup in names is text", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
  const plan = {
    version: 1,
    name: markup,
    description: markup,
    services: { api: { memory: "64MiB", image: markup } },
    endpoints: { [markup]: { service: "api" } },
    traffic: { arrival_rate: "5/s" },
    horizon: "10s",
  };
  await visit.change(() =>
    visit.drop({ name: `${markup.replaceAll("/", "-")}.yaml`, text: JSON.stringify(plan) }),
  );
  for (const tab of await visit.page.getByRole("tab").all()) await tab.click();
  expect(await visit.page.locator("img, b:text('bold')").count()).toBe(0);
  expect(await visit.page.title()).toContain("Plimsoll");
  expect(visit.foreign).toEqual([]);
  expect(visit.complaints).toEqual([]);
});

test("after a panic of the engine the page goes on with a new one", async () => {
  const visit = await stage.visit({ at: "about:blank" });
  for (const [path, body] of faulty()) {
    const answer = { contentType: "application/wasm", body };
    await visit.page.route(`${stage.address}${path}`, (route) => route.fulfill(answer));
  }
  await visit.page.goto(stage.address);
  await visit.isFinal();
  const before = await visit.said();
  const text = "version: 1\nservices: {api: {memory: 64MiB}}\ntraffic: {arrival_rate: 5/s}\n#";
  await visit.drop({ name: "fatal.yaml", text: text.padEnd(FATAL, "x") });
  await visit.trouble.waitFor();
  expect(await visit.trouble.textContent()).toContain("The engine stopped");
  await visit.isFinal();
  expect(await visit.said()).toBe(before);
  await visit.slider("Host memory").press("ArrowLeft");
  await visit.page.getByText(/^On 2 GiB this stack /).waitFor();
  await visit.isFinal();
});

test("a tab that cannot be loaded says so, and can be tried again", async () => {
  const visit = await stage.visit({ at: "about:blank", serviceWorkers: "block" });
  const part = `${stage.address}assets/take-*.js`;
  await visit.page.route(part, (route) => route.abort());
  await visit.page.goto(stage.address);
  await visit.page.getByRole("tab", { name: "Share and take away" }).click();
  const alert = visit.page.getByRole("tabpanel").getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toContain("could not be loaded");
  await visit.page.unroute(part);
  await alert.getByRole("button", { name: "Try again" }).click();
  await visit.page.getByRole("textbox", { name: "Link" }).waitFor();
  expect(await alert.count()).toBe(0);
});

test("the runs of a check are made by a worker for each core", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const cores = await visit.page.evaluate(() => navigator.hardwareConcurrency);
  // Those of quick looks and of reading begin when the page has nothing else to do.
  const team = () => visit.page.workers().filter((one) => one.url().includes("/long-worker"));
  expect(team()).toEqual([]);
  await visit.change(() => visit.slider("Traffic").press("ArrowRight"));
  // And one that judges.
  expect(team().length).toBe(Math.min(8, cores) + 1);
});

test("what a box cannot read is refused with a reason, and never cut off", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.drop({ name: "plan.yaml", text: NO_TRAFFIC });
  const box = visit.page.getByRole("textbox", { name: "Traffic, exactly" });
  const reason = visit.page.locator(".slider [role=alert]");
  const type = async (text: string) => {
    await box.fill(text);
    await box.press("Enter");
  };
  const hint = (of = box) =>
    visit.page.locator(".slider", { has: of }).locator(".hint").textContent();
  const host = visit.page.getByRole("textbox", { name: "Host memory, exactly" });
  await expect.poll(() => hint(host)).toBe("assumed: the plan states none");
  expect(await hint()).toBe("the plan states none: judged idle and saturated");
  await type("1,000/s");
  expect(await reason.textContent()).toBe("“1,000/s” is not a rate such as 25/s, 90/min or 100/d");
  expect(await box.getAttribute("aria-invalid")).toBe("true");
  expect(await box.getAttribute("aria-describedby")).toBe(await reason.getAttribute("id"));
  await type("90/min");
  await expect.poll(() => box.inputValue()).toBe("1.5/s");
  expect(await box.getAttribute("aria-invalid")).toBe("false");
  expect(await hint()).toBe("the plan states none");
  await type("saturated");
  await expect.poll(hint).toBe("the plan states none: judged idle and saturated");
  expect(await box.inputValue()).toBe("saturated");
  expect(await reason.count()).toBe(0);
  expect(visit.complaints).toEqual([]);
});

test("a reload loses nothing, nor does coming back, and whoever opens the page anew begins anew", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const text = read(`${COMPOSE}/node-2gb.compose.yaml`);
  await visit.change(() => visit.drop({ name: "mine.yml", text }));
  await visit.change(() => visit.slider("Host memory").press("ArrowLeft"));
  const before = await visit.said();
  expect(before).toMatch(/^On 2 GiB /);
  await visit.page.reload();
  await visit.page.getByText(before).waitFor();
  await visit.openTab("What was understood");
  expect(await visit.page.getByRole("tabpanel").textContent()).toContain("mine.yml");
  const controls = () =>
    visit.page
      .locator("aside")
      .locator("input:not([type=file]), select")
      .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  const position = await controls();
  await visit.page.goto("about:blank");
  await visit.page.goBack();
  await visit.page.getByText(before).waitFor();
  await visit.isFinal();
  expect(await controls()).toEqual(position);
  await visit.page.goto("about:blank");
  await visit.page.goto(stage.address);
  await visit.isFinal();
  expect(await visit.said()).not.toBe(before);
  expect(visit.complaints).toEqual([]);
});

test("a plan with values of an environment is kept nowhere, and a reload says so", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const text = "services: {web: {image: nginx, mem_limit: $SIZE, ports: ['80:80']}}";
  await visit.drop({ name: "compose.yaml", text }, { name: ".env", text: "SIZE=64m" });
  const kept = () => visit.page.evaluate(() => Object.entries({ ...sessionStorage }));
  await expect.poll(kept).toEqual([["plan", '"compose.yaml"']]);
  await visit.page.reload();
  await visit.trouble.waitFor();
  const said = await visit.trouble.textContent();
  expect(said).toContain("compose.yaml: values of an environment came with it");
  expect(said).toContain("open its files again");
  expect(said).not.toContain("the plan before");
  await visit.slider("Host memory").press("ArrowLeft");
  await visit.trouble.waitFor({ state: "detached" });
  expect(JSON.stringify(await kept())).not.toContain("SIZE");
});
