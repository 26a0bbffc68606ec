// Writes generated/types/*.ts: one for each schema of the core crate.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const schemas = new URL("../../core/schema/", import.meta.url);
const generated = new URL("../generated/types/", import.meta.url);
mkdirSync(generated, { recursive: true });
for (const file of readdirSync(schemas).filter((name) => name.endsWith(".json"))) {
  const schema = JSON.parse(readFileSync(new URL(file, schemas), "utf8"));
  const name = file.replace(".json", "");
  const text = await compile(schema, name, { additionalProperties: false, bannerComment: "" });
  writeFileSync(new URL(`${name}.ts`, generated), text);
}
