import type { ComponentChildren } from "preact";
import { wallTimeAt } from "../time/zoned-time.ts";
import { count, dayBars, remarkableDays, span } from "./day-bars.ts";
import { documentOf, html, lines } from "./html.ts";
import { componentFolder, sectionFolder } from "./page-feeds.ts";
import type { PublicIncident } from "./page-incidents.ts";
import type { PageView, PublicComponent, PublicMaintenance } from "./page-view.ts";
import { componentsOf, dateText, momentText, overallOf, percentText, STATE_WORDS, sentenceOf } from "./page-words.ts";
import { logoFile, MAX_COMPONENTS } from "./status-page.ts";

/** Days of past incidents on the first page; all of them are under `history/`. */
const RECENT_DAYS = 14;
/** Of these, as many at most: a page stays one that a phone loads at once. */
const MOST_RECENT = 20;
const DAY_MS = 86_400_000;

/** The files that every page has, relative to its folder. */
export const FEEDS = [
  { file: "feed.rss", type: "application/rss+xml", label: "RSS" },
  { file: "feed.atom", type: "application/atom+xml", label: "Atom" },
  { file: "feed.json", type: "application/feed+json", label: "JSON Feed" },
] as const;

/** @param up from where the document lies to the page's folder: nothing, `../`, or `../../` */
function frame(view: PageView, up: string, title: string, heading: ComponentChildren, body: ComponentChildren): string {
  const { page, now } = view;
  const logo = page.logo === undefined ? undefined : logoFile(page.logo);
  const isHidden = page.noindex || page.visibility === "unlisted";
  return documentOf(html`<html lang="en" data-scheme=${page.scheme}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      ${page.description !== undefined && html`<meta name="description" content=${page.description.slice(0, 300)} />`}
      ${isHidden && html`<meta name="robots" content="noindex" />`}
      <meta name="color-scheme" content=${page.scheme === "auto" ? "light dark" : page.scheme} />
      ${page.accent !== undefined && html`<meta name="theme-color" content=${page.accent} />`}
      <link rel="stylesheet" href=${`${up}page.css`} />
      <link rel="icon" type="image/svg+xml" href=${`${up}icon.svg`} />
      ${FEEDS.map(({ file, type, label }) => html`<link rel="alternate" type=${type} title=${`${page.title}: incidents, ${label}`} href=${`${up}${file}`} />`)}
      <script src=${`${up}page.js`} defer></script>
    </head>
    <body data-root=${up}>
      <svg class="defs" aria-hidden="true" width="0" height="0"><defs>
        <pattern id="degraded" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0h4v4h-4z" /><path class="line" d="M0 0v4" /></pattern>
        <pattern id="maintenance" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path class="hatch" d="M0 0h4v4h-4z" /><path class="line" d="M0 0v4" /></pattern>
      </defs></svg>
      ${page.accent !== undefined && html`<svg class="accent" aria-hidden="true" width="100%" height="4"><rect width="100%" height="4" fill=${page.accent} /></svg>`}
      <header>
        ${logo !== undefined && html`<img src=${`${up}${logo.name}`} alt="" height="40" />`}
        <a href=${up === "" ? "./" : up} dir="auto">${page.title}</a>
      </header>
      <main data-made=${new Date(now).toISOString()}>${heading}<p class="age muted">As of ${moment(now, page.timeZone, true)}.</p>${body}</main>
      <footer>
        <p>These files are written when something changes, and every five minutes.</p>
        <p>
          Follow: ${FEEDS.map(({ file, label }) => html`<a href=${`${up}${file}`}>${label}</a> `)}
          <a href=${`${up}maintenance.ics`}>maintenance calendar</a>${" "}
          <a href=${`${up}api/v2/summary.json`}>JSON</a>
        </p>
        <p>Days begin at midnight${isAskew(page.timeZone, now) && ", or the next whole hour of UTC"}, ${page.timeZone}. Maintenance and time that nobody saw count neither as up nor as down.</p>
      </footer>
    </body>
  </html>`);
}

/** Whether a zone's hours are not UTC's: the past is kept by those. */
function isAskew(timeZone: string, now: number): boolean {
  return wallTimeAt(now, timeZone).minute !== new Date(now).getUTCMinutes();
}

/** @param isExact whether its seconds are told, too */
function moment(at: number, timeZone: string, isExact = false) {
  const iso = new Date(at).toISOString();
  return html`<time datetime=${iso} data-exact=${isExact ? "" : undefined}>${momentText(at, timeZone, isExact)}</time>`;
}

/** The page itself. */
export function indexHtml(view: PageView): string {
  const { page, now, incidents, maintenance, sections } = view;
  const open = incidents.filter(({ endedAt }) => endedAt === null);
  const recent = incidents.filter(({ endedAt }) => endedAt !== null && endedAt > now - RECENT_DAYS * DAY_MS);
  const [soon, later] = [
    maintenance.filter(({ from }) => from <= now + 7 * DAY_MS),
    maintenance.filter(({ from }) => from > now + 7 * DAY_MS),
  ];
  return frame(view, "", page.title, html`<h1 class=${`overall ${overallOf(view)}`}>${sentenceOf(view)}</h1>`, [
    page.description !== undefined && html`<p class="words" dir="auto">${lines(page.description)}</p>`,
    open.length > 0 &&
      html`<section aria-labelledby="open"><h2 id="open">Now</h2>${open.map((incident) => incidentCard(view, incident, "", 3))}${view.moreOpen > 0 && html`<p>And ${count(view.moreOpen, "more incident")}, for which there is no room here.</p>`}</section>`,
    soon.length > 0 &&
      html`<section aria-labelledby="planned"><h2 id="planned">Maintenance</h2>${soon.map((each) => maintenanceCard(view, each))}</section>`,
    later.length > 0 &&
      html`<p class="muted">${count(later.length, "more window")} of maintenance in the next 90 days: <a href="maintenance.ics">calendar</a></p>`,
    ...sections.map(
      ({ name, components, unshown }, index) => html`<section aria-labelledby=${`section-${index}`}>
        <h2 id=${`section-${index}`}><span dir="auto">${name}</span> ${feedLink(sectionFolder(name), name)}</h2>
        ${components.length + unshown.length === 0 && html`<p class="muted">Nothing is here yet.</p>`}
        ${components.map((component) => componentRow(view, component))}
        ${unshown.length > 0 && html`<p class="muted">And ${unshown.length} more, which are not shown, but counted above: a page has room for ${MAX_COMPONENTS}.</p>`}
      </section>`,
    ),
    html`<section aria-labelledby="past">
      <h2 id="past">The last ${RECENT_DAYS} days</h2>
      ${recent.length === 0 && html`<p class="muted">No incident ended in them.</p>`}
      ${byDay(recent.slice(0, MOST_RECENT), page.timeZone).map(
        ([date, ended]) =>
          html`<h3 class="date">${date}<span class="muted small">, ${page.timeZone}</span></h3>${ended.map((incident) => incidentCard(view, incident, "", 1, "h4"))}`,
      )}
      <p><a href="history/">${recent.length > MOST_RECENT && `${recent.length - MOST_RECENT} more, and all`}${recent.length <= MOST_RECENT && "All"} of the last ${page.historyDays} days</a></p>
    </section>`,
  ]);
}

/** Incidents that are over, by the day that they ended on; the newest first, as they come. */
function byDay(incidents: readonly PublicIncident[], timeZone: string): [date: string, ended: PublicIncident[]][] {
  const days = new Map<string, PublicIncident[]>();
  for (const incident of incidents) {
    const date = dateText(incident.endedAt ?? incident.startedAt, timeZone);
    days.set(date, [...(days.get(date) ?? []), incident]);
  }
  return [...days];
}

function componentRow({ historyTo, page }: PageView, { id, name, state, days, outages, uptimePercent, seenPercent }: PublicComponent) {
  const notable = remarkableDays(days);
  const figure =
    uptimePercent === null || seenPercent === null
      ? "nothing is known of its past"
      : `${percentText(uptimePercent)} up${seenPercent < 99.95 ? `, seen ${percentText(seenPercent)} of the time` : ""}`;
  return html`<article class="component" id=${`component-${id}`}>
    <div class="line">
      <h3 dir="auto">${name}</h3>
      <span class="side">${feedLink(componentFolder(id), name)} <span class=${`state ${state}`}>${STATE_WORDS[state]}</span></span>
    </div>
    ${historyTo === null ? html`<p class="muted">The past cannot be read at the moment.</p>` : dayBars(days, name, outages)}
    <div class="line muted small"><span>${count(days.length, "day")} ago</span><span>${figure}</span><span>today</span></div>
    ${
      notable.length > 0 &&
      html`<details>
      <summary>${count(notable.length, "day")} that ${notable.length === 1 ? "was" : "were"} not plain</summary>
      <table><caption class="unseen">${name}, days in ${page.timeZone}</caption><tbody>
        ${notable.map(({ date, text }) => html`<tr><th scope="row">${date}</th><td>${text}</td></tr>`)}
      </tbody></table>
    </details>`
    }
  </article>`;
}

/** To hear of a part of the page alone. */
function feedLink(folder: string, name: string) {
  const href = `${folder}feed.rss`;
  return html`<a class="feed" rel="alternate" type="application/rss+xml" href=${href} aria-label=${`RSS of ${name}`}>RSS</a>`;
}

/** @param most updates that are shown, the newest first */
function incidentCard({ page }: PageView, incident: PublicIncident, up: string, most: number, level: "h3" | "h4" = "h3") {
  const { id, title, impact, components, startedAt, endedAt, updates } = incident;
  const shown = [...updates].reverse().slice(0, most);
  return html`<article class=${`incident ${impact} ${endedAt === null ? "open" : "over"}`}>
    <${level} dir="auto"><a href=${`${up}incidents/${id}/`}>${title}</a><//>
    <p class="muted">
      ${endedAt === null && "Since "}${moment(startedAt, page.timeZone)}${endedAt !== null && [" to ", moment(endedAt, page.timeZone), `, ${span(Math.round((endedAt - startedAt) / 1_000))}`]}
      ${components.some(({ name }) => !title.includes(name)) && `. Affected: ${components.map(({ name }) => name).join(", ")}`}
    </p>
    <ol class="updates">
      ${shown.map((update) => html`<li><b>${update.status}</b> ${moment(update.at, page.timeZone)}<br /><span dir="auto">${lines(update.text)}</span></li>`)}
    </ol>
    ${updates.length > most && html`<p><a href=${`${up}incidents/${id}/`}>${count(updates.length - most, "earlier update")}</a></p>`}
  </article>`;
}

function maintenanceCard({ page, now }: PageView, { name, from, to, components }: PublicMaintenance) {
  return html`<article class="incident maintenance">
    <h3 dir="auto">${name}</h3>
    <p>${from <= now && html`<b>It goes on now. </b>`}${moment(from, page.timeZone)} to ${moment(to, page.timeZone)}: ${listed(components.map((each) => each.name))}</p>
  </article>`;
}

const MOST_NAMES = 10;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : names.join(", ");
}

/** All incidents of the page's days. */
export function historyHtml(view: PageView): string {
  const { page, incidents } = view;
  const over = incidents.filter(({ endedAt }) => endedAt !== null);
  return frame(view, "../", `History: ${page.title}`, html`<h1>Incidents of the last ${page.historyDays} days</h1>`, [
    over.length === 0 && html`<p class="muted">There was none that is over.</p>`,
    ...byDay(over, page.timeZone).map(
      ([date, ended]) =>
        html`<h2 class="date">${date}<span class="muted small">, ${page.timeZone}</span></h2>${ended.map((incident) => incidentCard(view, incident, "../", 1))}`,
    ),
  ]);
}

/** One incident, with all its updates. */
export function incidentHtml(view: PageView, incident: PublicIncident): string {
  return frame(view, "../../", `${incident.title}: ${view.page.title}`, html`<h1 dir="auto">${incident.title}</h1>`, [
    incidentCard(view, incident, "../../", Number.POSITIVE_INFINITY),
    html`<p><a href="../../">How it stands now</a></p>`,
  ]);
}

/** For a frame in another page: one line, and a link. */
export function embedHtml(view: PageView): string {
  const { page, now } = view;
  return documentOf(html`<html lang="en" data-scheme=${page.scheme}>
    <head>
      <meta charset="utf-8" />
      <meta name="robots" content="noindex" />
      <title>${page.title}</title>
      <link rel="stylesheet" href="../page.css" />
    </head>
    <body class="embed">
      <main>
        <h1 class="unseen">${page.title}</h1>
        <p class=${`overall ${overallOf(view)}`}>
          <a href="../" target="_top">${page.title}: ${sentenceOf(view)}</a>
          <span class="muted small"> ${moment(now, page.timeZone)}</span>
        </p>
      </main>
    </body>
  </html>`);
}

/** Numbers of a page that its script shows beside a day. */
export function pageJson(view: PageView) {
  const { page, now, historyTo } = view;
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    title: page.title,
    asOf: iso(now),
    historyTo: iso(historyTo),
    timeZone: page.timeZone,
    state: overallOf(view),
    sentence: sentenceOf(view),
    components: componentsOf(view).map(({ since, ...component }) => ({ ...component, since: iso(since) })),
    incidents: view.incidents.map(({ startedAt, endedAt, updates, ...incident }) => ({
      ...incident,
      startedAt: iso(startedAt),
      endedAt: iso(endedAt),
      updates: updates.map(({ at, ...update }) => ({ ...update, at: iso(at) })),
    })),
    maintenance: view.maintenance.map(({ from, to, ...each }) => ({ ...each, from: iso(from), to: iso(to) })),
  };
}
