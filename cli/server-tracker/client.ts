import { setTimeout as delay } from "node:timers/promises";
import { LOG_ASLEEP, messageOf } from "../../shared/errors.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { CommandError } from "./exit-codes.ts";

/** An answer that is no success, in the API's words. */
export class ApiProblem extends CommandError {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The API of a deployment. */
export interface Client {
  readonly url: string;
  /** @throws {ApiProblem} @throws {CommandError} when it does not answer */
  call(method: string, path: string, options?: CallOptions): Promise<unknown>;
  /** Every item of a list, page by page. */
  all(path: string): Promise<Record<string, unknown>[]>;
}

const TIMEOUT_MS = 30_000;
/** Times that one request is asked again, when it was one too many or the log is waking. */
const MAX_WAITS = 10;
const MAX_WAIT_S = 30;
const MAX_PAGES = 10_000;
/** How the API begins the answer that its log sleeps: its documents are long, and are parsed once. */
const ASLEEP = `{"type":"${LOG_ASLEEP}"`;

/** What a request proves itself with: an API token or a JWT. @throws {CommandError} when it cannot be had */
export type TokenSource = () => Promise<string>;

/** @param told `debug` of each request, without its secrets; `note` of what takes long */
export function createClient(
  url: string,
  token: TokenSource,
  { debug, note }: { readonly debug: (text: string) => void; readonly note: (text: string) => void },
): Client {
  const base = url.replace(/\/+$/, "");
  const client: Client = {
    url: base,

    async call(method, path, options = {}) {
      const init = requestOf(method, options, credentialOf(await token()));
      for (let waits = 0; ; waits++) {
        const start = performance.now();
        const response = await answerOf(base, path, init);
        const text = await response.text();
        debug(`${method} ${path} ${response.status} ${Math.round(performance.now() - start)} ms`);
        const again = whyAgain(response, text);
        if (again === undefined || waits === MAX_WAITS) return answerIn(response, text);
        if (again === "asleep" && waits === 0) note("The log sleeps between its hours, and is waking: half a minute at most …");
        await delay(Math.min(MAX_WAIT_S, Number(response.headers.get("retry-after")) || 1) * 1_000);
      }
    },

    async all(path) {
      const items: Record<string, unknown>[] = [];
      for (let page = 0, cursor = ""; page < MAX_PAGES; page++) {
        const answer = await client.call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=500${cursor}`);
        if (!isObject(answer) || !Array.isArray(answer["items"])) throw new CommandError(`${base}${path} is no list of Server Tracker`);
        items.push(...answer["items"].filter(isObject));
        if (typeof answer["next"] !== "string") return items;
        cursor = `&cursor=${encodeURIComponent(answer["next"])}`;
      }
      return items;
    },
  };
  return client;
}

function credentialOf(token: string): Record<string, string> {
  if (token === "") return {};
  return /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? { authorization: `Bearer ${token}` } : { "x-api-key": token };
}

/** Why the same is to be asked again in a moment; `undefined` for an answer, or a problem that stays. */
function whyAgain({ status }: Response, text: string): "asleep" | "limited" | undefined {
  if (status === 429) return "limited";
  return text.startsWith(ASLEEP) ? "asleep" : undefined;
}

/** @throws {ApiProblem} */
function answerIn(response: Response, text: string): unknown {
  if (!response.ok || text.startsWith(ASLEEP)) throw new ApiProblem(response.status, problemText(response.status, text));
  return text === "" ? undefined : JSON.parse(text);
}

interface CallOptions {
  readonly body?: unknown;
  /** The version that a change was made of. */
  readonly ifMatch?: string;
  /** The project that a change is applied for: the audit has it. */
  readonly appliedBy?: string;
}

function requestOf(method: string, { body, ifMatch, appliedBy }: CallOptions, credential: Readonly<Record<string, string>>): RequestInit {
  const headers: Record<string, string> = {
    ...credential,
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(ifMatch !== undefined && { "if-match": ifMatch }),
    ...(appliedBy !== undefined && { "x-applied-by": encodeURIComponent(appliedBy) }),
  };
  return { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
}

/** @throws {CommandError} when nobody answers */
async function answerOf(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
    throw new CommandError(`${base} does not answer: ${cause}. Is --api right, and the deployment up?`);
  }
}

function problemText(status: number, text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (isObject(problem) && typeof problem["detail"] === "string") {
      return status === 401 ? `${problem["detail"]} Run \`server-tracker login\`.` : problem["detail"];
    }
  } catch {
    // No answer of ours: a gateway or another server stands there.
  }
  return `the API answered ${status}`;
}
