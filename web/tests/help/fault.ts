// The page's own engine with a fault in it: a text of one certain length makes it stop, as a panic does.
import { readdirSync, readFileSync } from "node:fs";
import binaryen from "binaryen";

const ASSETS = new URL("../../dist/assets/", import.meta.url);
/** Length in bytes of the text that is fatal. */
export const FATAL = 4321;

/** Every engine of the build by its path, with the fault in its function `check`. */
export function faulty(): Map<string, Buffer> {
  const files = readdirSync(ASSETS).filter((name) => name.endsWith(".wasm"));
  return new Map(
    files.map((file) => [`assets/${file}`, spoil(readFileSync(new URL(file, ASSETS)))]),
  );
}

const { Features } = binaryen;
/** What the build gives wasm-opt: with more, binaryen writes what browsers do not read yet. */
const FEATURES =
  Features.BulkMemory |
  Features.Multivalue |
  Features.MutableGlobals |
  Features.NontrappingFPToInt |
  Features.ReferenceTypes |
  Features.SignExt;

function spoil(bytes: Buffer): Buffer {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  const { value } = binaryen.getExportInfo(module.getExport("check"));
  const check = module.getFunction(value);
  const { body, results } = binaryen.getFunctionInfo(check);
  // Parameters: where the text is, and how long.
  const isFatal = module.i32.eq(module.local.get(1, binaryen.i32), module.i32.const(FATAL));
  const stop = module.if(isFatal, module.unreachable());
  // It is there at run time; the types have it in another place.
  const functions = (binaryen as unknown as Pick<binaryen.Module, "Function">).Function;
  functions.setBody(check, module.block(null, [stop, body], results));
  return Buffer.from(module.emitBinary());
}
