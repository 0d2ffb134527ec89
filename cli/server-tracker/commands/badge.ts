import { isObject } from "../../../shared/text/is-object.ts";
import { text } from "../cell.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { findTarget } from "./operate.ts";

export interface BadgeFlags {
  /** Of a target. */
  readonly shows: "status" | "uptime" | "latency";
}

const TIMEOUT_MS = 10_000;

/** Prints where a badge of a status page is, and the line that shows it in a README. @param target by name or id; of the whole page when left out */
export async function badge(context: Context, slug: string, target: string | undefined, { shows }: BadgeFlags): Promise<number> {
  const client = await context.client();
  const page = (await client.all("/status-pages")).find((each) => each["slug"] === slug);
  if (page === undefined) throw new CommandError(`there is no status page "${slug}"`);
  // Beside a page the API stands below it.
  const address = new URL(`.${text(page["path"])}`, `${client.url.replace(/\/api$/, "")}/`).href;
  const of = target === undefined ? undefined : await findTarget(client, target);
  const name = of === undefined ? "page" : `${text(of["id"])}/${shows}`;
  const shown = await shownBy(`${address}badge/${name}.json`);
  const svg = `${address}badge/${name}.svg`;
  const alt = of === undefined ? text(page["title"]) : text(of["name"]);
  const markdown = `[![${alt.replace(/[[\]\\]/g, "\\$&")}](${svg})](${address})`;
  if (context.output.format === "table") {
    context.output.note(`It says: ${shown}`);
    context.output.line(markdown);
  } else context.output.data({ svg, json: `${address}badge/${name}.json`, markdown, says: shown });
  return EXIT.fine;
}

/** What a badge says now. @throws {CommandError} when it is not there */
async function shownBy(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  if (answer?.ok !== true)
    throw new CommandError(
      `${url} is not there${answer === undefined ? "" : `: ${answer.status}`}. Is the target on that page, and a round done since it was made?`,
    );
  const badge: unknown = await answer.json();
  return isObject(badge) ? `${text(badge["label"])}: ${text(badge["message"])}` : "";
}
