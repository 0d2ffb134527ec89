import { createHash } from "node:crypto";
import type { MaintenanceStore } from "../alert/maintenance.ts";
import { occurrenceAt } from "../alert/maintenance.ts";
import type { ManualIncidentStore } from "../alert/manual-incident.ts";
import { messageOf } from "../errors.ts";
import type { LogPages } from "../log/log-pages.ts";
import type { LogWarning } from "../log/record.ts";
import type { TargetReader } from "../targets/target-store.ts";
import type { Clock } from "../time/clock.ts";
import { inParallel } from "../time/in-parallel.ts";
import { VERSION } from "../version.ts";
import type { FileStore, StoredFile } from "./file-store.ts";
import { type Manifest, readManifest, removeManifest, writeManifest } from "./manifest.ts";
import { pageFiles } from "./page-files.ts";
import { readHistory } from "./page-history.ts";
import { membersOf, type PageParts, viewOf } from "./page-view.ts";
import { addressOf, type PublishedPages, type StatusPage } from "./status-page.ts";

export interface PublishDeps {
  readonly pages: PublishedPages;
  readonly targets: Pick<TargetReader, "range">;
  readonly manualIncidents: Pick<ManualIncidentStore, "list">;
  readonly maintenance: Pick<MaintenanceStore, "list">;
  readonly logPages: LogPages;
  /** Changes when the past that pages show may be another: where the log sleeps, after each of its hours. */
  readonly logStamp?: () => Promise<number>;
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

/** A page is written again after this, whatever happened; rounds are half a minute apart. */
const PUBLISH_EVERY_MS = 290_000;
/** Nothing more is begun after this: what is left is the next round's. */
const BUDGET_MS = 20_000;
/** Longer than the budget and the longest write, so that no other begins while one of ours may still end. */
const LEASE_MS = 60_000;
/** Files that are written at once. */
const WRITES_AT_ONCE = 16;

/** What every page is made from. */
type Sources = Pick<PageParts, "targets" | "manual" | "windows"> & { readonly stamp: string };

/**
 * Writes the files of status pages where what they show is no longer so, and of each every five minutes; removes those
 * of pages that were taken back. One publisher at a time: of overlapping rounds the second leaves all of it to the first,
 * and what the first did not see yet is seen by the next. While the log is away, what was known of the past stays.
 * @throws {AggregateError} of pages that could not be published, when all others were
 */
export async function publishPages(deps: PublishDeps): Promise<PublishReport> {
  const release = await deps.pages.claim(LEASE_MS);
  if (release === undefined) return { pages: 0, published: 0, written: 0 };
  try {
    return await publishAll(deps, deps.clock.now() + BUDGET_MS);
  } finally {
    await release();
  }
}

async function publishAll(deps: PublishDeps, deadline: number): Promise<PublishReport> {
  const { pages, removed, toldAt } = await deps.pages.all();
  const errors: unknown[] = [];
  const attempt = async <T>(slug: string, work: () => Promise<T>): Promise<T | undefined> => {
    if (deps.clock.now() >= deadline) return undefined;
    try {
      return await work();
    } catch (error) {
      deps.logger.error("a status page could not be published", { page: slug, reason: messageOf(error) });
      errors.push(error);
      return undefined;
    }
  };
  for (const page of removed) await attempt(page.slug, () => removePage(deps, page));
  const counts = pages.length === 0 ? [] : await publishEach(deps, pages, { deadline, attempt, toldAt });
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} status pages could not be published: ${messageOf(errors[0])}`);
  return { pages: pages.length, published: counts.length, written: counts.reduce((sum, count) => sum + count, 0) };
}

/** @returns how many files were written of each page that was published */
async function publishEach(
  deps: PublishDeps,
  pages: readonly StatusPage[],
  {
    deadline,
    attempt,
    toldAt,
  }: { deadline: number; attempt: <T>(slug: string, work: () => Promise<T>) => Promise<T | undefined>; toldAt: number },
): Promise<number[]> {
  const [manual, windows, targets, stamp] = await Promise.all([
    deps.manualIncidents.list(),
    deps.maintenance.list(),
    // Every id lies between these.
    deps.targets.range("!", "~"),
    deps.logStamp?.() ?? 0,
  ]);
  // What was said of an incident that checks found is in the log, which is read for it.
  const sources = { manual, windows, targets, stamp: `${stamp} ${toldAt}` };
  const known = await inParallel(pages, WRITES_AT_ONCE, async (page) => ({ page, before: await readManifest(deps.files, page.slug) }));
  // What waited longest first: with many pages, each has its turn.
  const order = known.sort((a, b) => (a.before?.publishedAt ?? 0) - (b.before?.publishedAt ?? 0));
  const counts: number[] = [];
  for (const { page, before } of order) {
    const count = await attempt(page.slug, () => publishPage(deps, page, sources, { before, deadline }));
    if (count !== undefined) counts.push(count);
  }
  return counts;
}

/** @returns files that were written; `undefined` when nothing called for it */
async function publishPage(
  deps: PublishDeps,
  page: StatusPage,
  sources: Sources,
  { before, deadline }: { before: Manifest | undefined; deadline: number },
): Promise<number | undefined> {
  const now = deps.clock.now();
  const fingerprint = fingerprintOf(deps.publicUrl, page, sources, now);
  if (before?.fingerprint === fingerprint && now - before.publishedAt < PUBLISH_EVERY_MS) return undefined;

  const members = membersOf(page, sources.targets).flatMap((section) => section.members.map(({ target }) => target));
  const history = await readHistory(deps, page, { members, before: before?.history, now });
  const address = addressOf(page);
  const folder = `status/${address}/`;
  const files = pageFiles(viewOf({ page, ...sources, history: history.shown, now }), page, `${deps.publicUrl}/${folder}`);
  const hashes = Object.fromEntries([...files].map(([path, { body }]) => [path, hash(body)]));
  const old = before?.address === address ? before.files : {};
  const changed = [...files].filter(([path]) => old[path] !== hashes[path]);
  const manifest = { address, publishedAt: now, fingerprint, files: hashes, ...(history.kept && { history: history.kept }) };
  // Until all of it is written, nobody knows what a file holds that is being written, and the page is due.
  const begun = Object.fromEntries([...files.keys()].flatMap((path) => (old[path] === hashes[path] ? [[path, hashes[path] ?? ""]] : [])));
  if (changed.length > 0) await writeManifest(deps.files, page.slug, { ...manifest, fingerprint: "", files: begun });
  const write = async ([path, file]: [string, StoredFile]) => {
    if (deps.clock.now() >= deadline) throw new Error("there was no time left: the next round goes on");
    await deps.files.write(folder + path, file);
  };
  // The document last: what it names is there before it.
  await inParallel(
    changed.filter(([path]) => path !== "index.html"),
    WRITES_AT_ONCE,
    write,
  );
  await inParallel(
    changed.filter(([path]) => path === "index.html"),
    1,
    write,
  );
  await removeOthers(deps.files, { folder, files, page, before });
  await writeManifest(deps.files, page.slug, manifest);
  return changed.length;
}

/** Removes what lies at a page's addresses and is no part of it: found by looking, whatever a manifest says. */
async function removeOthers(
  files: FileStore,
  {
    folder,
    files: own,
    page,
    before,
  }: { folder: string; files: ReadonlyMap<string, StoredFile>; page: StatusPage; before: Manifest | undefined },
): Promise<void> {
  // Where nothing was left half done and the address is as it was, what there was is in the manifest.
  const isKnown = before !== undefined && before.fingerprint !== "" && before.address === addressOf(page);
  const there = isKnown
    ? Object.keys(before.files).map((path) => folder + path)
    : await keysAt(files, [...addressesOf(page), ...(before === undefined ? [] : [before.address])]);
  const gone = there.filter((key) => !(key.startsWith(folder) && own.has(key.slice(folder.length))));
  await inParallel(gone, WRITES_AT_ONCE, (key) => files.remove(key));
}

async function removePage({ files, pages }: PublishDeps, { slug, key }: Pick<StatusPage, "slug" | "key">): Promise<void> {
  const before = await readManifest(files, slug);
  const keys = await keysAt(files, [...addressesOf({ slug, key }), ...(before === undefined ? [] : [before.address])]);
  await inParallel(keys, WRITES_AT_ONCE, (each) => files.remove(each));
  await removeManifest(files, slug);
  await pages.forget(slug);
}

/** Every address that a page may have had. */
function addressesOf({ slug, key }: Pick<StatusPage, "slug" | "key">): string[] {
  return (["public", "unlisted"] as const).map((visibility) => addressOf({ slug, key, visibility }));
}

async function keysAt(files: FileStore, addresses: readonly string[]): Promise<string[]> {
  const found = await inParallel([...new Set(addresses)], 4, (address) => files.list(`status/${address}/`));
  return found.flat();
}

/** All that a page shows and that changes between two readings of the log: when it does, the page is written at once. @param now epoch ms */
function fingerprintOf(publicUrl: string, page: StatusPage, { manual, windows, targets, stamp }: Sources, now: number): string {
  const members = membersOf(page, targets).map(({ members: of }) =>
    of.map(({ target: { id, state }, name }) => [id, name, state.status, state.since]),
  );
  const shown = manual.filter((incident) => incident.public).map(({ id, version }) => [id, version]);
  const planned = windows.map((window) => [window, occurrenceAt(window, now)?.from ?? null]);
  return hash(JSON.stringify([VERSION, publicUrl, page, members, shown, planned, stamp]));
}

function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}
