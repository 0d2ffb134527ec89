import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { RequestError } from "../../shared/errors.ts";
import { CONTENT_SECURITY_POLICY, FILES, PAGES } from "../../web/serving.ts";

/** What a web server sends for the page. */
export interface PageFile {
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
};

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** @param ready settles when the folder's files are there */
export function createPageFiles(folder: string, ready: Promise<unknown>): PageFiles {
  return {
    async find(path, accept) {
      const isPage = PAGES.test(path) && accept.includes("text/html");
      if (!isPage && !FILES.test(path)) return undefined;
      await ready;
      const name = isPage ? "index.html" : path.slice(1);
      const body = await readFile(join(folder, name)).catch(() => {
        throw new RequestError("not-found", `There is no ${name}.`);
      });
      const cache = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      return { body, headers: { "content-type": type, "cache-control": cache, ...HEADERS } };
    },
  };
}
