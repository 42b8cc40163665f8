import type { Json } from "../../support/api/api";
import type { Contract, Operation, Parameter } from "../../support/api/openapi";
import type { Sample } from "./samples/sample";

/** A sample with one thing wrong with it, and the field that the answer must name. */
export interface Spoilt {
  what: string;
  param: string;
  sample: Sample;
}

/** Values of every kind and of absurd size: for each field those that its schema refuses must be refused. */
const ABSURD: Json[] = [
  null,
  true,
  "",
  "nonsense\u0000",
  "\u202egnirts",
  "x".repeat(5_000),
  "-1",
  -1,
  1.5,
  0,
  1e15,
  1e300,
  Number.MIN_VALUE,
  [],
  [null],
  {},
  { $ne: 1 },
  ["stt", "stt"],
];
const ABSURD_TEXTS = [
  "",
  " ",
  "-1",
  "1.5",
  "1e3",
  "0x10",
  "NaN",
  "9".repeat(30),
  "2026-02-30",
  "' OR 1=1 --",
  "\u0000",
];

/** Every way to spoil a request that its own document calls wrong. */
export function spoil(contract: Contract, operation: Operation, sample: Sample): Spoilt[] {
  const parameters = operation.parameters ?? [];
  return [
    ...spoiltBodies(contract, operation, sample),
    ...parameters.flatMap((parameter) => spoiltParameters(contract, parameter, sample)),
    strayParameter(sample),
  ];
}

function spoiltBodies(contract: Contract, operation: Operation, sample: Sample): Spoilt[] {
  const stated = operation.requestBody?.content["application/json"].schema;
  if (!stated) return [];
  const schema = contract.resolve(stated);
  const body = sample.body;
  const withBody = (what: string, param: string, changed: Json): Spoilt => ({
    what,
    param,
    sample: { ...sample, body: changed },
  });
  const missing = (schema.required ?? []).map((name) => {
    const { [name]: _, ...rest } = body;
    return withBody(`without ${name}`, name, rest);
  });
  const wrong = Object.keys(schema.properties ?? {}).flatMap((name) =>
    ABSURD.map((value) => withBody(`${name}: ${show(value)}`, name, { ...body, [name]: value })).filter(
      (spoilt) =>
        contract.difference(stated, spoilt.sample.body) !== null && !isBatch(name, spoilt.sample.body[name]),
    ),
  );
  return [...missing, ...wrong, withBody("an unknown field", "unknown", { ...body, unknown: 1 })];
}

/** Operations of a batch are judged one by one, each in its place. */
function isBatch(name: string, value: Json): boolean {
  return name === "operations" && Array.isArray(value) && value.length > 0;
}

function spoiltParameters(contract: Contract, parameter: Parameter, sample: Sample): Spoilt[] {
  const { name, required } = parameter;
  const place = { path: "params", query: "query", header: "headers" }[parameter.in] as
    | "params"
    | "query"
    | "headers";
  const texts = [...ABSURD_TEXTS, "x".repeat(5_000)].filter((text) => isWrong(contract, parameter, text));
  const spoilt = texts.map((text) => ({
    what: `${name}: ${show(text)}`,
    param: name,
    sample: { ...sample, [place]: { ...sample[place], [name]: text } },
  }));
  if (!required || parameter.in === "path") return spoilt;
  const { [name]: _, ...rest } = sample[place] ?? {};
  return [...spoilt, { what: `without ${name}`, param: name, sample: { ...sample, [place]: rest } }];
}

/** Whether a text is none that the parameter may have. What cannot be sent in its place is left out. */
function isWrong(contract: Contract, parameter: Parameter, text: string): boolean {
  if (parameter.in === "path" && text === "") return false;
  if (parameter.in === "header" && !/^[\x20-\x7e]+$/.test(text.trim())) return false;
  const { schema } = parameter;
  if (schema.type !== "integer") return contract.difference(schema, text) !== null;
  return !/^\d+$/.test(text) || contract.difference(schema, Number(text)) !== null;
}

function strayParameter(sample: Sample): Spoilt {
  return {
    what: "an unknown parameter",
    param: "unknown",
    sample: { ...sample, query: { ...sample.query, unknown: "1" } },
  };
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text;
}
