import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";

/*
 * The API against its own description: the document is valid for a validator that is not ours, and whatever is
 * sent, the answer is a documented one of the documented shape, and never a 5xx.
 */
type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly parameters?: { name: string; in: "path" | "query"; required: boolean; schema: Json }[];
  readonly requestBody?: { content: { "application/json": { schema: Json } } };
  readonly responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Json> };
}

let monitor: Monitor;
let document: Document;
let operations: { method: string; path: string; operation: Operation }[];
const known: { id?: string; tokenId?: string } = {};

beforeAll(async () => {
  monitor = await startMonitor();
  document = (await monitor.request("GET", "/openapi.json", { headers: {} })).json as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      // A ping is one by any method: two of them stand for the others.
      .filter(([method]) => !("options" in methods) || method === "get" || method === "post")
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const { id } = (await monitor.api("POST", "/targets", { name: "There", url: "http://127.0.0.1:1/" })) as { id: string };
  known.id = id;
  known.tokenId = ((await monitor.api("POST", "/tokens", { name: "There", role: "viewer" })) as { id: string }).id;
});
afterAll(() => monitor.close());

it("is described by a valid OpenAPI 3.1 document", async () => {
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(result).toMatchObject({ valid: true });
});

const awkward = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "\u202e",
  "@everyone",
  "a".repeat(3_000),
  "💥",
  "../../etc",
  "%00",
  "' or 1=1 --",
  "constructor",
  "__proto__",
);
const anything = fc.oneof(fc.jsonValue(), awkward, fc.integer(), fc.constant(null));

/** Values that fit a JSON schema mostly, and now and then do not. */
function arbitraryOf(schema: Json, depth = 0): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema, depth);
  return fc.oneof({ weight: 60, arbitrary: fitting }, { weight: 1, arbitrary: anything });
}

/** What fields are usually given: else hardly a body would be taken. */
const USUAL: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  url: fc.constantFrom("http://127.0.0.1:1/", "http://127.0.0.1:1/x?y=z"),
  host: fc.constantFrom("127.0.0.1", "localhost"),
  name: fc.string({ minLength: 1, maxLength: 30 }),
  intervalSeconds: fc.constantFrom(30, 60, 300),
  timeoutMs: fc.constantFrom(1_000, 5_000),
  channels: fc.constant(["discord"]),
  tags: fc.constantFrom([], ["production"]),
  dependsOn: fc.constant([]),
  escalation: fc.constantFrom([], [{ afterMinutes: 5, channels: ["discord"] }]),
  assertions: fc.constantFrom([], [{ kind: "bodyContains", text: "ok" }]),
  headers: fc.constantFrom({}, { "x-a": "b" }),
  method: fc.constantFrom("GET", "POST"),
  slo: fc.constantFrom({ objectivePercent: 99.9 }, { objectivePercent: 95, windowDays: 7 }),
  body: fc.constant(undefined),
  expiresAt: fc.constant("2100-01-01T00:00:00Z"),
};

function fittingOf(schema: Json, depth: number): fc.Arbitrary<unknown> {
  if ("$ref" in schema) return fittingOf(document.components.schemas[String(schema["$ref"]).split("/").at(-1) ?? ""] ?? {}, depth);
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  const variants = (schema["anyOf"] ?? schema["oneOf"]) as Json[] | undefined;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => arbitraryOf(variant, depth)));
  switch (schema["type"]) {
    case "object":
      return objectOf(schema, depth);
    case "array":
      return depth > 3 ? fc.constant([]) : fc.array(arbitraryOf((schema["items"] ?? {}) as Json, depth + 1), { maxLength: 4 });
    case "integer":
      return fc.oneof(
        {
          weight: 40,
          arbitrary: fc.integer({ min: Number(schema["minimum"] ?? 0), max: Math.min(1e6, Number(schema["maximum"] ?? 1e6)) }),
        },
        { weight: 1, arbitrary: fc.integer() },
      );
    case "number":
      return fc.oneof(
        {
          weight: 40,
          arbitrary: fc.double({ min: Number(schema["minimum"] ?? 0), max: Math.min(1e6, Number(schema["maximum"] ?? 1e6)), noNaN: true }),
        },
        { weight: 1, arbitrary: fc.constantFrom(-1, 1e308) },
      );
    case "boolean":
      return fc.boolean();
    case "string":
      return fc.oneof(
        { weight: 20, arbitrary: fc.stringMatching(/^[a-z]{1,20}$/) },
        {
          weight: 10,
          arbitrary: fc.constantFrom("http://127.0.0.1:1/", "127.0.0.1", "2026-01-01T00:00:00Z", "200-299", "$.status", known.id ?? ""),
        },
        { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
        { weight: 1, arbitrary: awkward },
      );
    default:
      return anything;
  }
}

function objectOf(schema: Json, depth: number): fc.Arbitrary<unknown> {
  const properties = (schema["properties"] ?? {}) as Record<string, Json>;
  const required = new Set((schema["required"] ?? []) as string[]);
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      USUAL[name] === undefined
        ? arbitraryOf(field, depth + 1)
        : fc.oneof({ weight: 40, arbitrary: USUAL[name] }, { weight: 1, arbitrary: arbitraryOf(field, depth + 1) }),
    ]),
  );
  const extra = fc.oneof(
    { weight: 19, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), anything, { maxKeys: 2 }) },
  );
  const requiredKeys = Object.keys(fields).filter((name) => required.has(name));
  const least = Object.fromEntries(requiredKeys.map((name) => [name, fields[name] ?? anything]));
  // The more fields, the rarer is one that is right in each.
  const full: fc.Arbitrary<Json> = fc.oneof(
    { weight: 3, arbitrary: fc.record(fields, { requiredKeys }) },
    { weight: 1, arbitrary: fc.record(least) },
  );
  return fc.tuple(full, extra).map(([object, more]) => ({ ...object, ...more }));
}

const ajv = new Ajv2020({ strict: false, allErrors: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv); // its default export has no types for ESM
const validators = new Map<string, ValidateFunction>();

function validatorOf(schema: Json): ValidateFunction {
  const key = JSON.stringify(schema);
  // References lead into the document: it stands around the schema.
  const validator = validators.get(key) ?? ajv.compile({ ...schema, components: document.components });
  validators.set(key, validator);
  return validator;
}

function pathOf(path: string, parameters: Operation["parameters"] = [], values: readonly string[]): string {
  let index = 0;
  return parameters
    .filter((parameter) => parameter.in === "path")
    .reduce((text, { name }) => text.replace(`{${name}}`, encodeURIComponent(values[index++] || "x")), path);
}

describe("whatever is sent", () => {
  it("gets a documented answer, and never a 5xx", { timeout: 300_000 }, async () => {
    const wrong: unknown[] = [];
    for (const { method, path, operation } of operations) {
      const body = operation.requestBody?.content["application/json"].schema;
      const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
      const arbitrary = fc.record({
        path: fc.array(fc.oneof(fc.constantFrom(known.id ?? "", known.tokenId ?? "", "start.js"), awkward, fc.uuid()), {
          minLength: 3,
          maxLength: 3,
        }),
        query: fc.record(Object.fromEntries(query.map(({ name, schema }) => [name, arbitraryOf(schema)])), { requiredKeys: [] }),
        body: body === undefined ? fc.constant(undefined) : arbitraryOf(body),
      });
      await fc.assert(
        fc.asyncProperty(arbitrary, async (sent) => {
          const search = new URLSearchParams(
            Object.entries(sent.query as object).map(([name, value]): [string, string] => [name, String(value)]),
          );
          const url = `${pathOf(path, operation.parameters, sent.path)}?${search}`;
          const headers = { "x-api-key": API_KEY, ...(body !== undefined && { "content-type": "application/json" }) };
          const answer = await monitor.request(method, url, {
            headers,
            ...(body !== undefined && { body: JSON.stringify(sent.body) ?? "" }),
          });
          const doc = operation.responses[String(answer.status)] ?? operation.responses["default"];
          const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
          const schema = doc?.content?.[type]?.schema;
          const fits = answer.text === "" || (type.endsWith("json") ? schema !== undefined && validatorOf(schema)(answer.json) : true);
          if (answer.status >= 500 || !fits)
            wrong.push({ call: `${method} ${url}`, body: sent.body, status: answer.status, text: answer.text.slice(0, 300) });
        }),
        { numRuns: body === undefined ? 12 : 80, seed: 20_261_123 },
      );
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it("includes bodies that are right: some were taken", async () => {
    const { items } = (await monitor.api("GET", "/targets?limit=500")) as { items: unknown[] };
    expect(items.length).toBeGreaterThan(1);
  });
});
