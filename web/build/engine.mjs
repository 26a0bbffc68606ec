// Brings the engines to generated/engine: the web packages of bindings/wasm, the first made smaller by
// wasm-opt. Does nothing when they are the ones that were brought last.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Smaller by 46 KB as brotli sends it (2 KB of them by `--gufa`, which follows what values can be), and as fast
 * (`node benches/wasm/engines.mjs`); what is alike stands together for brotli. `--low-memory-unused` makes of an
 * addition of less than 1,024 the offset of a load, which differs for addresses below 1,024 alone: there the
 * addition wraps and the offset traps. Nothing lies there but the end of the stack, which grows down from
 * 1 MiB, below data and heap; so a stack that has less than 1 KiB left may end early, and nothing else changes.
 * Ready stacks take 18 KiB of it. */
const HOW = ["-Os", "--gufa", "-Os", "--low-memory-unused", "--gufa", "-Os"].concat([
  "--reorder-functions",
  "--reorder-globals",
  "--strip-producers",
]);
/** What rustc's code for this target uses. */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "call-indirect-overlong",
  "multivalue",
  "mutable-globals",
]
  .concat(["nontrapping-float-to-int", "reference-types", "sign-ext"])
  .map((name) => `--enable-${name}`);
const root = new URL("../../", import.meta.url);
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("target", root));
const packages = `${target}/wasm`;
const generated = fileURLToPath(new URL("../generated/engine", import.meta.url));

if (!existsSync(`${packages}/first/plimsoll_bg.wasm`)) {
  run("cargo", ["run", "--locked", "-p", "plimsoll-wasm-build"], fileURLToPath(root));
}
// What nobody waits for at first sight is not worth half a minute of every build.
bring("first", true);
bring("web", false);

function bring(name, isOptimised) {
  const [source, to] = [`${packages}/${name}`, `${generated}/${name}`];
  mkdirSync(to, { recursive: true });
  const digest = createHash("sha256");
  for (const file of ["plimsoll_bg.wasm", "plimsoll.js"])
    digest.update(readFileSync(`${source}/${file}`));
  const mark = `${to}/source.sha256`;
  const now = digest.digest("hex");
  if (existsSync(mark) && readFileSync(mark, "utf8") === now) return;
  const optimise = fileURLToPath(new URL("../node_modules/binaryen/bin/wasm-opt", import.meta.url));
  const files = [`${source}/plimsoll_bg.wasm`, "-o", `${to}/plimsoll_bg.wasm`];
  if (isOptimised) run(process.execPath, [optimise, ...HOW, ...FEATURES, ...files]);
  else copyFileSync(`${source}/plimsoll_bg.wasm`, `${to}/plimsoll_bg.wasm`);
  for (const file of ["plimsoll.js", "plimsoll.d.ts"])
    copyFileSync(`${source}/${file}`, `${to}/${file}`);
  writeFileSync(mark, now);
}

function run(command, flags, cwd) {
  const { status } = spawnSync(command, flags, { stdio: "inherit", cwd });
  if (status !== 0) process.exit(status ?? 1);
}
