import { XMLBuilder } from "fast-xml-parser";
import ical from "ical-generator";
import { documentOf, html, lines } from "./html.ts";
import type { PublicIncident } from "./page-incidents.ts";
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

/**
 * Incidents as feeds, by file, the newest first: in RSS 2.0 and JSON Feed 1.1 an entry for each, with its updates in it,
 * whose id stays while it changes; in Atom (RFC 4287) an entry for each update.
 * @param url of the page, with a slash at the end
 */
export function feedFiles({ page, incidents }: PageView, url: string): { readonly [file: string]: string } {
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
  const about = {
    title: page.title,
    words: page.description ?? page.title,
    url,
    updated: entries[0]?.updated ?? Date.parse(page.createdAt),
  };
  return { "feed.rss": rss(about, entries), "feed.atom": atom(about, updatesOf(incidents, url)), "feed.json": jsonFeed(about, entries) };
}

/** Each update as an entry, the newest first. */
function updatesOf(incidents: PageView["incidents"], url: string): (Entry & { readonly id: string })[] {
  return incidents
    .flatMap((incident) => {
      const link = `${url}incidents/${incident.id}/`;
      return incident.updates.map(({ at, status, text }, index) => ({
        id: `${link}#${index + 1}`,
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
  readonly url: string;
  readonly updated: number;
}

const iso = (at: number) => new Date(at).toISOString();

function rss({ title, words, url, updated }: About, entries: readonly Entry[]): string {
  return document({
    rss: {
      "@version": "2.0",
      "@xmlns:atom": "http://www.w3.org/2005/Atom",
      channel: {
        title,
        link: url,
        description: words,
        lastBuildDate: new Date(updated).toUTCString(),
        "atom:link": { "@href": `${url}feed.rss`, "@rel": "self", "@type": "application/rss+xml" },
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

function atom({ title, words, url, updated }: About, entries: readonly (Entry & { readonly id: string })[]): string {
  return document({
    feed: {
      "@xmlns": "http://www.w3.org/2005/Atom",
      id: url,
      title,
      subtitle: words,
      updated: iso(updated),
      author: { name: title },
      link: [{ "@href": url }, { "@rel": "self", "@type": "application/atom+xml", "@href": `${url}feed.atom` }],
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

function jsonFeed({ title, words, url }: About, entries: readonly Entry[]): string {
  return JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    title,
    description: words,
    home_page_url: url,
    feed_url: `${url}feed.json`,
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
