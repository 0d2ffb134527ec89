import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { RequestError } from "../../shared/errors.ts";
import { PAGE_CACHE } from "../../shared/page/file-store.ts";
import {
  FILES,
  PAGES,
  pageHeaders,
  SIGN_IN_FILE,
  type SignInSettings,
  STATUS_EMBED,
  STATUS_FILES,
  STATUS_FOLDER,
  STATUS_FOLDER_BARE,
  statusPolicy,
} from "../../web/serving.ts";

/** What a web server sends for the page. */
export interface PageFile {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Does what S3 and CloudFront do for the page: sends its files, and `index.html` for its own addresses. */
export interface PageFiles {
  /** `undefined` where a request is not for the page but for the API. @param accept header of the request */
  find(path: string, accept: string): Promise<PageFile | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".rss": "application/rss+xml; charset=utf-8",
  ".atom": "application/atom+xml; charset=utf-8",
  ".ics": "text/calendar; charset=utf-8",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".gif": "image/gif",
};

/** What the page stands on; each is waited for when it is asked for. */
export interface PageSources {
  /** Settles when the page's files are there. */
  readonly built: Promise<unknown>;
  /** Folder of the files of status pages. */
  readonly published: Promise<string>;
  /** How people sign in, and the origins that the page asks for tokens. */
  readonly signIn: Promise<{ readonly settings: SignInSettings | undefined; readonly issuers: readonly string[] }>;
}

/** @param folder of the page's files */
export function createPageFiles(folder: string, { built, published, signIn }: PageSources): PageFiles {
  return {
    async find(path, accept) {
      if (STATUS_FILES.test(path)) return statusFile(await published, path);
      // The API has nothing at the root: whoever looks whether it is there, asks for anything.
      const isPage = PAGES.test(path) && (path === "/" || accept.includes("text/html"));
      if (!isPage && !FILES.test(path)) return undefined;
      const { settings, issuers } = await signIn;
      const name = isPage ? "index.html" : path.slice(1);
      const body = path === SIGN_IN_FILE ? Buffer.from(JSON.stringify(settings ?? {})) : await builtFile(folder, name, built);
      const cache = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      return { status: 200, body, headers: { "content-type": type, "cache-control": cache, ...pageHeaders(issuers) } };
    },
  };
}

async function builtFile(folder: string, name: string, built: Promise<unknown>): Promise<Buffer> {
  await built;
  return readFile(join(folder, name)).catch(() => {
    throw new RequestError("not-found", `There is no ${name}.`);
  });
}

/** A file of a status page. It is public, and any site's to read. */
async function statusFile(folder: string, path: string): Promise<PageFile> {
  if (STATUS_FOLDER_BARE.test(path)) return { status: 301, body: Buffer.alloc(0), headers: { location: `${path}/` } };
  const name = STATUS_FOLDER.test(path) ? `${path}index.html` : path;
  const body = await readFile(join(folder, name)).catch(() => {
    throw new RequestError("not-found", "There is no such status page.");
  });
  const type = name.endsWith("/feed.json") ? "application/feed+json; charset=utf-8" : (TYPES[extname(name)] ?? "application/octet-stream");
  return {
    status: 200,
    body,
    headers: {
      "content-type": type,
      "cache-control": PAGE_CACHE,
      "content-security-policy": statusPolicy(STATUS_EMBED.test(path)),
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
    },
  };
}
