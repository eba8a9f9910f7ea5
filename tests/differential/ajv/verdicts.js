// Reads {"version": 1, "valid": true, "data": …} lines and says where ajv disagrees:
//   node verdicts.js PROVIDER_DIR < lines
import { createInterface } from "node:readline";
import { compileProvider } from "./schemas.js";

const validators = compileProvider(process.argv[2]);
let count = 0;
let different = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { version, valid, data } = JSON.parse(line);
  ++count;
  if (validators[version](data) !== valid && ++different <= 20) {
    console.error(`ajv says ${!valid}: ${line}`);
  }
}
console.error(`ajv agrees on ${count - different} of ${count} messages`);
process.exit(count > 0 && different === 0 ? 0 : 1);
