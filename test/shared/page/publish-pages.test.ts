import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createFileServer } from "../../../local/stand-ins/file-server.ts";
import { listen } from "../../../local/stand-ins/listen.ts";
import { LogAsleepError } from "../../../shared/errors.ts";
import type { LogPages } from "../../../shared/log/log-pages.ts";
import { createDynamoPublishedPages, createDynamoStatusPages } from "../../../shared/page/dynamo-status-pages.ts";
import type { FileStore } from "../../../shared/page/file-store.ts";
import { daysOf } from "../../../shared/page/page-days.ts";
import { type PublishDeps, publishPages } from "../../../shared/page/publish-pages.ts";
import { createS3FileStore } from "../../../shared/page/s3-file-store.ts";
import type { StatusPage, StatusPageStore } from "../../../shared/page/status-page.ts";
import { pendingState } from "../../../shared/status/next-status.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";
import { statusPage } from "../../support/status-pages.ts";

const START = Date.parse("2026-11-27T13:00:00Z");
const ROUND_MS = 30_000;

let state: StateEngine;
let folder: string;
let server: ReturnType<typeof createFileServer>;
let files: FileStore;
let store: StatusPageStore;
let targets: Target[];
let now: number;
/** What happens as a file is written; throws where it cannot be. */
let onWrite: (key: string) => Promise<void>;
/** What the log was asked for, and whether it answers. */
let asked: number[];
let isLogAway: boolean;

beforeAll(async () => {
  [state, folder] = await Promise.all([startState(), mkdtemp(join(tmpdir(), "server-tracker-publish-"))]);
  server = createFileServer(folder, () => undefined);
  const endpoint = await listen(server);
  const client = new S3Client({ endpoint, region: "local", forcePathStyle: true, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const real = createS3FileStore(client, "pages");
  files = {
    ...real,
    async write(key, file) {
      await onWrite(key);
      await real.write(key, file);
    },
  };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([state.close(), rm(folder, { recursive: true })]);
});
beforeEach(async () => {
  now = START;
  onWrite = async () => undefined;
  asked = [];
  isLogAway = false;
  targets = [target("up")];
  store = createDynamoStatusPages(state.client, TABLE_NAME);
  for (const { slug } of await store.list()) await store.remove(slug);
  await publishPages(deps());
  expect(await there()).toEqual([]);
});

const clock = { now: () => now, sleep: async () => undefined };

function target(status: "up" | "down", name = "Shop"): Target {
  const config = configOf({ name, url: "http://10.0.0.1/", tags: ["public"] });
  return targetOf(1, { config, state: { ...pendingState(now / 1_000), status } });
}

/** A log in which the target was up for as long as it is asked for. */
const logPages: LogPages = {
  async rolledUpTo() {
    if (isLogAway) throw new Error("the log does not answer");
    return now / 1_000;
  },
  async days({ days }) {
    asked.push(days.length);
    const totals = (from: number, to: number) => ({
      up: Math.min(to, now / 1_000) - from,
      degraded: 0,
      down: 0,
      maintenance: 0,
      incidents: 0,
    });
    return new Map([[1, new Map(days.map(({ date, from, to }) => [date, totals(from, to)]))]]);
  },
  incidents: async () => [],
  maintenance: async () => new Map(),
  latencies: async () => new Map(),
};

function deps(): PublishDeps {
  return {
    pages: createDynamoPublishedPages(state.client, TABLE_NAME, clock),
    targets: { range: async () => targets },
    manualIncidents: { list: async () => [] },
    maintenance: { list: async () => [] },
    logPages,
    files,
    clock,
    logger: { warn: () => undefined, error: () => undefined },
    publicUrl: "https://status.example",
  };
}

const round = () => {
  now += ROUND_MS;
  return publishPages(deps());
};
const make = (overrides: Partial<StatusPage> = {}) => store.put(statusPage({ version: 1, ...overrides }));
async function change(overrides: Partial<StatusPage>): Promise<void> {
  const [before] = await store.list();
  if (before === undefined) throw new Error("there is no page");
  await store.put({ ...before, ...overrides, version: before.version + 1 });
}
/** Files that are there, by key. */
async function there(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
const read = (path: string) => readFile(join(folder, "status", path), "utf8");
const badge = async () => JSON.parse(await read(`acme/badge/${targets[0]?.id}/status.json`)).message as string;
const asOf = async () => JSON.parse(await read("acme/page.json")).asOf as string;

/** Holds the writing of a file until it is let go on. */
function holding(path: string) {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  onWrite = async (key) => {
    if (!key.endsWith(path)) return;
    reached.resolve();
    await released.promise;
  };
  return { reached: reached.promise, goOn: () => released.resolve() };
}

it("writes what changed in the round that sees it, and everything after five minutes", async () => {
  await make();
  expect(await round()).toMatchObject({ pages: 1, published: 1 });
  const first = await asOf();
  for (let count = 1; count <= 9; count++) expect(await round()).toEqual({ pages: 1, published: 0, written: 0 });
  expect(await asOf()).toBe(first);
  expect(await round()).toMatchObject({ published: 1 });
  expect(await asOf()).not.toBe(first);
  // What has not changed is not written: of 20 files or so, those with the moment in them.
  expect((await round()).written).toBe(0);
  targets = [target("down")];
  await round();
  expect(await badge()).toBe("down");
  targets = [target("up", "Renamed")];
  await round();
  expect(await read("acme/index.html")).toContain("Renamed");
  targets = [];
  await round();
  expect(await read("acme/index.html")).not.toContain("Renamed");
});

it("is written in the next round after something was said to the public, which the log alone has", async () => {
  await make();
  await round();
  expect((await round()).published).toBe(0);
  await store.toldPublic(now);
  expect((await round()).published).toBe(1);
  expect((await round()).published).toBe(0);
});

it("is read anew of the past in the round after the log's hour, where the log sleeps, and keeps what it was told while it does", async () => {
  let stamp = 0;
  let warned = 0;
  const asleep = { ...logPages, rolledUpTo: () => Promise.reject(new LogAsleepError()) };
  const later = (log: LogPages) => {
    now += ROUND_MS;
    return publishPages({
      ...deps(),
      logPages: log,
      logStamp: async () => stamp,
      logger: { warn: () => warned++, error: () => undefined },
    });
  };
  await make();
  expect(await later(logPages)).toMatchObject({ published: 1 });
  const before = JSON.parse(await read("acme/page.json")) as Record<string, unknown>;
  const { length } = asked;
  // Five minutes later, asleep: written as it is known.
  for (let count = 0; count < 12; count++) await later(asleep);
  expect([asked.length, warned]).toEqual([length, 0]);
  expect(Object.keys(JSON.parse(await read("acme/page.json")) as object)).toEqual(Object.keys(before));
  stamp = now;
  expect(await later(logPages)).toMatchObject({ published: 1 });
  expect(asked.length).toBe(length + 1);
  expect(await later(asleep)).toMatchObject({ published: 0 });
});

it("reads all of the past once a day, and what is not over else: what was written down later is found", async () => {
  await make();
  await round();
  const [all = 0] = asked;
  expect(all).toBeGreaterThan(7);
  for (let count = 0; count < 20; count++) await round();
  expect(new Set(asked.slice(1))).toEqual(new Set([2]));
  const { length } = asked;
  now += 86_400_000;
  await round();
  expect(asked.slice(length)).toEqual([all]);
});

it("leaves nothing of a page that is taken back while a slow round still writes it", async () => {
  await make();
  const slow = holding("page.json");
  const publishing = round();
  await slow.reached;
  await store.remove("acme");
  // A round that comes meanwhile does not touch what another is at.
  now += 10_000;
  expect(await publishPages(deps())).toEqual({ pages: 0, published: 0, written: 0 });
  slow.goOn();
  await publishing;
  onWrite = async () => undefined;
  await round();
  expect(await there()).toEqual([]);
  expect(await store.put(statusPage({ version: 1 }))).toBe(true);
});

it("leaves nothing at the public address of a page that becomes unlisted, also where a publisher died meanwhile", async () => {
  await make();
  await round();
  const slow = holding("page.json");
  targets = [target("down")];
  const publishing = round();
  await slow.reached;
  await change({ visibility: "unlisted" });
  onWrite = async () => {
    throw new Error("it died");
  };
  slow.goOn();
  await expect(publishing).rejects.toThrow();
  onWrite = async () => undefined;
  await round();
  const left = await there();
  expect(left.filter((key) => key.startsWith("status/acme/"))).toEqual([]);
  expect(left.some((key) => key === `status/acme-${statusPage().key}/index.html`)).toBe(true);
});

it("takes over from a publisher that died with its claim, once it is sure to be dead", async () => {
  await make();
  const claimed = await createDynamoPublishedPages(state.client, TABLE_NAME, clock).claim(60_000);
  expect(claimed).toBeDefined();
  expect(await round()).toMatchObject({ pages: 0 });
  expect(await round()).toMatchObject({ pages: 0 });
  expect(await round()).toMatchObject({ published: 1 });
});

it("knows after a failure that a file may hold something else, and tries again in the next round", async () => {
  await make();
  await round();
  expect(await badge()).toBe("up");
  targets = [target("down")];
  onWrite = async (key) => {
    if (key === "status/acme/index.html") throw new Error("the bucket does not answer");
  };
  await expect(round()).rejects.toThrow("1 status pages could not be published");
  expect(await badge()).toBe("down");
  // It is as it was, and so must every file be.
  targets = [target("up")];
  onWrite = async () => undefined;
  await round();
  expect(await badge()).toBe("up");
  expect(await read("acme/index.html")).toContain("It is up.");
});

it("finds what a crash left, and removes it when its time comes", async () => {
  await make();
  await round();
  await writeFile(join(folder, "status/acme/orphan.html"), "left by a crash");
  // A publish that failed half-way looks at what is there.
  targets = [target("down")];
  onWrite = async (key) => {
    if (key === "status/acme/index.html") throw new Error("crash");
  };
  await expect(round()).rejects.toThrow();
  onWrite = async () => undefined;
  await round();
  expect(await there()).not.toContain("status/acme/orphan.html");
});

it.each([
  ["of another release", '{"address":"acme","version":9,"history":{"days":[]}}'],
  ["that says nothing", "{}"],
])("removes every file of a page with a manifest %s", async (_, manifest) => {
  await make();
  await round();
  await writeFile(join(folder, "published/acme.json"), manifest);
  await store.remove("acme");
  await round();
  expect(await there()).toEqual([]);
});

it("reads the days that are over once, and those that a longer history adds", async () => {
  await make({ historyDays: 7 });
  await round();
  targets = [target("down")];
  await round();
  await change({ historyDays: 30 });
  await round();
  targets = [target("up")];
  await round();
  expect(asked).toEqual([7, 2, 30, 2]);
  expect(daysOf({ timeZone: "UTC", historyDays: 30 }, now)).toHaveLength(30);
  const shown = JSON.parse(await read("acme/page.json")) as { components: { days: { unknown: number }[]; seenPercent: number }[] };
  expect(shown.components[0]?.seenPercent).toBe(100);
});

it("shows the present while the log is away, with the past that was known", async () => {
  await make();
  await round();
  isLogAway = true;
  targets = [target("down")];
  await round();
  expect(await badge()).toBe("down");
  const { historyTo, components } = JSON.parse(await read("acme/page.json"));
  expect(historyTo).not.toBe(null);
  expect(components[0].days.at(-2).up).toBe(86_400);
});

it("leaves to the next round what there is no time for, the page that waited longest first", async () => {
  for (const slug of ["a", "b", "c"]) await make({ slug });
  onWrite = async (key) => {
    // Each page takes as long as all of them may.
    if (/^status\/[abc]\/index\.html$/.test(key)) now += 21_000;
  };
  const states: string[] = [];
  for (const status of ["up", "down", "up"] as const) {
    // Each of them is due in each round.
    targets = [target(status)];
    expect(await round()).toMatchObject({ pages: 3, published: 1 });
    states.push((await there()).filter((key) => /^status\/[abc]\/index\.html$/.test(key)).join(" "));
  }
  expect(states.map((keys) => keys.split(" ").length)).toEqual([1, 2, 3]);
});

it("stops in the middle of a page when its time is over, and goes on with it", async () => {
  await make();
  onWrite = async (key) => {
    if (key.endsWith("page.css")) now += 21_000;
  };
  await expect(round()).rejects.toThrow("no time left");
  expect(await there()).not.toContain("status/acme/index.html");
  onWrite = async () => undefined;
  expect(await round()).toMatchObject({ published: 1 });
});
