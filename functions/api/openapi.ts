import * as z from "zod";
import { VERSION } from "../../shared/version.ts";
import { problemSchema } from "./problem.ts";
import type { ResponseDoc, Route } from "./route.ts";

/** The OpenAPI 3.1 document of the routes, from the schemas that validate them. @param serverUrl address of the API */
export function openApiDocument(routes: readonly Route[], serverUrl: string): Record<string, unknown> {
  const schemas: Schemas = { Problem: {} };
  schemas["Problem"] = jsonSchema(problemSchema, "output", schemas);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Server Tracker",
      version: VERSION,
      description: "Checks websites and servers every 30 seconds and tells when one changes its status.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        bearer: { type: "http", scheme: "bearer" },
      },
    },
  };
}

/** Schemas that have a name, by it: every place that uses one refers to it. */
type Schemas = Record<string, unknown>;

function operation(route: Route, schemas: Schemas): Record<string, unknown> {
  const body = route.bodyDoc ?? route.body;
  const parameters = [...parametersOf(route.params, "path", schemas), ...parametersOf(route.query, "query", schemas)];
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { "application/json": { schema: jsonSchema(body, "input", schemas) } },
      },
    }),
    security: route.access === "public" ? [] : [{ apiKey: [] }, { bearer: [] }],
    responses: {
      ...Object.fromEntries(Object.entries(route.responses).map(([status, doc]) => [status, response(doc, schemas)])),
      default: {
        description: "What is wrong, and how to mend it.",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function response({ description, schema, contentType = "application/json" }: ResponseDoc, schemas: Schemas): Record<string, unknown> {
  if (schema === undefined) return { description };
  return { description, content: { [contentType]: { schema: jsonSchema(schema, "output", schemas) } } };
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query", schemas: Schemas): Record<string, unknown>[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...json } = jsonSchema(field as z.ZodType, "input", schemas); // a ZodObject's shape holds zod types
    const required = place === "path" || !(field as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema: json };
  });
}

function jsonSchema(schema: z.ZodType, io: "input" | "output", schemas: Schemas): Record<string, unknown> {
  const made = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline", cycles: "throw" });
  // Named schemas come beside the schema that uses them; a document has one place for them.
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema: _dialect, id: _id, $defs: named, ...json } = JSON.parse(text) as Record<string, unknown>;
  for (const [name, { $schema: _, id: __, ...definition }] of Object.entries((named ?? {}) as Record<string, Record<string, unknown>>)) {
    schemas[name] = definition;
  }
  return json;
}
