import { createHash } from "node:crypto";
import * as z from "zod";
import type { MaintenanceStore, MaintenanceWindow } from "../alert/maintenance.ts";
import { occurrenceAt } from "../alert/maintenance.ts";
import type { ManualIncident, ManualIncidentStore } from "../alert/manual-incident.ts";
import { messageOf } from "../errors.ts";
import type { DaySeconds, LogPages } from "../log/log-pages.ts";
import type { LogWarning } from "../log/record.ts";
import { pagesOf } from "../targets/pages-of.ts";
import type { Target } from "../targets/target.ts";
import type { TargetReader } from "../targets/target-store.ts";
import type { Clock } from "../time/clock.ts";
import { inParallel } from "../time/in-parallel.ts";
import { VERSION } from "../version.ts";
import type { FileStore } from "./file-store.ts";
import { pageFiles } from "./page-files.ts";
import { daysOf, hourOf, membersOf, type PageHistory, viewOf } from "./page-view.ts";
import { addressOf, type PublishedPages, type StatusPage } from "./status-page.ts";

export interface PublishDeps {
  readonly pages: PublishedPages;
  readonly targets: Pick<TargetReader, "list">;
  readonly manualIncidents: Pick<ManualIncidentStore, "list">;
  readonly maintenance: Pick<MaintenanceStore, "list">;
  readonly logPages: LogPages;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly logger: LogWarning & { error(message: string, details: Record<string, unknown>): void };
  /** Where visitors open pages, without a slash at the end; feeds name it. */
  readonly publicUrl: string;
}

export interface PublishReport {
  readonly pages: number;
  readonly published: number;
  /** Files that were not what they had been. */
  readonly written: number;
}

/** Input of the task: the round, and what it came to, of which the changes of status count. */
const publishInput = z.object({ round: z.number(), concluded: z.object({ transitions: z.number().default(0) }) });

/** A page is written again after this, whatever happened. Seconds. */
export const PUBLISH_EVERY_S = 300;
/** Files that are written at once. */
const WRITES_AT_ONCE = 16;

/** What is kept of a page that was published: which files there are, and what it showed of the past. */
const manifestSchema = z.object({
  round: z.number(),
  fingerprint: z.string(),
  address: z.string(),
  /** Hashes of what lies below the address, by path; empty where it is being written. */
  files: z.record(z.string(), z.string()),
  /** Keys of files that are no longer part of it, and may still lie there. */
  gone: z.array(z.string()).default([]),
  history: z
    .object({
      to: z.number().nullable(),
      zone: z.string(),
      /** By target's number, by date. */
      days: z.record(z.string(), z.record(z.string(), z.tuple([z.number(), z.number(), z.number()]))),
      incidents: z.array(z.object({ seq: z.number(), since: z.number(), until: z.number().nullable(), errorClass: z.string().nullable() })),
      latencies: z.record(z.string(), z.number()),
      /** By target's number, epoch seconds. */
      maintenance: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))).default({}),
    })
    .optional(),
});
type Manifest = z.output<typeof manifestSchema>;

/** What all pages are made from. */
interface Sources {
  readonly manual: readonly ManualIncident[];
  readonly windows: readonly MaintenanceWindow[];
  readonly targets: () => Promise<readonly Target[]>;
}

/**
 * Writes the files of status pages where something changed, and of each every five minutes; removes those of pages that
 * were taken back. Without pages it reads one empty list. While the log is away, what was known of the past stays.
 * @throws {AggregateError} of pages that could not be published, when all others were
 */
export async function publishPages(deps: PublishDeps, input: unknown): Promise<PublishReport> {
  const {
    round,
    concluded: { transitions },
  } = publishInput.parse(input);
  const { pages, removed } = await deps.pages.all();
  const errors: unknown[] = [];
  let published = 0;
  let written = 0;
  const attempt = async (slug: string, work: () => Promise<void>) => {
    await work().catch((error: unknown) => {
      deps.logger.error("a status page could not be published", { page: slug, reason: messageOf(error) });
      errors.push(error);
    });
  };
  for (const slug of removed) await attempt(slug, () => removePage(deps, slug));
  if (pages.length > 0) {
    const [manual, windows] = await Promise.all([deps.manualIncidents.list(), deps.maintenance.list()]);
    const sources: Sources = { manual, windows, targets: once(() => allTargets(deps)) };
    for (const page of pages) {
      await attempt(page.slug, async () => {
        const files = await publishPage(deps, page, sources, { round, hasChanges: transitions > 0 });
        if (files === undefined) return;
        published++;
        written += files;
      });
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} status pages could not be published: ${messageOf(errors[0])}`);
  return { pages: pages.length, published, written };
}

/** @returns files that were written; `undefined` when nothing called for it */
async function publishPage(
  deps: PublishDeps,
  page: StatusPage,
  sources: Sources,
  { round, hasChanges }: { round: number; hasChanges: boolean },
): Promise<number | undefined> {
  const before = await readManifest(deps, page.slug);
  const now = deps.clock.now();
  const fingerprint = fingerprintOf(page, sources, now);
  // A round that comes late must not undo what a later one wrote.
  if (before !== undefined && before.round > round) return undefined;
  const isDue = before === undefined || hasChanges || before.fingerprint !== fingerprint || round - before.round >= PUBLISH_EVERY_S;
  if (!isDue) return undefined;

  const targets = await sources.targets();
  const members = membersOf(page, targets).flatMap((section) => section.members.map(({ target }) => target));
  const history = await historyOf(deps, page, members, before, now);
  const view = viewOf({ page, targets, manual: sources.manual, windows: sources.windows, history: history.shown, now });
  const address = addressOf(page);
  const folder = `status/${address}`;
  const files = pageFiles(view, page, `${deps.publicUrl}/${folder}/`);
  const hashes = Object.fromEntries([...files].map(([path, { body }]) => [path, hash(body)]));
  const old = before?.address === address ? before.files : {};
  const changed = [...files].filter(([path]) => old[path] !== hashes[path]);
  const keys = new Set([...files.keys()].map((path) => `${folder}/${path}`));
  const gone = [...(before?.gone ?? []), ...keysOf(before)].filter((key) => !keys.has(key));
  const manifest = { round, fingerprint, address, files: hashes, gone, ...(history.kept && { history: history.kept }) };
  // Known before they are there: what a crash leaves is found, and removed when its time comes.
  if (changed.some(([path]) => old[path] === undefined)) {
    const begun = Object.fromEntries([...files.keys()].map((path) => [path, old[path] ?? ""]));
    await writeManifest(deps, page.slug, { ...manifest, fingerprint: "", files: begun });
  }
  // The document last: what it names is there before it.
  const [entry, rest] = [changed.filter(([path]) => path === "index.html"), changed.filter(([path]) => path !== "index.html")];
  await inParallel(rest, WRITES_AT_ONCE, ([path, file]) => deps.files.write(`${folder}/${path}`, file));
  await inParallel(entry, 1, ([path, file]) => deps.files.write(`${folder}/${path}`, file));
  await inParallel(gone, WRITES_AT_ONCE, (key) => deps.files.remove(key));
  await writeManifest(deps, page.slug, { ...manifest, gone: [] });
  return changed.length;
}

async function removePage(deps: PublishDeps, slug: string): Promise<void> {
  const manifest = await readManifest(deps, slug);
  if (manifest !== undefined) {
    await inParallel([...manifest.gone, ...keysOf(manifest)], WRITES_AT_ONCE, (key) => deps.files.remove(key));
    await deps.files.remove(manifestKey(slug));
  }
  await deps.pages.forget(slug);
}

/** What a page is made of but for checks: when it changes, the page is written at once. @param now epoch ms */
function fingerprintOf(page: StatusPage, { manual, windows }: Sources, now: number): string {
  const shown = manual.filter((incident) => incident.public).map(({ id, version }) => [id, version]);
  const planned = windows.map((window) => [window, occurrenceAt(window, now)?.from ?? null]);
  return hash(JSON.stringify([VERSION, page, shown, planned]));
}

interface History {
  readonly shown: PageHistory;
  /** For the next time. */
  readonly kept: Manifest["history"] | undefined;
}

/** What is known of the past: days that are over stay as they were read, and all of it while the log is away. */
async function historyOf(
  { logPages, logger }: PublishDeps,
  page: StatusPage,
  members: readonly Target[],
  before: Manifest | undefined,
  now: number,
): Promise<History> {
  const known = before?.history?.zone === page.timeZone ? before.history : undefined;
  const seqs = members.map(({ seq }) => seq);
  const days = daysOf(page, now);
  const [first, yesterday] = [days[0], days.at(-2)];
  const isKnown =
    known?.to != null && seqs.every((seq) => known.days[String(seq)] !== undefined) && known.to * 1_000 > (yesterday?.to ?? 0);
  const from = isKnown ? (yesterday?.from ?? now) : (first?.from ?? now);
  try {
    const to = await logPages.rolledUpTo();
    const [read, incidents, latencies, maintenance] = await Promise.all([
      logPages.days({ seqs, days: days.filter((day) => day.from >= from).map((day) => ({ date: day.date, from: day.from / 1_000 })) }),
      logPages.incidents({ seqs, from: hourOf(first?.from ?? now) }),
      logPages.latencies({ seqs, now: Math.floor(now / 1_000) }),
      logPages.maintenance({ seqs, from: hourOf(first?.from ?? now) }),
    ]);
    const dates = new Set(days.map(({ date }) => date));
    const merged = new Map(
      seqs.map((seq) => {
        const old = isKnown
          ? Object.entries(known.days[String(seq)] ?? {}).map(([date, seconds]): [string, DaySeconds] => [date, toSeconds(seconds)])
          : [];
        return [seq, new Map([...old.filter(([date]) => dates.has(date)), ...(read.get(seq) ?? [])])];
      }),
    );
    const shown: PageHistory = { to, days: merged, incidents, latencies, maintenance };
    return { shown, kept: keep(shown, page.timeZone) };
  } catch (error) {
    logger.warn("the log did not tell a status page of the past: what was known stays", { page: page.slug, reason: messageOf(error) });
    return { shown: known === undefined ? NOTHING : recall(known), kept: known };
  }
}

const NOTHING: PageHistory = { to: null, days: new Map(), incidents: [], latencies: new Map(), maintenance: new Map() };

function keep({ to, days, incidents, latencies, maintenance }: PageHistory, zone: string): Manifest["history"] {
  const pack = ({ up, degraded, down }: DaySeconds): [number, number, number] => [up, degraded, down];
  return {
    to,
    zone,
    days: Object.fromEntries(
      [...days].map(([seq, of]) => [seq, Object.fromEntries([...of].map(([date, seconds]) => [date, pack(seconds)]))]),
    ),
    incidents: [...incidents],
    latencies: Object.fromEntries(latencies),
    maintenance: Object.fromEntries(
      [...maintenance].map(([seq, times]) => [seq, times.map(([from, until]): [number, number] => [from, until])]),
    ),
  };
}

function recall({ to, days, incidents, latencies, maintenance }: NonNullable<Manifest["history"]>): PageHistory {
  const numbered = <T>(values: Readonly<Record<string, T>>) =>
    Object.entries(values).map(([seq, value]): [number, T] => [Number(seq), value]);
  return {
    to,
    days: new Map(
      numbered(days).map(([seq, of]) => [seq, new Map(Object.entries(of).map(([date, seconds]) => [date, toSeconds(seconds)]))]),
    ),
    incidents: incidents.map((incident) => ({ ...incident, errorClass: null })),
    latencies: new Map(numbered(latencies)),
    maintenance: new Map(numbered(maintenance)),
  };
}

function toSeconds([up, degraded, down]: readonly [number, number, number]): DaySeconds {
  return { up, degraded, down };
}

function keysOf(manifest: Manifest | undefined): string[] {
  return manifest === undefined ? [] : Object.keys(manifest.files).map((path) => `status/${manifest.address}/${path}`);
}

// Beside what visitors may have, and not below it.
function manifestKey(slug: string): string {
  return `published/${slug}.json`;
}

async function readManifest({ files }: PublishDeps, slug: string): Promise<Manifest | undefined> {
  const text = await files.read(manifestKey(slug));
  if (text === undefined) return undefined;
  const { data } = manifestSchema.safeParse(JSON.parse(text));
  return data;
}

async function writeManifest({ files }: PublishDeps, slug: string, manifest: Manifest): Promise<void> {
  await files.write(manifestKey(slug), { body: JSON.stringify(manifest), type: "application/json", cache: "no-store" });
}

async function allTargets({ targets }: PublishDeps): Promise<Target[]> {
  const found: Target[] = [];
  for await (const page of pagesOf(targets)) found.push(...page);
  return found;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}
