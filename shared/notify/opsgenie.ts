import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { isAcknowledgement, isGivenBack, type Urgency } from "../status/alert-kinds.ts";
import { incidentKey } from "./incident-key.ts";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, plainText, traitsOf, wordingOf } from "./wording.ts";

const PRIORITIES: Readonly<Record<Urgency, string>> = { critical: "P1", warning: "P3", good: "P5", info: "P5" };

/** Opsgenie: a down opens an alert, who takes care of it here does so there, the recovery closes it. https://docs.opsgenie.com/docs/alert-api */
export const opsgenieNotifier = defineNotifier({
  type: "opsgenie",
  schema: z.strictObject({
    apiKey: z.string().regex(/^[A-Za-z0-9-]{20,64}$/, "must be the key of an API integration"),
    apiUrl: httpUrl.default("https://api.opsgenie.com"),
  }),
  secrets: ["apiKey"],
  settings: ["OPSGENIE_API_KEY", "OPSGENIE_API_URL"],
  fromSettings: ({ OPSGENIE_API_KEY: apiKey, OPSGENIE_API_URL: apiUrl }) => (apiKey ? { apiKey, apiUrl: apiUrl || undefined } : undefined),
  maxAlertsPerMessage: 1,
  takesEach: true,
  takesAcknowledgements: true,
  takesBack: true,
  send: async (alerts, { apiKey, apiUrl }, context) => {
    for (const alert of alerts) {
      const alias = incidentKey(alert);
      const action = actionOf(alert);
      const path = action === undefined ? "/v2/alerts" : `/v2/alerts/${encodeURIComponent(alias)}/${action}?identifierType=alias`;
      const body = action !== undefined ? { source: "Server Tracker", note: plainText(alert, 25_000) } : opened(alert, alias);
      await postJson("opsgenie", `${apiUrl}${path}`, JSON.stringify(body), context, { authorization: `GenieKey ${apiKey}` });
    }
  },
});

/** What is done to an alert that is there; `undefined` opens one. */
function actionOf({ kind, to }: Alert): "acknowledge" | "unacknowledge" | "close" | undefined {
  if (isAcknowledgement(kind)) return "acknowledge";
  if (isGivenBack(kind)) return "unacknowledge";
  return kind === "unwatched" || (kind === "recovered" && to === "up") ? "close" : undefined;
}

function opened(alert: Alert, alias: string) {
  const { title, facts } = wordingOf(alert);
  return {
    message: cut(title, 130),
    alias,
    description: plainText(alert, 15_000),
    priority: PRIORITIES[traitsOf(alert).urgency],
    source: "Server Tracker",
    entity: cut(alert.target.label, 512),
    tags: alert.target.tags.slice(0, 20).map((tag) => cut(tag, 50)),
    details: Object.fromEntries(facts.map(([label, value]) => [label, cut(value, 1_000)])),
  };
}
