import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";
import { RequestError } from "../../../shared/errors.ts";
import { openApiDocument } from "../openapi.ts";
import { defineRoute, type Route } from "../route.ts";

/** Swagger UI's files, by name: the only ones served. */
const ASSETS: ReadonlyMap<string, string> = new Map([
  ["swagger-ui.css", "text/css; charset=utf-8"],
  ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
]);

const START = `const openApi = new URL("../openapi.json", document.currentScript.src).href;
window.addEventListener("load", () => {
  SwaggerUIBundle({ url: openApi, dom_id: "#docs", deepLinking: true, persistAuthorization: true });
});`;

// Relative, since the page does not know where gateways and emulators show it.
/** @param folder of the files, from the page */
const page = (folder: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Server Tracker API</title>
<link rel="stylesheet" href="${folder}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="${folder}/swagger-ui-bundle.js"></script>
<script src="${folder}/start.js"></script>
</body>
</html>`;

// Swagger UI sets styles from script and shows its icons as data.
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The routes that describe the others. @param all every route, these included */
export function docsRoutes(all: () => readonly Route[]): Route[] {
  return [
    defineRoute({
      method: "GET",
      path: "/openapi.json",
      id: "getOpenApi",
      summary: "This description",
      tag: "Service",
      access: "public",
      responses: { 200: { description: "An OpenAPI 3.1 document.", schema: z.looseObject({ openapi: z.string() }) } },
      handle: async (_deps, { baseUrl }) => ({ status: 200, body: openApiDocument(all(), baseUrl) }),
    }),
    defineRoute({
      method: "GET",
      path: "/docs",
      id: "getDocs",
      summary: "This description, to read and try",
      tag: "Service",
      access: "public",
      responses: { 200: { description: "A page.", schema: z.string(), contentType: "text/html" } },
      handle: async (_deps, { path }) => ({
        status: 200,
        body: page(path.endsWith("/") ? "." : "docs"),
        headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY },
      }),
    }),
    defineRoute({
      method: "GET",
      path: "/docs/{file}",
      id: "getDocsFile",
      summary: "A file of the page",
      tag: "Service",
      access: "public",
      params: z.object({ file: z.string() }),
      responses: { 200: { description: "The file.", schema: z.string(), contentType: "text/plain" } },
      handle: async ({ swaggerUiDir }, { params: { file } }) => {
        if (file === "start.js") return asset(START, "text/javascript; charset=utf-8");
        const type = ASSETS.get(file);
        if (type === undefined) throw new RequestError("not-found", `There is no ${file}.`);
        return asset(await readFile(join(swaggerUiDir ?? packageFolder(), file), "utf8"), type);
      },
    }),
  ];
}

function asset(body: string, contentType: string) {
  return { status: 200, body, headers: { "content-type": contentType, "cache-control": "public, max-age=3600" } };
}

function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
}
