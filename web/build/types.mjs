// Writes generated/types/*.ts, one for each schema of the core crate, and generated/catalogue.json.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

const catalogue = new URL("../../core/catalog/scenarios/", import.meta.url);
const files = readdirSync(catalogue, { recursive: true }).filter((name) => name.endsWith(".yaml"));
const scenarios = files.sort().map((file) => ({
  name: file.replace(".yaml", ""),
  text: readFileSync(new URL(file, catalogue), "utf8"),
}));
writeFileSync(new URL("../catalogue.json", generated), JSON.stringify(scenarios));
