import { createHash } from "node:crypto";
import { XMLBuilder } from "fast-xml-parser";
import ical from "ical-generator";
import { documentOf, html, lines } from "./html.ts";
import { type PublicIncident, updateKeysOf } from "./page-incidents.ts";
import type { PageView } from "./page-view.ts";

/** Incidents that a feed tells: readers keep what they have seen. */
const MAX_ENTRIES = 50;

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressEmptyNode: true });
const document = (root: object) => builder.build({ "?xml": { "@version": "1.0", "@encoding": "utf-8" }, ...root });

interface Entry {
  readonly link: string;
  readonly title: string;
  /** Epoch ms. */
  readonly began: number;
  readonly updated: number;
  /** Markup. */
  readonly content: string;
}

/** What a feed is of: the page, a section or a target of it. */
interface Scope {
  /** Of the files, below the page's: nothing, or with a slash at the end. */
  readonly folder: string;
  readonly title: string;
  readonly words: string;
  /** Where people read of it. */
  readonly home: string;
  readonly incidents: readonly PublicIncident[];
}

/**
 * Incidents as feeds, by file, the newest first: in RSS 2.0 and JSON Feed 1.1 an entry for each, with its updates in it,
 * whose id stays while it changes; in Atom (RFC 4287) an entry for each update. Of the page, of each section, of each target.
 * @param url of the page, with a slash at the end
 */
export function feedFiles(view: PageView, url: string): { readonly [file: string]: string } {
  return Object.assign({}, ...scopesOf(view, url).map((scope) => filesOf(scope, { url, createdAt: view.page.createdAt })));
}

/** Where the feeds of a section are. Its name is all that it has: it may be moved, and is another once it is named anew. */
export function sectionFolder(name: string): string {
  return `section/${createHash("sha256").update(name).digest("hex").slice(0, 12)}/`;
}

/** Where the feeds of a target are. */
export function componentFolder(id: string): string {
  return `component/${id}/`;
}

function scopesOf({ page, sections, incidents }: PageView, url: string): Scope[] {
  const byComponent = new Map<string, PublicIncident[]>();
  for (const incident of incidents) {
    for (const { id } of incident.components) byComponent.set(id, [...(byComponent.get(id) ?? []), incident]);
  }
  const of = (ids: readonly string[]) => [...new Set(ids.flatMap((id) => byComponent.get(id) ?? []))];
  const whole = { folder: "", title: page.title, words: page.description ?? page.title, home: url, incidents };
  const idsOf = (section: string) =>
    sections.filter(({ name }) => name === section).flatMap(({ components }) => components.map(({ id }) => id));
  const parts = sections.flatMap(({ name, components }, index) => [
    // Sections of one name have one feed.
    { name, folder: sectionFolder(name), home: `${url}#section-${index}`, ids: idsOf(name) },
    ...components.map(({ id, name: own }) => ({ name: own, folder: componentFolder(id), home: `${url}#component-${id}`, ids: [id] })),
  ]);
  return [
    whole,
    ...parts.map(({ name, folder, home, ids }) => {
      const title = `${page.title}: ${name}`;
      return { folder, home, title, words: title, incidents: of(ids) };
    }),
  ];
}

function filesOf({ folder, title, words, home, incidents }: Scope, { url, createdAt }: { url: string; createdAt: string }) {
  const entries = incidents
    .map(
      (incident): Entry => ({
        link: `${url}incidents/${incident.id}/`,
        title: incident.title,
        began: incident.startedAt,
        updated: lastUpdate(incident),
        content: contentOf(incident),
      }),
    )
    .sort((a, b) => b.updated - a.updated)
    .slice(0, MAX_ENTRIES);
  const about = { title, words, home, folder: `${url}${folder}`, updated: entries[0]?.updated ?? Date.parse(createdAt) };
  return {
    [`${folder}feed.rss`]: rss(about, entries),
    [`${folder}feed.atom`]: atom(about, updatesOf(incidents, url)),
    [`${folder}feed.json`]: jsonFeed(about, entries),
  };
}

/** Each update as an entry, the newest first. */
function updatesOf(incidents: readonly PublicIncident[], url: string): (Entry & { readonly id: string })[] {
  return incidents
    .flatMap((incident) => {
      const link = `${url}incidents/${incident.id}/`;
      const keys = updateKeysOf(incident);
      return incident.updates.map(({ at, status, text }, index) => ({
        id: `${link}#${keys[index]}`,
        link,
        title: `${incident.title}: ${status}`,
        began: at,
        updated: at,
        content: documentOf(html`<p>${lines(text)}</p>`).replace(/^<!doctype html>/, ""),
      }));
    })
    .sort((a, b) => b.updated - a.updated)
    .slice(0, MAX_ENTRIES);
}

interface About {
  readonly title: string;
  readonly words: string;
  readonly home: string;
  /** Address of the folder that the feeds are in. */
  readonly folder: string;
  readonly updated: number;
}

const iso = (at: number) => new Date(at).toISOString();

function rss({ title, words, home, folder, updated }: About, entries: readonly Entry[]): string {
  return document({
    rss: {
      "@version": "2.0",
      "@xmlns:atom": "http://www.w3.org/2005/Atom",
      channel: {
        title,
        link: home,
        description: words,
        lastBuildDate: new Date(updated).toUTCString(),
        "atom:link": { "@href": `${folder}feed.rss`, "@rel": "self", "@type": "application/rss+xml" },
        item: entries.map((entry) => ({
          title: entry.title,
          link: entry.link,
          guid: entry.link,
          pubDate: new Date(entry.began).toUTCString(),
          description: entry.content,
        })),
      },
    },
  });
}

function atom({ title, words, home, folder, updated }: About, entries: readonly (Entry & { readonly id: string })[]): string {
  return document({
    feed: {
      "@xmlns": "http://www.w3.org/2005/Atom",
      id: folder,
      title,
      subtitle: words,
      updated: iso(updated),
      author: { name: title },
      link: [{ "@href": home }, { "@rel": "self", "@type": "application/atom+xml", "@href": `${folder}feed.atom` }],
      entry: entries.map((entry) => ({
        id: entry.id,
        title: entry.title,
        link: { "@href": entry.link },
        published: iso(entry.began),
        updated: iso(entry.updated),
        content: { "@type": "html", "#text": entry.content },
      })),
    },
  });
}

function jsonFeed({ title, words, home, folder }: About, entries: readonly Entry[]): string {
  return JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    title,
    description: words,
    home_page_url: home,
    feed_url: `${folder}feed.json`,
    items: entries.map((entry) => ({
      id: entry.link,
      url: entry.link,
      title: entry.title,
      content_html: entry.content,
      date_published: iso(entry.began),
      date_modified: iso(entry.updated),
    })),
  });
}

function lastUpdate({ updates, startedAt, endedAt }: PublicIncident): number {
  return Math.max(startedAt, endedAt ?? 0, ...updates.map(({ at }) => at));
}

/** An entry's text: markup, escaped as such. */
function contentOf({ updates, components }: PublicIncident): string {
  const body = html`<div>
    ${components.length > 0 && html`<p>Affected: ${components.map(({ name }) => name).join(", ")}</p>`}
    ${[...updates].reverse().map(({ at, status, text }) => html`<p><b>${status}</b>, ${new Date(at).toUTCString()}: ${lines(text)}</p>`)}
  </div>`;
  return documentOf(body).replace(/^<!doctype html>/, "");
}

/** Maintenance as a calendar that phones and mail programs follow. @param url of the page, with a slash at the end */
export function calendarFile({ page, maintenance }: PageView, url: string): string {
  const calendar = ical({
    // A text (RFC 7986, 5.1), of which the library escapes nothing.
    name: `${page.title}: maintenance`.replace(/[\\;,]/g, "\\$&"),
    prodId: { company: "Server Tracker", product: "Status page" },
    url: `${url}maintenance.ics`,
    ttl: 3_600,
  });
  for (const { id, name, from, to, components } of maintenance) {
    calendar.createEvent({
      id,
      // Else it is now, and the file another each time.
      stamp: new Date(from),
      start: new Date(from),
      end: new Date(to),
      summary: name,
      description: components.map((component) => component.name).join(", "),
      url,
    });
  }
  // RFC 5545, 3.1: each line ends so, the last one, too.
  return `${calendar.toString()}\r\n`;
}
