import * as z from "zod";
import { RequestError } from "../../../shared/errors.ts";
import {
  addressOf,
  MAX_PAGES,
  newKey,
  SHOWN_OF_PAGES,
  type StatusPage,
  statusPageFields,
  statusPageInput,
} from "../../../shared/page/status-page.ts";
import { requireVersion } from "../../../shared/require-version.ts";
import { mergePatch } from "../../../shared/text/merge-patch.ts";
import { withoutUndefined } from "../../../shared/text/without-undefined.ts";
import { isoNow } from "../incident-request.ts";
import { type ApiDeps, defineRoute, type Route } from "../route.ts";
import { versionsOf } from "../target-view.ts";

const slugParam = z.object({ slug: z.string().max(50) });

const pageView = z
  .looseObject({
    slug: z.string(),
    title: z.string(),
    visibility: z.enum(["public", "unlisted"]),
    path: z.string().meta({ description: "Where it is published, on the page's own host: with the next round." }),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "StatusPage" });
const body = z.record(z.string(), z.unknown(), "the body must be a JSON object");

function viewOf(page: StatusPage) {
  const { key, ...fields } = page;
  return { ...withoutUndefined(fields), path: `/status/${addressOf(page)}/` } as z.output<typeof pageView>; // a page's fields
}

/** What the audit keeps: a picture is no text. */
function auditOf(page: StatusPage) {
  const { logo, ...view } = viewOf(page);
  return { ...view, ...(logo !== undefined && { logo: "a picture" }) };
}

async function requirePage({ statusPages }: ApiDeps, slug: string): Promise<StatusPage> {
  const found = (await statusPages.list()).find((page) => page.slug === slug);
  if (found === undefined) throw new RequestError("not-found", `There is no status page ${slug}.`);
  return found;
}

const createStatusPage = defineRoute({
  method: "POST",
  path: "/status-pages",
  id: "createStatusPage",
  summary: "Make a page for the public: files that stand when everything else is down",
  tag: "Status pages",
  access: "admin",
  body,
  bodyDoc: statusPageInput,
  responses: { 201: { description: "Published with the next round, at its path.", schema: pageView } },
  async handle(deps, { body: input }) {
    const fields = statusPageInput.parse(input);
    const pages = await deps.statusPages.list();
    if (pages.some(({ slug }) => slug === fields.slug)) throw new RequestError("conflict", `There is a status page ${fields.slug}.`);
    if (pages.length >= MAX_PAGES) throw new RequestError("conflict", `There are ${MAX_PAGES} status pages, as many as may be.`);
    const at = isoNow(deps);
    const page: StatusPage = { ...fields, key: newKey(), version: 1, createdAt: at, updatedAt: at };
    if (!(await deps.statusPages.put(page))) throw new RequestError("conflict", `There is a status page ${fields.slug}.`);
    return { status: 201, body: viewOf(page), change: { what: `status-page:${page.slug}`, after: auditOf(page) } };
  },
});

/** Of a page that is only looked at. */
const PREVIEW_SLUG = "preview";

const previewStatusPage = defineRoute({
  method: "POST",
  path: "/status-page-preview",
  id: "previewStatusPage",
  summary: "See what a page would show, before it is published",
  tag: "Status pages",
  access: "admin",
  body,
  bodyDoc: statusPageInput.partial({ slug: true }),
  responses: {
    200: {
      description: "Its first document, as it would be now, and its style. Nothing is stored or published.",
      schema: z.object({ html: z.string(), css: z.string() }),
    },
  },
  async handle(deps, { body: input }) {
    // What a GET answers may be sent.
    const wanted = Object.entries(input).filter(([name]) => name === "slug" || !SHOWN_OF_PAGES.has(name));
    const fields = statusPageInput.parse({ slug: PREVIEW_SLUG, ...Object.fromEntries(wanted) });
    const at = isoNow(deps);
    // Loaded where it is needed: it renders documents.
    const { previewPage } = await import("../../../shared/page/preview-page.ts");
    return { status: 200, body: await previewPage(deps, { ...fields, key: newKey(), version: 1, createdAt: at, updatedAt: at }) };
  },
});

const listStatusPages = defineRoute({
  method: "GET",
  path: "/status-pages",
  id: "listStatusPages",
  summary: "Pages for the public",
  tag: "Status pages",
  access: "viewer",
  responses: { 200: { description: "All of them, by slug.", schema: z.object({ items: z.array(pageView) }) } },
  handle: async ({ statusPages }) => ({ status: 200, body: { items: (await statusPages.list()).map(viewOf) } }),
});

const getStatusPage = defineRoute({
  method: "GET",
  path: "/status-pages/{slug}",
  id: "getStatusPage",
  summary: "One page for the public",
  tag: "Status pages",
  access: "viewer",
  params: slugParam,
  responses: { 200: { description: "How it is configured.", schema: pageView } },
  handle: async (deps, { params }) => ({ status: 200, body: viewOf(await requirePage(deps, params.slug)) }),
});

const updateStatusPage = defineRoute({
  method: "PATCH",
  path: "/status-pages/{slug}",
  id: "updateStatusPage",
  summary: "Change a page for the public; null removes a field, and a list takes the place of the one before",
  tag: "Status pages",
  access: "admin",
  params: slugParam,
  body,
  bodyDoc: z.looseObject({}).meta({ description: "Any fields of a page but its slug." }),
  responses: { 200: { description: "The page as it is now; published with the next round.", schema: pageView } },
  async handle(deps, { params, body: patch, headers }) {
    const before = await requirePage(deps, params.slug);
    requireVersion("The page", before.version, versionsOf(headers["if-match"]));
    const { slug, key, version, createdAt, updatedAt, ...fields } = before;
    // What a GET answers may be sent back: what cannot be changed must only be as it is.
    const known: Record<string, unknown> = viewOf(before);
    const wanted = Object.entries(patch).filter(([name, value]) => name in fields || !(name in known) || known[name] !== value);
    const changed = statusPageFields.parse(mergePatch(withoutUndefined(fields), Object.fromEntries(wanted)));
    const after: StatusPage = { slug, key, createdAt, ...changed, version: version + 1, updatedAt: isoNow(deps) };
    if (!(await deps.statusPages.put(after))) throw new RequestError("conflict", "The page was changed by somebody else: read it again.");
    return { status: 200, body: viewOf(after), change: { what: `status-page:${slug}`, before: auditOf(before), after: auditOf(after) } };
  },
});

const deleteStatusPage = defineRoute({
  method: "DELETE",
  path: "/status-pages/{slug}",
  id: "deleteStatusPage",
  summary: "Take a page back: its files go with the next round",
  tag: "Status pages",
  access: "admin",
  params: slugParam,
  responses: { 204: { description: "Taken back; caches may show it for a week while its files cannot be asked for." } },
  async handle(deps, { params, headers }) {
    requireVersion("The page", (await requirePage(deps, params.slug)).version, versionsOf(headers["if-match"]));
    const before = await deps.statusPages.remove(params.slug);
    if (before === undefined) throw new RequestError("not-found", `There is no status page ${params.slug}.`);
    return { status: 204, change: { what: `status-page:${params.slug}`, before: auditOf(before) } };
  },
});

/** Pages for the public: what they show, and where they are. */
export const statusPageRoutes: readonly Route[] = [
  createStatusPage,
  previewStatusPage,
  listStatusPages,
  getStatusPage,
  updateStatusPage,
  deleteStatusPage,
];
