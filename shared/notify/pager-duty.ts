import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { isAcknowledgement, type Urgency } from "../status/alert-kinds.ts";
import { incidentKey } from "./incident-key.ts";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, traitsOf, wordingOf } from "./wording.ts";

const SEVERITIES: Readonly<Record<Urgency, "critical" | "warning" | "info">> = {
  critical: "critical",
  warning: "warning",
  good: "info",
  info: "info",
};

/**
 * PagerDuty, by its Events API v2: a down opens an incident, who takes care of it here does so there, the recovery closes it,
 * or that nobody watches it any more.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export const pagerDutyNotifier = defineNotifier({
  type: "pagerduty",
  schema: z.strictObject({
    routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/, "must be an integration key of Events API v2, 32 letters and digits"),
    apiUrl: httpUrl.default("https://events.pagerduty.com"),
  }),
  secrets: ["routingKey"],
  settings: ["PAGERDUTY_ROUTING_KEY", "PAGERDUTY_API_URL"],
  fromSettings: ({ PAGERDUTY_ROUTING_KEY: routingKey, PAGERDUTY_API_URL: apiUrl }) =>
    routingKey ? { routingKey, apiUrl: apiUrl || undefined } : undefined,
  maxAlertsPerMessage: 1,
  takesEach: true,
  takesAcknowledgements: true,
  send: async (alerts, { routingKey, apiUrl }, context) => {
    for (const alert of alerts) {
      const body = JSON.stringify({ routing_key: routingKey, ...event(alert) });
      await postJson("pagerduty", `${apiUrl}/v2/enqueue`, body, context);
    }
  },
});

function actionOf({ kind, to }: Alert): "trigger" | "acknowledge" | "resolve" {
  if (isAcknowledgement(kind)) return "acknowledge";
  return kind === "unwatched" || (kind === "recovered" && to === "up") ? "resolve" : "trigger";
}

function event(alert: Alert) {
  const { title, reason, facts, missed } = wordingOf(alert);
  return {
    event_action: actionOf(alert),
    dedup_key: incidentKey(alert),
    client: "Server Tracker",
    ...(alert.link !== undefined && { client_url: alert.link, links: [{ href: alert.link, text: "Open" }] }),
    payload: {
      summary: cut([title, reason].filter(Boolean).join(": "), 1_024),
      source: cut(alert.target.label, 255),
      severity: SEVERITIES[traitsOf(alert).urgency],
      timestamp: new Date(alert.since).toISOString(),
      component: cut(alert.target.name, 255),
      ...(alert.target.group !== undefined && { group: alert.target.group }),
      ...(alert.error !== undefined && { class: alert.error.class }),
      custom_details: { ...Object.fromEntries(facts), ...(missed.length > 0 && { meanwhile: missed }) },
    },
  };
}
