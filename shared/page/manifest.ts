import * as z from "zod";
import { ERROR_CLASSES } from "../check/check-type.ts";
import { PUBLISHED_CODES, type PublishedKind } from "../log/codes.ts";
import type { FileStore } from "./file-store.ts";

const PUBLISHED = Object.keys(PUBLISHED_CODES) as PublishedKind[];
const span = z.tuple([z.number(), z.number()]);
const totals = z.object({ up: z.number(), degraded: z.number(), down: z.number(), maintenance: z.number(), incidents: z.number() });

/** What a page showed of the past, by target's number. */
const keptHistory = z.object({
  /** Epoch seconds up to which the log knew. */
  to: z.number().nullable(),
  zone: z.string(),
  /** The first day that was read. */
  first: z.string(),
  /** The day on which all of it was last read. */
  readOn: z.string().optional(),
  days: z.record(z.string(), z.record(z.string(), totals)),
  incidents: z.array(
    z.object({
      seq: z.number(),
      since: z.number(),
      until: z.number().nullable(),
      isRecovered: z.boolean(),
      errorClass: z.enum(ERROR_CLASSES).nullable(),
      said: z.array(z.object({ at: z.number(), status: z.enum(PUBLISHED), text: z.string() })).default([]),
    }),
  ),
  latencies: z.record(z.string(), z.number()),
  maintenance: z.record(z.string(), z.array(span)),
});
export type KeptHistory = z.output<typeof keptHistory>;

/** What is known of a page's files, beside what visitors may have: it saves writing what is there, and reading what is over. */
const manifestSchema = z.looseObject({
  address: z.string(),
  /** Epoch ms. */
  publishedAt: z.number().catch(0),
  /** Of what the page was made of; empty while it is being written. */
  fingerprint: z.string().catch(""),
  /** Hashes of what lies below the address, by path. */
  files: z.record(z.string(), z.string()).catch({}),
  history: keptHistory.exactOptional().catch(undefined as never), // of another release: it is read again
});
export type Manifest = Pick<z.output<typeof manifestSchema>, "address" | "publishedAt" | "fingerprint" | "files"> & {
  readonly history?: KeptHistory | undefined;
};

// Beside what visitors may have, and not below it.
const keyOf = (slug: string) => `published/${slug}.json`;

/** @returns `undefined` where there is none */
export async function readManifest(files: FileStore, slug: string): Promise<Manifest | undefined> {
  const text = await files.read(keyOf(slug));
  return text === undefined ? undefined : manifestSchema.safeParse(JSON.parse(text)).data;
}

export async function writeManifest(files: FileStore, slug: string, manifest: Manifest): Promise<void> {
  await files.write(keyOf(slug), { body: JSON.stringify(manifest), type: "application/json", cache: "no-store" });
}

export async function removeManifest(files: FileStore, slug: string): Promise<void> {
  await files.remove(keyOf(slug));
}
