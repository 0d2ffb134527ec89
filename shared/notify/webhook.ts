import { createHmac } from "node:crypto";
import Mustache from "mustache";
import * as z from "zod";
import { messageOf } from "../errors.ts";
import { httpUrl } from "../net/http-url.ts";
import { own } from "../text/own.ts";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { plainLines, wordingOf } from "./wording.ts";

/** What frames a request, or is ours to say. */
const OWN_HEADERS =
  /^(?:content-length|transfer-encoding|connection|keep-alive|proxy-connection|upgrade|te|trailer|expect|host|x-server-tracker-.*)$/i;
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "must be names of headers");
const headerValue = z
  .string()
  .max(4_000)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must be on one line, in Latin-1");

const schema = z
  .strictObject({
    url: httpUrl.meta({
      description:
        "What stands behind the host may hold {{title}} and the like, as the template does: for services that are called by GET.",
    }),
    /** Key of the signature. Without one, requests are not signed. */
    secret: z.string().min(16, "must have at least 16 characters").optional(),
    method: z.enum(["POST", "PUT", "PATCH", "GET"]).default("POST").meta({ description: "GET sends no body." }),
    headers: z
      .record(headerName, headerValue)
      .refine((headers) => Object.keys(headers).length <= 20, "must be at most 20")
      .optional()
      .meta({ description: "Sent besides; content-type decides how values are escaped in the template." }),
    template: z.string().max(10_000).optional().meta({
      description:
        "Mustache, of one alert: {{title}}, {{reason}}, {{text}}, {{kind}}, {{name}}, {{label}}, {{group}}, {{from}}, {{to}}, {{since}}, {{link}}, {{acknowledgeLink}}, {{id}}, {{#tags}}…{{/tags}}. Left out: our own JSON.",
    }),
  })
  .superRefine(({ template, headers, method }, context) => {
    const problem = template === undefined || method === "GET" ? undefined : problemOf(template, contentTypeOf(headers), [MOST]);
    if (problem !== undefined) context.addIssue({ code: "custom", path: ["template"], message: problem });
  });

/** Of what is made or changed. */
function issuesOf({ url, method, template, headers = {} }: z.output<typeof schema>) {
  const issue = (path: string, message: string) => ({ path: path.split("."), message });
  const [, host] = /^https?:\/\/([^/?#\\]*)/i.exec(url) ?? [];
  const problem = template === undefined ? undefined : problemOf(template, contentTypeOf(headers), [LEAST, MOST]);
  return [
    ...Object.keys(headers).flatMap((name) =>
      OWN_HEADERS.test(name) ? [issue(`headers.${name}`, "must be left out: it frames the request, or is ours")] : [],
    ),
    ...(method === "GET" && template !== undefined ? [issue("template", "must be left out with GET, which sends no body")] : []),
    ...(method !== "GET" && problem !== undefined ? [issue("template", problem)] : []),
    ...(!host || host.includes("{{") ? [issue("url", "must name its host itself: {{…}} stands behind it")] : []),
    ...(/\{\{(?!\s*\w+\s*\}\})/.test(url) ? [issue("url", "must hold names alone, such as {{title}}")] : []),
  ];
}

/**
 * Any HTTP endpoint: JSON, with a time stamp and an HMAC over both, so that the receiver can tell
 * that it is from us and not replayed. Signature: hex HMAC-SHA256 of `<timestamp>.<body>`, of an empty body with GET. With
 * a template, whatever the endpoint wants, an alert a request.
 */
export const webhookNotifier = defineNotifier({
  type: "webhook",
  schema,
  issuesOf,
  secrets: ["url", "secret", "headers"],
  settings: ["WEBHOOK_URL", "WEBHOOK_SECRET"],
  fromSettings: ({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret }) => (url ? { url, secret } : undefined),
  maxAlertsPerMessage: ({ url, method, template }) => (template === undefined && method !== "GET" && !url.includes("{{") ? 50 : 1),
  takesEach: true,
  send: async (alerts, { url, secret, method, headers = {}, template }, context) => {
    const timestamp = String(Math.floor(context.now / 1_000));
    const contentType = contentTypeOf(headers);
    const [alert] = alerts;
    const sent =
      template === undefined || alert === undefined
        ? JSON.stringify({ version: 1, sentAt: new Date(context.now).toISOString(), alerts })
        : rendered(template, viewOf(alert), contentType);
    const body = method === "GET" ? "" : sent;
    const given = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (OWN_HEADERS.test(name) ? [] : [[name.toLowerCase(), value]])),
    );
    const all = {
      ...given,
      ...(method !== "GET" && { "content-type": contentType }),
      "x-server-tracker-timestamp": timestamp,
      ...(secret !== undefined && { "x-server-tracker-signature": `sha256=${signature(secret, timestamp, body)}` }),
    };
    await postJson("webhook", alert === undefined ? url : addressed(url, viewOf(alert)), body, context, all, method);
  },
});

/** An address with what it names of an alert: nothing of that becomes part of its structure. */
function addressed(url: string, view: Record<string, unknown>): string {
  const filled = (part: string) =>
    part.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
      const value = own(view, name);
      return encodeURIComponent(String(Array.isArray(value) ? value.join(",") : (value ?? "")).toWellFormed());
    });
  const [, path = url, rest = ""] = /^([^?#]*)([?#].*)?$/s.exec(url) ?? [];
  const segments = path.split("/").map((segment) => {
    const made = filled(segment);
    // Dots alone would lead up, out of where it was meant to lead.
    return made !== segment && /^\.{1,2}$/.test(made) ? made.replaceAll(".", "_") : made;
  });
  return segments.join("/") + filled(rest);
}

function contentTypeOf(headers: Readonly<Record<string, string>> = {}): string {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "application/json";
}

/** What a template may name. */
function viewOf(alert: Alert): Record<string, unknown> {
  const { title, reason } = wordingOf(alert);
  const { id, kind, from, to, since, link, acknowledgeLink, target } = alert;
  const { name, label, group, tags } = target;
  const text = plainLines(alert).join("\n");
  return { id, kind, from, to, since: new Date(since).toISOString(), link, acknowledgeLink, name, label, group, tags, title, reason, text };
}

/** Values are escaped for what the body is: nothing of a target's becomes part of its structure. */
function rendered(template: string, view: Record<string, unknown>, contentType: string): string {
  // `{{{name}}}` and `{{&name}}` would not be.
  const safe = template.replace(/\{\{\{\s*([\w.]+)\s*\}\}\}/g, "{{$1}}").replace(/\{\{\s*&\s*([\w.]+)\s*\}\}/g, "{{$1}}");
  return Mustache.render(safe, view, {}, { escape: (value: unknown) => escaped(String(value), contentType) });
}

function escaped(value: string, contentType: string): string {
  if (/json/i.test(contentType)) return JSON.stringify(value).slice(1, -1);
  if (/urlencoded/i.test(contentType)) return encodeURIComponent(value.toWellFormed());
  if (/xml|html/i.test(contentType)) return Mustache.escape(value);
  return value;
}

/** An alert with as little as one may have, and with all. */
const LEAST: Alert = {
  id: "id",
  kind: "down",
  target: { id: "id", name: 'A "name"', label: "https://example.com/", tags: [] },
  from: "up",
  to: "down",
  since: 0,
  decidedAt: 0,
  missed: [],
};
const MOST: Alert = {
  ...LEAST,
  target: { ...LEAST.target, tags: ["a", "b"], group: "A / B" },
  error: { class: "connect", text: "connection refused" },
  link: "https://example.com/",
  acknowledgeLink: "https://example.com/",
};

/** What is wrong with a template; a body that is to be JSON is tried with alerts. */
function problemOf(template: string, contentType: string, alerts: readonly Alert[]): string | undefined {
  try {
    if (/\{\{\s*[>=]/.test(template)) return "may hold no partials and no other delimiters";
    for (const alert of alerts) {
      const body = rendered(template, viewOf(alert), contentType);
      if (/json/i.test(contentType)) for (const line of linesOf(body, contentType)) JSON.parse(line);
    }
    return undefined;
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    return isJson
      ? `must make JSON of every alert, since the content-type is ${contentType}: ${messageOf(error)}`
      : `is no template of Mustache: ${messageOf(error)}`;
  }
}

/** What must be JSON by itself: the whole, or each line where the type says so. */
function linesOf(body: string, contentType: string): string[] {
  return /ndjson|jsonl|json-seq/i.test(contentType) ? body.split("\n").filter((line) => line.trim() !== "") : [body];
}

/** What a receiver computes to verify a request. */
export function signature(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}
