import { writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";
import { openApiDocument } from "../functions/api/openapi.ts";
import { routes } from "../functions/api/routes/index.ts";
import { isObject } from "../shared/text/is-object.ts";

/** The page's types of the API, from its own description: `npm run web:client` writes them. */
export const WEB_CLIENT = "web/src/api-types.ts";

/**
 * TypeScript types in the form that openapi-fetch takes: `paths`, by path and method.
 * openapi-typescript does the same, but wants a TypeScript older than ours.
 */
export async function webClientTypes(): Promise<string> {
  const document = openApiDocument(routes, "");
  const { schemas } = document["components"] as { schemas: Record<string, unknown> };
  const paths = objectOf(
    Object.entries(document["paths"] as Record<string, Record<string, Operation>>).map(([path, operations]) => [
      path,
      objectOf([
        ["parameters", empty(["query", "header", "path", "cookie"])],
        ...METHODS.map((method): Member => {
          const operation = operations[method];
          return operation === undefined ? [method, NEVER, "optional"] : [method, operationType(operation)];
        }),
      ]),
    ]),
  );
  const definitions = withLocalReferences(schemas) as Record<string, object>;
  const schema = withLocalReferences(paths);
  const types = await compile({ ...schema, title: "paths", definitions }, "paths", {
    additionalProperties: false,
    bannerComment: "/* Written by `npm run web:client` from the API's description. */\n/* biome-ignore-all lint: written by a program */",
    format: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
  });
  // As openapi-fetch looks for them.
  return types.replace("interface Paths", "interface paths").replace(/^"(\d{3})": \{$/gm, "$1: {");
}

/** A document's references as a schema of its own has them. */
function withLocalReferences(json: object): object {
  return JSON.parse(JSON.stringify(json).replaceAll("#/components/schemas/", "#/definitions/")) as object; // it was one
}

const METHODS = ["get", "put", "post", "delete", "patch"] as const;
const NEVER = { tsType: "never" };

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: object }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: object }> }>;
}

type Member = readonly [name: string, schema: object, presence?: "optional"];

function objectOf(members: readonly Member[]): object {
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(members.map(([name, schema]) => [name, schema])),
    required: members.flatMap(([name, , presence]) => (presence === "optional" ? [] : [name])),
  };
}

const empty = (names: readonly string[]) => objectOf(names.map((name) => [name, NEVER, "optional"]));

function operationType({ parameters = [], requestBody, responses }: Operation): object {
  const of = (place: string): Member => {
    const members = parameters.filter((parameter) => parameter.in === place);
    if (members.length === 0) return [place, NEVER, "optional"];
    const all = objectOf(members.map(({ name, schema, required }): Member => (required ? [name, schema] : [name, schema, "optional"])));
    return members.some(({ required }) => required) ? [place, all] : [place, all, "optional"];
  };
  return objectOf([
    ["parameters", objectOf([of("query"), of("header"), of("path"), of("cookie")])],
    requestBody === undefined ? ["requestBody", NEVER, "optional"] : ["requestBody", contentType(requestBody.content)],
    ["responses", objectOf(Object.entries(responses).map(([status, { content }]): Member => [status, contentType(content)]))],
  ]);
}

function contentType(content: Record<string, { readonly schema?: object }> | undefined): object {
  const entries = Object.entries(content ?? {}).filter(([, { schema }]) => isObject(schema));
  return objectOf([
    ["headers", { type: "object", additionalProperties: true }],
    entries.length === 0 ? ["content", NEVER, "optional"] : ["content", objectOf(entries.map(([type, { schema = {} }]) => [type, schema]))],
  ]);
}

if (process.argv[1] === import.meta.filename) await writeFile(WEB_CLIENT, await webClientTypes());
