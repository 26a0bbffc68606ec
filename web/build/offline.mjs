// Last step of the build: the service worker with the list of all files, and what a first visit loads
// against its budget.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Most bytes of a first visit, as a host that compresses with brotli sends them. */
const BUDGET = 600_000;
const WORKER = "service-worker.js";
const dist = new URL("../dist/", import.meta.url);
const first = readFileSync(new URL("../generated/engine/first/plimsoll_bg.wasm", import.meta.url));
const page = readFileSync(new URL("index.html", dist), "utf8");

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== WORKER)
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace(/.*\/dist\/+/, ""))
  .sort();
const bytes = new Map(files.map((file) => [file, readFileSync(new URL(file, dist))]));

const digest = createHash("sha256");
for (const [file, content] of bytes) digest.update(`${file}\0${content.length}\0`).update(content);
const version = digest.digest("hex").slice(0, 16);
// The page is kept under the address that people open.
const kept = ["./", ...files.filter((file) => file !== "index.html").map((file) => `./${file}`)];
const worker = readFileSync(new URL("service-worker.js", import.meta.url), "utf8")
  .replace('const VERSION = "";', () => `const VERSION = ${JSON.stringify(version)};`)
  .replace("const FILES = [];", () => `const FILES = ${JSON.stringify(kept)};`);
writeFileSync(new URL(WORKER, dist), worker);

const isFirst = (file) =>
  file === "index.html" ||
  page.includes(`"./${file}"`) ||
  file.startsWith("assets/worker-") ||
  bytes.get(file).equals(first);
const loaded = files.filter(isFirst);
const sum = (squeeze) => loaded.reduce((all, file) => all + squeeze(bytes.get(file)).length, 0);
const brotli = sum((content) => brotliCompressSync(content));
const gzip = sum((content) => gzipSync(content, { level: 9 }));
const kilobytes = (size) => `${Math.round(size / 1000)} KB`;
console.log(
  `first visit, ${loaded.length} files: ${kilobytes(brotli)} with brotli, ${kilobytes(gzip)} with gzip`,
);
if (!loaded.some((file) => file.endsWith(".wasm")) || brotli > BUDGET) {
  console.error(
    `a first visit may load ${kilobytes(BUDGET)}, its engine included: ${loaded.join(", ")}`,
  );
  process.exit(1);
}
