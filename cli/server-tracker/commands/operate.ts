import { isObject } from "../../../shared/text/is-object.ts";
import { type Item, text } from "../cell.ts";
import type { Client } from "../client.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { openInBrowser } from "../open-in-browser.ts";

/** One line of counts, and what is not up. */
export async function status(context: Context, { exitCode }: { exitCode?: boolean }): Promise<number> {
  const { output } = context;
  const overview = await (await context.client()).call("GET", "/overview");
  const targets = isObject(overview) && Array.isArray(overview["targets"]) ? overview["targets"].filter(isObject) : [];
  const counts = isObject(overview) && isObject(overview["counts"]) ? overview["counts"] : {};
  const unwell = targets.filter((target) => target["status"] === "down" || target["status"] === "degraded");
  if (output.format === "table") {
    output.line(
      Object.entries(counts)
        .flatMap(([name, count]) => (Number(count) > 0 ? [`${text(count)} ${output.status(name)}`] : []))
        .join(" · ") || "no targets",
    );
    if (unwell.length > 0)
      output.table(
        ["STATUS", "NAME", "SINCE", "WHY"],
        unwell.map((target) => [text(target["status"]), text(target["name"]), moment(target["since"]), text(target["reason"])]),
      );
  } else output.data(overview);
  return exitCode && unwell.some((target) => target["status"] === "down") ? EXIT.down : EXIT.fine;
}

const moment = (seconds: unknown) => new Date(Number(seconds) * 1_000).toISOString().replace(".000", "");

/** A target by its id, or its whole name. */
export async function findTarget(client: Client, wanted: string): Promise<Item> {
  if (/^[0-9a-f-]{36}$/i.test(wanted)) return (await client.call("GET", `/targets/${wanted}`)) as Item; // of our API
  const found = (await client.all(`/targets?name=${encodeURIComponent(wanted)}`)).filter(
    (target) => text(target["name"]).toLowerCase() === wanted.toLowerCase(),
  );
  const [target] = found;
  if (target === undefined) throw new CommandError(`there is no target "${wanted}": see \`server-tracker targets list\``);
  return target;
}

export async function listTargets(
  context: Context,
  flags: { status?: string; tag?: string; group?: string; name?: string },
): Promise<number> {
  const query = new URLSearchParams(
    Object.entries(flags).filter(
      (entry): entry is [string, string] => ["status", "tag", "group", "name"].includes(entry[0]) && typeof entry[1] === "string",
    ),
  );
  const targets = await (await context.client()).all(`/targets?${query}`);
  if (context.output.format !== "table") context.output.data(targets);
  else
    context.output.table(
      ["STATUS", "NAME", "TYPE", "WHAT", "GROUP"],
      targets.map((target) => ["status", "name", "type", "label", "group"].map((field) => text(target[field]))),
    );
  return EXIT.fine;
}

export async function getTarget(context: Context, wanted: string): Promise<number> {
  const target = await findTarget(await context.client(), wanted);
  if (context.output.format !== "table") context.output.data(target);
  else
    context.output.table(
      ["FIELD", "VALUE"],
      Object.entries(target).map(([name, value]) => [name, text(value)]),
    );
  return EXIT.fine;
}

/** `field=value`, the value as JSON or text; `field=` removes it. */
export async function setTarget(context: Context, wanted: string, assignments: readonly string[]): Promise<number> {
  const patch: Item = {};
  for (const assignment of assignments) {
    const [, path = "", value = ""] = /^([\w.-]+)=([\s\S]*)$/.exec(assignment) ?? [];
    if (path === "") throw new CommandError(`"${assignment}" must be field=value`);
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    const at = steps.reduce<Item>((inner, step) => {
      const next = isObject(inner[step]) ? inner[step] : {};
      inner[step] = next;
      return next;
    }, patch);
    at[last] = value === "" ? null : parsed(value);
  }
  return change(context, wanted, patch);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Sends a change of one target. */
export async function change(context: Context, wanted: string, patch: Item): Promise<number> {
  const client = await context.client();
  const { id } = await findTarget(client, wanted);
  const changed = (await client.call("PATCH", `/targets/${text(id)}`, { body: patch })) as Item; // of our API
  if (context.output.format !== "table") context.output.data(changed);
  else context.output.line(`${text(changed["name"])} is ${context.output.status(text(changed["status"]))}.`);
  return EXIT.fine;
}

export async function deleteTarget(context: Context, wanted: string): Promise<number> {
  const client = await context.client();
  const target = await findTarget(client, wanted);
  if (!(await context.confirm(`Delete "${text(target["name"])}"? Its history leaves the page.`))) return EXIT.fine;
  await client.call("DELETE", `/targets/${text(target["id"])}`);
  context.output.note(`${text(target["name"])} is deleted.`);
  return EXIT.fine;
}

/** Has the deployment check a target now. */
/** As people read it: `12 ms`, `2.2 ms`. */
function latency(ms: unknown): string {
  if (typeof ms !== "number") return "";
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

export async function checkTarget(context: Context, wanted: string): Promise<number> {
  const client = await context.client();
  const { id } = await findTarget(client, wanted);
  const result = (await client.call("POST", `/targets/${text(id)}/check`)) as Item; // of our API
  if (context.output.format !== "table") context.output.data(result);
  else
    context.output.table(
      ["STATUS", "LATENCY", "WHY"],
      [[text(result["status"]), latency(result["latencyMs"]), text(isObject(result["error"]) ? result["error"]["text"] : result["note"])]],
    );
  return result["status"] === "up" ? EXIT.fine : EXIT.down;
}

export async function listChecks(context: Context, wanted: string, { limit }: { limit: string }): Promise<number> {
  const client = await context.client();
  const { id } = await findTarget(client, wanted);
  const page = (await client.call("GET", `/targets/${text(id)}/checks?limit=${encodeURIComponent(limit)}`)) as { items: Item[] }; // of our API
  if (context.output.format !== "table") context.output.data(page.items);
  else
    context.output.table(
      ["STATUS", "AT", "LATENCY", "WHY"],
      page.items.map((item) => [
        text(item["status"]),
        text(item["at"]),
        latency(item["latencyMs"]),
        text(isObject(item["error"]) ? item["error"]["text"] : item["note"]),
      ]),
    );
  return EXIT.fine;
}

export async function listIncidents(context: Context, flags: { open?: boolean }): Promise<number> {
  const client = await context.client();
  const incidents = await client.all(`/incidents${flags.open ? "?state=open" : ""}`);
  if (context.output.format !== "table") context.output.data(incidents);
  else
    context.output.table(
      ["TARGET", "BEGAN", "LASTED", "ENDED BY", "WHY", "ID"],
      incidents.map((incident) => [
        text(isObject(incident["target"]) ? incident["target"]["name"] : ""),
        text(incident["startedAt"]),
        `${text(incident["durationSeconds"])} s`,
        text(incident["endedBy"]) ||
          (isObject(incident["acknowledged"]) ? `${text(incident["acknowledged"]["by"])} is on it` : "still open"),
        text(isObject(incident["error"]) ? incident["error"]["text"] : ""),
        text(incident["id"]),
      ]),
    );
  return EXIT.fine;
}

export async function listChannels(context: Context): Promise<number> {
  const answer = (await (await context.client()).call("GET", "/channels")) as { items: Item[] }; // of our API
  if (context.output.format !== "table") context.output.data(answer.items);
  else
    context.output.table(
      ["CHANNEL", "TYPE", "ALERTS ARRIVE", "ERROR"],
      answer.items.map((item) => [text(item["id"]), text(item["type"]), item["healthy"] ? "yes" : "no", text(item["error"])]),
    );
  return EXIT.fine;
}

/** An incident's story. */
export async function showIncident(context: Context, id: string): Promise<number> {
  const incident = (await (await context.client()).call("GET", `/incidents/${encodeURIComponent(id)}`)) as Item; // of our API
  const { output } = context;
  if (output.format !== "table") output.data(incident);
  else {
    const target = isObject(incident["target"]) ? text(incident["target"]["name"]) : text(incident["title"]);
    const over = incident["endedAt"] === null ? "open" : `until ${text(incident["endedAt"])}`;
    output.line(`${target}: since ${text(incident["startedAt"])}, ${over}`);
    const entries = [incident["timeline"], incident["updates"]].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
    const rows = entries.map(({ at, what, status: phase, who, by, text: words }) => [
      text(at),
      text(what ?? phase),
      text(who ?? by),
      text(words),
    ]);
    output.table(["AT", "WHAT", "WHO", "TEXT"], rows);
  }
  return EXIT.fine;
}

/** Takes care of an incident. */
export async function acknowledgeIncident(
  context: Context,
  id: string,
  { note, until }: { note?: string; until?: string },
): Promise<number> {
  const body = { ...(note !== undefined && { note }), ...(until !== undefined && { until }) };
  await (await context.client()).call("POST", `/incidents/${encodeURIComponent(id)}/acknowledge`, { body });
  context.output.note("Acknowledged: nobody is reminded of it until it ends.");
  return EXIT.fine;
}

/** Says something of an incident. */
export async function commentIncident(context: Context, id: string, words: string): Promise<number> {
  await (await context.client()).call("POST", `/incidents/${encodeURIComponent(id)}/comment`, { body: { text: words } });
  context.output.note("It is in the timeline.");
  return EXIT.fine;
}

/** Sends a test to a channel; fails when the service does not take it. */
export async function testChannel(context: Context, id: string): Promise<number> {
  const outcome = (await (await context.client()).call("POST", `/channels/${encodeURIComponent(id)}/test`)) as Item; // of our API
  if (context.output.format !== "table") context.output.data(outcome);
  else context.output.line(outcome["delivered"] === true ? "The service took it." : `It was not taken: ${text(outcome["error"])}`);
  return outcome["delivered"] === true ? EXIT.fine : EXIT.error;
}

/** Times in which nothing is told. */
export async function listMaintenance(context: Context): Promise<number> {
  const answer = (await (await context.client()).call("GET", "/maintenance")) as { items: Item[] }; // of our API
  if (context.output.format !== "table") context.output.data(answer.items);
  else {
    const rows = answer.items.map(({ id, name, active, next }) => {
      const times = isObject(next) ? [text(next["from"]), text(next["to"])] : ["over", ""];
      return [active ? "runs" : "", text(name), ...times, text(id)];
    });
    context.output.table(["NOW", "NAME", "FROM", "TO", "ID"], rows);
  }
  return EXIT.fine;
}

export interface MaintenanceFlags {
  readonly minutes: string;
  readonly tag?: readonly string[];
  readonly group?: readonly string[];
  readonly target?: readonly string[];
  readonly all?: boolean;
}

/** Announces one that begins now. */
export async function startMaintenance(context: Context, name: string, flags: MaintenanceFlags): Promise<number> {
  const client = await context.client();
  const ids = await Promise.all((flags.target ?? []).map(async (target) => text((await findTarget(client, target))["id"])));
  const [from, minutes] = [Date.now(), Number(flags.minutes)];
  if (!(minutes > 0)) throw new CommandError("--minutes must be a number above 0");
  const once = { from: new Date(from).toISOString(), to: new Date(from + minutes * 60_000).toISOString() };
  const scope = { targets: ids, tags: flags.tag ?? [], groups: flags.group ?? [], all: flags.all === true };
  const made = (await client.call("POST", "/maintenance", { body: { name, ...scope, once } })) as Item; // of our API
  if (context.output.format !== "table") context.output.data(made);
  else context.output.line(`${text(made["id"])}  nothing is told until ${once.to}`);
  return EXIT.fine;
}

export async function endMaintenance(context: Context, id: string): Promise<number> {
  await (await context.client()).call("DELETE", `/maintenance/${encodeURIComponent(id)}`);
  context.output.note("It has ended; what it held back is told within 5 minutes.");
  return EXIT.fine;
}

/** Follows changes of status until it is stopped. */
export async function tail(context: Context): Promise<number> {
  const client = await context.client();
  const before = new Map<string, string>();
  for (let first = true; ; first = false) {
    const overview = (await client.call("GET", "/overview")) as { roundSeconds: number; targets: Item[] }; // of our API
    for (const target of overview.targets) {
      const [id, now] = [text(target["id"]), text(target["status"])];
      const old = before.get(id);
      before.set(id, now);
      if (first || old === now) continue;
      if (context.output.format === "table")
        context.output.line(
          `${new Date().toISOString()}  ${text(target["name"])}  ${old ?? "new"} → ${context.output.status(now)}  ${text(target["reason"])}`,
        );
      else
        process.stdout.write(
          `${JSON.stringify({ at: new Date().toISOString(), id, name: target["name"], from: old ?? null, to: now, reason: target["reason"] ?? null })}\n`,
        );
    }
    await new Promise((resolve) => setTimeout(resolve, overview.roundSeconds * 500));
  }
}

/** Opens the page in a browser, and says where it is: there may be none here, and none that says so. */
export async function open(context: Context): Promise<number> {
  const { url } = await context.client();
  // Beside a page the API stands below it.
  const page = url.replace(/\/api$/, "/");
  context.output.note(`The page is at ${page}`);
  openInBrowser(page);
  return EXIT.fine;
}
