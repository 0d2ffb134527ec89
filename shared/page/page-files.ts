import { basename } from "node:path/posix";
import { PAGE_CACHE, type StoredFile } from "./file-store.ts";
import { badgeFiles, iconFile } from "./page-badges.ts";
import { PAGE_CSS, PAGE_SCRIPT } from "./page-css.ts";
import { calendarFile, feedFiles } from "./page-feeds.ts";
import { embedHtml, historyHtml, incidentHtml, indexHtml, pageJson } from "./page-html.ts";
import type { PageView } from "./page-view.ts";
import { logoFile, type StatusPage } from "./status-page.ts";
import { statuspageFiles } from "./statuspage-json.ts";

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  ics: "text/calendar; charset=utf-8",
} as const;

const FEED_TYPES: Readonly<Record<string, string>> = {
  "feed.rss": "application/rss+xml; charset=utf-8",
  "feed.atom": "application/atom+xml; charset=utf-8",
  "feed.json": "application/feed+json; charset=utf-8",
};

/**
 * Everything of a page, by path below its folder. The same view makes the same files.
 * @param url of the page, with a slash at the end: feeds and calendars name it; documents are relative
 */
export function pageFiles(view: PageView, page: Pick<StatusPage, "logo">, url: string): ReadonlyMap<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  const add = (path: string, type: string, body: string | Uint8Array) => files.set(path, { body, type, cache: PAGE_CACHE });
  add("index.html", TYPES.html, indexHtml(view));
  add("history/index.html", TYPES.html, historyHtml(view));
  add("embed/index.html", TYPES.html, embedHtml(view));
  for (const incident of view.incidents) {
    add(`incidents/${incident.id}/index.html`, TYPES.html, incidentHtml(view, incident));
  }
  add("page.css", TYPES.css, PAGE_CSS);
  add("page.js", TYPES.js, PAGE_SCRIPT);
  add("icon.svg", "image/svg+xml", iconFile(view));
  add("page.json", TYPES.json, JSON.stringify(pageJson(view)));
  for (const [path, feed] of Object.entries(feedFiles(view, url))) {
    add(path, FEED_TYPES[basename(path)] ?? "application/xml", feed);
  }
  add("maintenance.ics", TYPES.ics, calendarFile(view, url));
  for (const { file, type, body } of badgeFiles(view)) add(file, type, body);
  for (const [path, body] of Object.entries(statuspageFiles(view, url))) add(path, TYPES.json, JSON.stringify(body));
  const logo = page.logo === undefined ? undefined : logoFile(page.logo);
  if (logo !== undefined) add(logo.name, logo.type, logo.bytes);
  return files;
}
