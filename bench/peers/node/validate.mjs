// Validates the example payloads of a contract pack with ajv: FOLDER ROUNDS. Prints one JSON line: nanoseconds for one
// payload, parsing included, and how many payloads were accepted and refused.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const [pack, rounds] = [process.argv[2], Number(process.argv[3])];
const ajv = new Ajv({ allErrors: true, strict: false });
formats(ajv);
const began = process.hrtime.bigint();
for (const file of readdirSync(join(pack, "schemas"))) {
  const schema = JSON.parse(readFileSync(join(pack, "schemas", file), "utf8"));
  ajv.addSchema(schema, file);
}
const payloads = [];
for (const name of readdirSync(join(pack, "examples"))) {
  const validate = ajv.getSchema(`${name}.schema.json`);
  for (const file of readdirSync(join(pack, "examples", name))) {
    if (file.endsWith(".want.json")) continue;
    payloads.push({ validate, file, text: readFileSync(join(pack, "examples", name, file), "utf8") });
  }
}
const judge = ({ validate, text }) => {
  try {
    return validate(JSON.parse(text));
  } catch {
    return false; // not JSON
  }
};
const compiled = Number(process.hrtime.bigint() - began);
const accepted = payloads.filter(judge).length;
const wrong = payloads.filter((p) => judge(p) !== p.file.startsWith("valid")).length;
const start = process.hrtime.bigint();
for (let i = 0; i < rounds; i++) for (const p of payloads) judge(p);
const took = Number(process.hrtime.bigint() - start);
console.log(JSON.stringify({ compiled, payloads: payloads.length, accepted, wrong, ns: took / (rounds * payloads.length) }));
