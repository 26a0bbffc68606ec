// What the repository holds that tests compare the page with.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8");
}

export function scenario(name: string): string {
  return read(`core/catalog/scenarios/${name}.yaml`);
}

/** The program as `cargo test` builds it; built here when this is run alone. */
export function program(): string {
  const path = `${process.env.CARGO_TARGET_DIR ?? `${ROOT}target`}/debug/plimsoll`;
  if (!existsSync(path)) {
    const words = ["build", "--locked", "--package", "plimsoll-cli"];
    const { status } = spawnSync("cargo", words, { cwd: ROOT, stdio: "inherit" });
    if (status !== 0) throw new Error("the command line could not be built");
  }
  return path;
}
