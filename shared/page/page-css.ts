/**
 * The style of status pages. Shape and word before colour: what is not plain is hatched, hollow or full width besides.
 * Hues are Okabe and Ito's, darker where a word has them: 4.5:1 against either background: https://jfly.uni-koeln.de/color/
 */
export const PAGE_CSS = `
:root{color-scheme:light dark;--ground:light-dark(#fff,#14171a);--card:light-dark(#f6f7f8,#1d2125);--text:light-dark(#1a1d20,#e8eaed);
--muted:light-dark(#555c63,#a4abb3);--edge:light-dark(#d5d9dd,#3a4046);--up:light-dark(#00805d,#00b386);--degraded:light-dark(#8a5a00,#e69f00);
--down:light-dark(#c24e00,#ff7a33);--maintenance:light-dark(#13689b,#56b4e9);--unknown:light-dark(#656b72,#8a9199)}
:root[data-scheme=light]{color-scheme:light}:root[data-scheme=dark]{color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:52rem;margin:0 auto;padding:1rem}
header{display:flex;align-items:center;gap:.75rem;font-weight:600;font-size:1.15rem}
header a{color:inherit;text-decoration:none}
header img{max-height:40px;max-width:12rem}
.defs{position:absolute}.accent{display:block}
a{color:inherit}a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--maintenance);outline-offset:2px;border-radius:2px}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3,h4{font-size:1rem;margin:0}.date{margin:1.25rem 0 .25rem;font-size:.85rem;color:var(--muted)}
.overall{border:1px solid var(--edge);border-left:8px solid var(--up);border-radius:4px;background:var(--card);padding:1rem}
.overall.degraded{border-left-color:var(--degraded);border-left-style:double}
.overall.down,.overall.outage{border-color:var(--down);border-left-width:12px}
.overall.maintenance{border-left-color:var(--maintenance);border-left-style:dashed}
.overall.unknown{border-left-color:var(--unknown);border-left-style:dotted}
.component,.incident{border-top:1px solid var(--edge);padding:.75rem 0}
.line{display:flex;justify-content:space-between;gap:1rem;align-items:baseline}
.state{font-weight:600}.side{white-space:nowrap}.feed{font-size:.75rem;font-weight:400;color:var(--muted);margin-inline:.25rem .5rem}
.state.up{color:var(--up)}.state.degraded{color:var(--degraded)}.state.down{color:var(--down)}.state.maintenance{color:var(--maintenance)}.state.unknown{color:var(--unknown)}
.state.down::before{content:"\\25BC\\20"}.state.degraded::before{content:"\\25B2\\20"}.state.maintenance::before{content:"\\25C6\\20"}.state.unknown::before{content:"\\25CB\\20"}.state.up::before{content:"\\25CF\\20"}
.muted{color:var(--muted)}.small{font-size:.85rem}
.bars{display:block;width:100%;height:40px;margin:.4rem 0 .2rem}
.bars .up{fill:var(--up)}.bars .down{fill:var(--down)}.bars .degraded{fill:url(#degraded)}.bars .maintenance{fill:url(#maintenance)}
.bars .unknown{fill:none;stroke:var(--unknown);stroke-width:1;vector-effect:non-scaling-stroke}
#degraded .hatch{fill:var(--ground)}#degraded .line{stroke:var(--degraded);stroke-width:5}
#maintenance .hatch{fill:var(--ground)}#maintenance .line{stroke:var(--maintenance);stroke-width:5}
.bars .none{fill:var(--edge)}
.small span:first-child,.small span:last-child{white-space:nowrap}
.day{min-height:1.5em}
details summary{cursor:pointer;color:var(--muted);font-size:.85rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.2rem .75rem .2rem 0;vertical-align:top}th{white-space:nowrap;font-weight:500}
.incident.open{border:1px solid var(--down);border-left-width:8px;border-radius:4px;padding:.75rem 1rem;margin:.5rem 0}
.incident.open.degraded{border-color:var(--degraded);border-left-style:double}
.incident.open.notice,.incident.maintenance{border:1px solid var(--maintenance);border-left:8px dashed var(--maintenance);border-radius:4px;padding:.75rem 1rem;margin:.5rem 0}
.incident p{margin:.25rem 0}.updates{padding-left:1.25rem;margin:.5rem 0}.updates li{margin:.4rem 0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
footer{border-top:1px solid var(--edge);color:var(--muted);font-size:.85rem;margin-top:2rem}
.age{margin:-.5rem 0 1rem;font-size:.85rem}.age.old{color:var(--down);font-weight:600}
.embed{background:transparent}.embed main{max-width:none;padding:0}.embed .overall{margin:0;padding:.5rem .75rem}
@media (prefers-contrast:more){:root{--edge:currentColor;--muted:var(--text)}}
@media (forced-colors:active){.bars .up{fill:CanvasText;opacity:.35}.bars .down{fill:CanvasText}.bars .unknown{stroke:GrayText}}
@media print{footer a,.feed,details summary{display:none}details::details-content{content-visibility:visible}}
`;

/**
 * What a page does besides where scripts run: moments in the reader's zone, its age, each day in words, and what is new
 * once a minute. A page that nobody has written for a quarter of an hour says so.
 */
export const PAGE_SCRIPT = `"use strict";
(() => {
  const root = document.body.dataset.root ?? "";
  const shape = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const format = new Intl.DateTimeFormat(undefined, shape);
  const exact = new Intl.DateTimeFormat(undefined, { ...shape, second: "2-digit" });
  const localise = () => {
    for (const time of document.querySelectorAll("time")) {
      time.title ||= time.textContent + ", " + time.dateTime;
      time.textContent = ("exact" in time.dataset ? exact : format).format(new Date(time.dateTime));
    }
  };
  const showAge = () => {
    const made = Date.parse(document.querySelector("main").dataset.made);
    const minutes = Math.floor((Date.now() - made) / 60000);
    const age = document.querySelector(".age");
    age.classList.toggle("old", minutes > 15);
    if (minutes > 15) age.textContent = "This was written " + (minutes < 120 ? minutes + " minutes" : Math.floor(minutes / 60) + " hours") + " ago, " + format.format(made) + ". How it stands now is not known.";
  };
  const renew = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(10000) });
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = found.querySelector("main");
    if (main === null || main.dataset.made === document.querySelector("main").dataset.made) return;
    const open = [...document.querySelectorAll("article[id]:has(details[open])")].map(({ id }) => id);
    // Who stands somewhere in it stands there again, with the day that was chosen.
    const before = document.querySelector("main");
    const stops = (of) => [...of.querySelectorAll("a,summary,.bars")];
    const held = stops(before).indexOf(document.activeElement);
    const at = document.activeElement?.dataset.at;
    before.replaceWith(document.adoptNode(main));
    document.title = found.title;
    for (const id of open) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    numbers = undefined;
    localise();
    const stop = held === -1 ? undefined : stops(main)[held];
    stop?.focus({ preventScroll: true });
    if (stop !== undefined && at !== undefined) quiet(show(stop, () => Number(at)));
  };
  const word = (day) => {
    const parts = ["up", "degraded", "maintenance", "unknown"].flatMap((part) => (day[part] > 0 ? [part + " " + span(day[part])] : []));
    if (day.down > 0) parts.push(day.incidents > 0 ? "down " + span(day.down) : "failed checks for " + span(day.down) + ", no incident");
    return day.date + ": " + (parts.join(", ") || "not there yet");
  };
  const span = (s) => (s < 60 ? s + " s" : s < 3600 ? Math.floor(s / 60) + " min" : Math.floor(s / 360) / 10 + " h");
  let numbers;
  const daysOf = async (bars) => {
    numbers ??= fetch(root + "page.json").then((answer) => answer.json());
    const id = bars.closest("article").id.slice("component-".length);
    return (await numbers).components.find((component) => component.id === id)?.days ?? [];
  };
  const show = async (bars, pick) => {
    const days = await daysOf(bars);
    if (days.length === 0) return;
    const index = Math.max(0, Math.min(days.length - 1, pick(days.length)));
    bars.dataset.at = String(index);
    let line = bars.parentElement.querySelector(".day");
    if (line === null) {
      line = document.createElement("p");
      line.className = "day small muted";
      line.setAttribute("aria-live", "polite");
      bars.after(line);
    }
    line.textContent = word(days[index]);
  };
  const quiet = (promise) => void promise.catch(() => undefined);
  document.addEventListener("pointermove", (event) => {
    const bars = event.target.closest?.(".bars");
    if (bars === null || bars === undefined) return;
    const box = bars.getBoundingClientRect();
    quiet(show(bars, (length) => Math.floor(((event.clientX - box.left) / box.width) * length)));
  });
  const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
  document.addEventListener("keydown", (event) => {
    const bars = event.target.closest?.(".bars");
    if (bars === null || bars === undefined) return;
    const at = (length) => Number(bars.dataset.at ?? length);
    if (event.key in STEPS) quiet(show(bars, (length) => at(length) + STEPS[event.key]));
    else if (event.key === "Home") quiet(show(bars, () => 0));
    else if (event.key === "End") quiet(show(bars, (length) => length - 1));
    else return;
    event.preventDefault();
  });
  localise();
  showAge();
  setInterval(() => { quiet(renew().finally(showAge)); }, 60000);
})();
`;
