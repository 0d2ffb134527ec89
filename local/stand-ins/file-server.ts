import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, join, relative } from "node:path";
import { buffer } from "node:stream/consumers";

/** Of listings: `/bucket?list-type=2&prefix=…`. */
const LISTING = /^\/[a-z0-9.-]+\/?$/;
/** Of keys: what no file system takes for another place, or for a hidden file. */
const KEY = /^\/[a-z0-9.-]+\/((?:[\w-][\w.-]*\/)*[\w-][\w.-]*)$/;

/**
 * What of S3 our functions use, over a folder: PutObject, GetObject, DeleteObject and ListObjectsV2, by path, whatever the
 * bucket. A file is there as a whole or not at all. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @param onError told of what the disk refuses
 */
export function createFileServer(folder: string, onError: (error: unknown) => void): Server {
  return createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => {
      onError(error);
      refuse(response, 500, "InternalError");
    });
  });
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  if (request.method === "GET" && LISTING.test(path)) return list(folder, new URLSearchParams(query).get("prefix") ?? "", response);
  const key = KEY.exec(path)?.[1];
  if (key === undefined) return refuse(response, 400, "InvalidArgument");
  const file = join(folder, key);
  const body = await buffer(request);
  if (request.method === "PUT") {
    const written = join(dirname(file), `.${randomUUID()}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(written, body);
    await rename(written, file);
    response.writeHead(200, { etag: '"local"' }).end();
  } else if (request.method === "DELETE") {
    await rm(file, { force: true });
    response.writeHead(204).end();
  } else if (request.method === "GET") {
    const found = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "EISDIR" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    if (found === undefined) return refuse(response, 404, "NoSuchKey");
    response.writeHead(200, { "content-length": found.length }).end(found);
  } else {
    refuse(response, 405, "MethodNotAllowed");
  }
}

/** All of them in one answer: a folder on a laptop has no million files. */
async function list(folder: string, prefix: string, response: ServerResponse): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const keys = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((key) => key.startsWith(prefix));
  // Keys have no sign that XML would read.
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
  response.writeHead(200, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}
