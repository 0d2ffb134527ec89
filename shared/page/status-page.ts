import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Release } from "../targets/dynamo-lease.ts";
import { managedSchema } from "../targets/managed.ts";
import { visibleLines, visibleText } from "../text/visible-text.ts";
import { isTimeZone } from "../time/zoned-time.ts";

/** Status pages there may be. */
export const MAX_PAGES = 50;
/** Targets that one page shows. */
export const MAX_COMPONENTS = 500;
/** A picture travels in the page's item, of which DynamoDB takes 400 KB. */
const MAX_LOGO_BYTES = 64 * 1024;

/** Pictures that hold no script, and how their files begin, hexadecimal. https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern */
const LOGO_TYPES = [
  { type: "image/png", extension: "png", begins: /^89504e470d0a1a0a/ },
  { type: "image/jpeg", extension: "jpg", begins: /^ffd8ff/ },
  { type: "image/webp", extension: "webp", begins: /^52494646.{8}57454250/ },
  { type: "image/gif", extension: "gif", begins: /^474946383[79]61/ },
];
const LOGO = /^data:(image\/(?:png|jpeg|webp|gif));base64,([A-Za-z0-9+/]+={0,2})$/;

const sectionSchema = z
  .strictObject({
    name: visibleText(100),
    targets: z
      .array(
        z.strictObject({
          id: z.uuid("must be a target's id").toLowerCase(),
          name: visibleText(100).optional().meta({ description: "What the public calls it; its own name when left out." }),
        }),
      )
      .max(200, "must name at most 200 targets")
      .default([]),
    tags: z.array(visibleText(50)).max(20).default([]),
    groups: z.array(visibleText(100)).max(20).default([]).meta({ description: "With the groups in them: Shop is Shop / Backend, too." }),
  })
  .refine(({ targets, tags, groups }) => targets.length + tags.length + groups.length > 0, {
    path: ["targets"],
    error: "a section must have targets, tags or groups",
  });

const fields = {
  title: visibleText(200),
  description: visibleLines(2_000).optional(),
  logo: z
    .string()
    .max(Math.ceil(MAX_LOGO_BYTES / 3) * 4 + 40, `must be a picture of at most ${MAX_LOGO_BYTES / 1024} KiB`)
    .refine(
      (text) => logoFile(text) !== undefined,
      "must be a data URL of a picture, such as data:image/png;base64,…: PNG, JPEG, WebP or GIF",
    )
    .optional()
    .meta({ description: "A data URL: PNG, JPEG, WebP or GIF, 64 KiB." }),
  accent: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #0a6cff")
    .optional()
    .meta({ description: "Colour of the line on top." }),
  scheme: z.enum(["auto", "light", "dark"]).default("auto"),
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, "must be a time zone such as Europe/Berlin")
    .default("UTC")
    .meta({ description: "In which days begin, at a whole hour of UTC." }),
  visibility: z
    .enum(["public", "unlisted"])
    .default("public")
    .meta({ description: "An unlisted page has an address that nobody guesses, and is no search engine's." }),
  noindex: z.boolean().default(false).meta({ description: "Asks search engines to leave it out." }),
  historyDays: z.int().min(7, "must be at least 7").max(90, "must be at most 90").default(90),
  incidentDetail: z.enum(["times", "cause"]).default("times").meta({
    description: "What an incident shows: when it was; or also what kind of failure it was, in general words. Never a check's own.",
  }),
  managed: managedSchema,
  sections: z.array(sectionSchema).min(1, "must have a section").max(50, "must have at most 50 sections"),
};

const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/, "must be 1 to 50 of a to z, 0 to 9 and -, and neither begin nor end with -")
  .refine((text) => !/-[0-9a-f]{32}$/.test(text), "must not end as the address of an unlisted page does")
  .meta({ description: "What its address ends with; it stays: make another page for another address." });

/** What an owner sets of a new page. */
export const statusPageInput = z.strictObject({ slug, ...fields });
/** What an owner may change. */
export const statusPageFields = z.strictObject(fields);

/** What the API shows of a page besides its configuration: read back, and never a change. */
export const SHOWN_OF_PAGES: ReadonlySet<string> = new Set(["slug", "path", "version", "createdAt", "updatedAt"]);

/** A page for the public: which targets it shows, and how. */
export interface StatusPage extends z.output<typeof statusPageInput> {
  /** Ends an unlisted page's address. */
  readonly key: string;
  /** Grows by one with each change. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The name of a page's folder below `status/`. */
export function addressOf({ slug: name, visibility, key }: Pick<StatusPage, "slug" | "visibility" | "key">): string {
  return visibility === "public" ? name : `${name}-${key}`;
}

/** 128 bits that nobody guesses, in small letters and digits. */
export function newKey(): string {
  return randomBytes(16).toString("hex");
}

/** A page's picture as a file; `undefined` when it is none. */
export function logoFile(logo: string): { readonly name: string; readonly type: string; readonly bytes: Buffer } | undefined {
  const [, type = "", data = ""] = LOGO.exec(logo) ?? [];
  const known = LOGO_TYPES.find((each) => each.type === type);
  const bytes = Buffer.from(data, "base64");
  return known === undefined || !known.begins.test(bytes.subarray(0, 12).toString("hex"))
    ? undefined
    : { name: `logo.${known.extension}`, type, bytes };
}

/** Where pages are kept. */
export interface StatusPageStore {
  /** All, by slug. */
  list(): Promise<StatusPage[]>;
  /** @returns false when the stored one is not of the version before; a first version must be new */
  put(page: StatusPage): Promise<boolean>;
  /** Takes it back: its files go with the next round. @returns what it was */
  remove(slug: string): Promise<StatusPage | undefined>;
  /** Something was said to the public that the log alone has: pages are written by it with the next round. @param at epoch ms */
  toldPublic(at: number): Promise<void>;
}

/** What the publisher needs besides: pages that were taken back and still have files. */
export interface PublishedPages {
  /** All pages, and those whose files are to go. */
  all(): Promise<{
    readonly pages: StatusPage[];
    readonly removed: Pick<StatusPage, "slug" | "key">[];
    /** When something was said to the public last, epoch ms; 0 for never. */
    readonly toldAt: number;
  }>;
  /** Forgets a page that was taken back, once its files are gone. */
  forget(slug: string): Promise<void>;
  /** Makes the caller the one publisher for `leaseMs`. @returns what gives that back; `undefined` while there is another */
  claim(leaseMs: number): Promise<Release | undefined>;
}
