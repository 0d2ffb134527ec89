import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { CHROMIUM, launchBrowser } from "../support/browser.ts";
import { startProcess } from "../support/process.ts";
import { printTable, quantile } from "./report.ts";

const TARGETS = 1_000;
const GROUPS = 20;
const AT_ONCE = 16;
const LOADS = 5;

/** What Chromium observed of a page, in its Web Vitals: https://web.dev/articles/vitals */
interface Vitals {
  /** Milliseconds until the largest piece of content was painted. */
  readonly lcp: number;
  /** Score of layout shifts. */
  readonly cls: number;
  /** Milliseconds of each interaction, from input to the next paint. */
  readonly interactions: readonly number[];
}

/** Largest paint, layout shifts and interactions of the overview with 1,000 targets, `npm start` and Chromium on one machine. */
export async function benchPage(): Promise<void> {
  if (CHROMIUM === undefined) throw new Error("no Chromium here: install one, or name it in CHROMIUM");
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-bench-"));
  const site = createServer((request, response) => response.writeHead(/7$/.test(request.url ?? "") ? 500 : 200).end());
  const url = await listen(site);
  const running = await startProcess({ DATA_DIR: folder, ROUND_SECONDS: "30" });
  const browser = await launchBrowser();
  try {
    const api = createApiClient(running.url, running.apiKey, 60_000);
    let next = 0;
    const register = async () => {
      for (let index = next++; index < TARGETS; index = next++)
        await api.call("POST", "/targets", { name: `Target ${index}`, group: `Group ${index % GROUPS}`, url: `${url}/${index}` });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, register));
    // Until they were checked: what is not up is shown first.
    await new Promise((resolve) => setTimeout(resolve, 70_000));
    const loads: Vitals[] = [];
    for (let load = 0; load < LOADS; load++) loads.push(await vitalsOf(browser, `${running.url}/#key=${running.apiKey}`));
    const lcp = quantile(
      loads.map((each) => each.lcp),
      0.5,
    );
    const cls = Math.max(...loads.map((each) => each.cls));
    const interactions = loads.flatMap((each) => each.interactions);
    const inp = quantile(interactions, 0.98);
    printTable(
      `The overview of ${TARGETS} targets in Chromium, ${LOADS} loads without a cache, ${interactions.length} interactions`,
      [{ what: "overview", figures: { "LCP p50 ms": lcp, "INP (p98) ms": inp, "CLS most": cls } }],
      [
        { aim: "LCP at most 1 s", met: lcp <= 1_000 },
        { aim: "INP at most 100 ms", met: inp <= 100 },
        { aim: "CLS 0", met: cls < 0.001 },
      ],
    );
  } finally {
    await browser.close();
    running.child.kill("SIGKILL");
    site.closeAllConnections();
    site.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function vitalsOf(browser: Browser, address: string): Promise<Vitals> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    await page.goto(address);
    await page.getByText("Target 7", { exact: true }).first().waitFor();
    await page.waitForTimeout(1_000);
    await use(page);
    await page.waitForTimeout(500);
    return await page.evaluate(() => (globalThis as unknown as { vitals: Vitals }).vitals);
  } finally {
    await context.close();
  }
}

/** In the page: collects what Web Vitals are made of. */
function observe(): void {
  const vitals = { lcp: 0, cls: 0, interactions: [] as number[] };
  Object.assign(globalThis, { vitals });
  const watch = (type: string, take: (entry: Record<string, number | boolean>) => void, more = {}) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry as never);
    }).observe({ type, buffered: true, ...more });
  watch("largest-contentful-paint", ({ startTime }) => {
    vitals.lcp = Number(startTime);
  });
  watch("layout-shift", ({ value, hadRecentInput }) => {
    if (hadRecentInput !== true) vitals.cls += Number(value);
  });
  watch(
    "event",
    ({ duration, interactionId }) => {
      if (Number(interactionId) > 0) vitals.interactions.push(Number(duration));
    },
    { durationThreshold: 16 },
  );
}

/** What an owner does there: search, filter, open groups, and move by keys. */
async function use(page: Page): Promise<void> {
  await page.keyboard.press("/");
  await page.keyboard.type("Target 12", { delay: 60 });
  for (let times = 0; times < 9; times++) await page.keyboard.press("Backspace", { delay: 60 });
  await page.keyboard.press("Escape");
  for (const name of [/down/i, /up/i]) {
    const filter = page.getByRole("link", { name }).or(page.getByRole("button", { name })).first();
    await filter.click();
    await page.waitForTimeout(200);
  }
  for (let times = 0; times < 10; times++) await page.keyboard.press("Tab", { delay: 30 });
}
