// A plan that goes by link comes back the same; a broken link harms nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { program } from "../help/repository.ts";
import { setStage } from "../help/stage.ts";
import type { Visit } from "../help/visit.ts";

/** Ten services, with what must not travel. */
const TEN = `services:
${["web", "api", "worker", "admin", "mail", "search", "auth", "files", "chat", "jobs"]
  .map(
    (name, index) => `  ${name}:
    image: ${index === 0 ? "nginx:1.27" : `registry.example/team/${name}:2.${index}`}
    mem_limit: ${64 + 32 * index}m
    cpus: ${0.25 * (index + 1)}
    restart: always
    command: gunicorn --workers ${index + 1} --threads 2 app:app
    environment:
      DATABASE_PASSWORD: correct-horse-${index}
      TOKEN: \${PRIVATE}
    depends_on: [${index === 0 ? "db" : "db, cache"}]
`,
  )
  .join("")}  db:
    image: postgres:16
    mem_limit: 1g
  cache:
    image: redis:7
    mem_limit: 256m
`;

const stage = setStage();

async function link(visit: Visit): Promise<string> {
  await visit.openTab("Share and take away");
  const box = visit.page.getByRole("textbox", { name: "Link" });
  await visit.page.getByText(/^[\d,]+ characters$/).waitFor();
  return box.inputValue();
}

test("an edited ready stack goes by link and gives the same bytes", async () => {
  const sender = await stage.visit();
  await sender.isFinal();
  await sender.change(() => sender.slider("Host memory").press("ArrowLeft"));
  const address = await link(sender);
  expect(address.length).toBeLessThan(400);
  const receiver = await stage.visit({ at: address });
  await receiver.page.getByText("the same result, to the bit").waitFor();
  await receiver.openTab("Share and take away");
  expect(await receiver.saved("Report (JSON)")).toBe(await sender.saved("Report (JSON)"));
  expect(receiver.complaints).toEqual([]);
});

test("an address with a link holds that plan or none", async () => {
  const sender = await stage.visit();
  await sender.isFinal();
  await sender.change(() => sender.slider("Host memory").press("ArrowLeft"));
  const address = await link(sender);
  const visit = await stage.visit({ at: address });
  await visit.page.getByText("the same result, to the bit").waitFor();
  expect(visit.page.url()).toBe(address);
  await visit.change(() => visit.slider("Host memory").press("ArrowLeft"));
  expect(visit.page.url()).toBe(stage.address);
});

test("whoever goes back from a link finds the plan of before, and forward the link's", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.change(() => visit.slider("Host memory").press("ArrowLeft"));
  const address = await link(visit);
  await visit.change(() => visit.slider("Host memory").press("ArrowLeft"));
  await visit.change(() => visit.page.goto(address));
  expect(await visit.said()).toMatch(/^On 2 GiB /);
  await visit.change(() => visit.page.goBack());
  expect(await visit.said()).toMatch(/^On 1 GiB /);
  await visit.change(() => visit.page.goForward());
  expect(await visit.said()).toMatch(/^On 2 GiB /);
});

test("files of ten services fit a short link, without their environment", async () => {
  const sender = await stage.visit();
  await sender.isFinal();
  const variables = { name: ".env", text: "PRIVATE=battery-staple" };
  await sender.change(() => sender.drop({ name: "compose.yaml", text: TEN }, variables));
  const address = await link(sender);
  expect(address.length).toBeLessThanOrEqual(1500);
  const receiver = await stage.visit({ at: address });
  await receiver.page.getByText("the same result, to the bit").waitFor();
  expect(await receiver.said()).toBe(await sender.said());
  await receiver.openTab("Share and take away");
  for (const file of ["Report (JSON)", "Scenario (YAML)"]) {
    expect(await receiver.saved(file)).not.toMatch(/correct-horse|battery-staple/);
  }
});

test.each([
  ["cut off", (link: string) => link.slice(0, -9)],
  ["newer", (link: string) => link.replace("#p1.", "#p9.")],
  ["empty", (link: string) => link.replace(/#.*/, "#p1.")],
])("a link that is %s says so and leaves the plan", async (_, harm) => {
  const visit = await stage.visit();
  await visit.isFinal();
  const before = await visit.said();
  const address = await link(visit);
  await visit.page.goto(harm(address));
  await visit.trouble.waitFor();
  expect(await visit.trouble.textContent()).toContain("This link is broken");
  expect(await visit.said()).toBe(before);
  expect(visit.complaints).toEqual([]);
});

test("what is taken away does the same in the command line", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  await visit.change(() => visit.slider("Traffic").press("ArrowRight"));
  await visit.openTab("Share and take away");
  const json = await visit.saved("Report (JSON)");
  const folder = mkdtempSync(`${tmpdir()}/plimsoll-take-`);
  try {
    const command = await visit.page.getByRole("textbox", { name: "Command" }).inputValue();
    const words = command.replace(/^plimsoll/, program());
    const said = spawnSync("sh", ["-c", `${words} --format json`], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(said.stdout).toBe(json);
    writeFileSync(`${folder}/plan.yaml`, await visit.saved("Scenario (YAML)"));
    const flags = ["check", "plan.yaml", "--format", "json"];
    const again = spawnSync(program(), flags, { cwd: folder, encoding: "utf8" });
    expect(JSON.parse(again.stdout).digest).toBe(JSON.parse(json).digest);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const rows = (await visit.saved("One run (CSV)")).trim().split("\r\n");
  const widths = new Set(rows.map((row) => row.split(",").length));
  expect(rows.length).toBeGreaterThan(10);
  expect(widths.size).toBe(1);
  const picture = await visit.saved("Save Memory against the limit as SVG");
  expect(picture).toMatch(/^<svg [^>]*viewBox/);
  expect(picture).not.toMatch(/class=|<script|href/);
});

test("a chart is saved as a picture, twice as large as it is shown", async () => {
  const visit = await stage.visit();
  await visit.isFinal();
  const shown = await visit.page.locator("svg#latency").evaluate((chart) => {
    const { width, height } = (chart as SVGSVGElement).viewBox.baseVal;
    return [width, height];
  });
  const picture = await visit.savedBytes("Save Latency, failures included as PNG");
  expect(picture.subarray(1, 4).toString("latin1")).toBe("PNG");
  // Width and height stand first in a PNG's header.
  const [wide, high] = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
  expect([wide / 2, high / 2].map(Math.round)).toEqual(shown.map(Math.round));
  const drawing = await visit.saved("Save Latency, failures included as SVG");
  expect(drawing).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(drawing.match(/<path/g)?.length).toBeGreaterThan(3);
  // One colour all over would be a few hundred bytes.
  expect(picture.length).toBeGreaterThan(8_000);
  expect(visit.complaints).toEqual([]);
});
