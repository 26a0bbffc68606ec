// Brings the engine to generated/engine: the web package of bindings/wasm, its module made smaller by
// wasm-opt. Does nothing when the module is the one that was brought last.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("target", root));
const source = `${target}/wasm/web`;
const generated = fileURLToPath(new URL("../generated/engine", import.meta.url));

if (!existsSync(`${source}/plimsoll_bg.wasm`)) {
  run("cargo", ["run", "--locked", "-p", "plimsoll-wasm-build"], fileURLToPath(root));
}
mkdirSync(generated, { recursive: true });
const bytes = readFileSync(`${source}/plimsoll_bg.wasm`);
const digest = createHash("sha256").update(bytes).digest("hex");
const mark = `${generated}/source.sha256`;
if (!existsSync(mark) || readFileSync(mark, "utf8") !== digest) {
  const optimise = fileURLToPath(new URL("../node_modules/binaryen/bin/wasm-opt", import.meta.url));
  const features = ["--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"];
  const more = ["--enable-mutable-globals", "--enable-reference-types", "--enable-multivalue"];
  const files = [`${source}/plimsoll_bg.wasm`, "-o", `${generated}/plimsoll_bg.wasm`];
  run(process.execPath, [optimise, "-Oz", ...features, ...more, ...files]);
  for (const file of ["plimsoll.js", "plimsoll.d.ts"]) {
    copyFileSync(`${source}/${file}`, `${generated}/${file}`);
  }
  writeFileSync(mark, digest);
}

function run(command, flags, cwd) {
  const { status } = spawnSync(command, flags, { stdio: "inherit", cwd });
  if (status !== 0) process.exit(status ?? 1);
}
