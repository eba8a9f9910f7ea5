// The provider's schemas, and any other, compiled by ajv with full formats.
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { fullFormats } from "ajv-formats/dist/formats.js";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function newAjv() {
  const ajv = new Ajv({ strict: false, allErrors: false, logger: false });
  // The provider's files name draft-07 by a URI that it does not have.
  ajv.addMetaSchema({ ...ajv.getSchema("http://json-schema.org/draft-07/schema").schema,
                      $id: "https://json-schema.org/draft-07/schema" });
  return addFormats(ajv, { mode: "full" });
}

// ajv takes a space for the T, and offsets without minutes or colon. RFC 3339 does not.
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function newStrictAjv() {
  return newAjv().addFormat("date-time",
                            (text) => rfc3339.test(text) && fullFormats["date-time"].validate(text));
}

export const compileFile = (path) => newAjv().compile(read(path));

function findFile(tree, name) {
  const found = readdirSync(tree, { recursive: true }).filter((path) => basename(path) === name).sort();
  const path = found.find((one) => one.includes("L13/")) ?? found.at(-1);
  return path && join(tree, path);
}

// Of the provider's tree, by stream: {1: …, 2: …}.
export function compileProvider(tree) {
  const validators = {};
  const v1 = findFile(tree, "all_capabilities.schema.json");
  if (v1) {
    const ajv = newStrictAjv();
    for (const folder of ["capabilities", "misc"]) {
      for (const name of readdirSync(join(dirname(v1), folder))) {
        ajv.addSchema(read(join(dirname(v1), folder, name)));
      }
    }
    validators[1] = ajv.compile(read(v1));
  }
  const v2 = findFile(tree, "data.schema.json");
  if (v2) {
    validators[2] = newStrictAjv().compile(read(v2));
  }
  return validators;
}
