import { channelOf } from "./channels.ts";
import { toldNobody } from "./remarks.ts";
import { durationMs, fitReminder, flagOf, isOff, listOf, numberOf, objectOf, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** Gatus' defaults. Source: TwiN/gatus, alerting/alert/alert.go. */
const FAILURE_THRESHOLD = 3;
const SUCCESS_THRESHOLD = 2;
const MAX_THRESHOLD = 20;

/** Providers by their kind, with the prefix of the places in the file that configures them. */
export type GatusAlerting = ReadonlyMap<string, { readonly settings: Record<string, unknown>; readonly prefix: string }>;

/** An alert of an endpoint, its provider's defaults filled in. */
interface Alert {
  readonly own: Record<string, unknown>;
  readonly whole: Record<string, unknown>;
  readonly kind: string;
  readonly place: string;
  /** Of the places of its provider. */
  readonly prefix: string;
}

/** Whom an endpoint told, and after how many results. @param prefix of places in its own file */
export function toldBy(
  fields: Record<string, unknown>,
  place: string,
  { alerting, prefix, warnings }: { alerting: GatusAlerting; prefix: string; warnings: Warnings },
): Record<string, unknown> {
  const alerts = listOf(fields["alerts"])
    .map((alert, index): Alert => {
      const own = objectOf(alert);
      const kind = textOf(own["type"]) ?? "";
      const provider = alerting.get(kind);
      const whole = { ...objectOf(provider?.settings["default-alert"]), ...own };
      return { own, whole, kind, place: `${place}.alerts[${index}]`, prefix: provider?.prefix ?? prefix };
    })
    .filter(({ whole }) => !isOff(whole["enabled"]));
  if (alerts.length === 0) {
    toldNobody(warnings, place);
    return { channels: [] };
  }
  for (const alert of alerts) {
    remark(alert, warnings);
    const overrides = listOf(alerting.get(alert.kind)?.settings["overrides"]);
    if (overrides.length > 0)
      warnings.add(
        "changed",
        "channels-merged",
        `${alert.prefix}alerting.${alert.kind}.overrides`,
        "groups with a channel of their own share one",
      );
  }
  const least = (field: string, fallback: number) => {
    const wanted = Math.max(1, Math.min(...alerts.map(({ whole }) => numberOf(whole[field]) ?? fallback)));
    if (wanted > MAX_THRESHOLD) warnings.add("changed", "threshold", place, `a ${field} of ${wanted} becomes ${MAX_THRESHOLD}`);
    return Math.min(MAX_THRESHOLD, wanted);
  };
  const channels = new Set(alerts.flatMap((alert) => channel(alert, warnings) ?? []));
  return {
    failureThreshold: least("failure-threshold", FAILURE_THRESHOLD),
    successThreshold: least("success-threshold", SUCCESS_THRESHOLD),
    ...remindsOf(alerts),
    // None that we have: left out, which is all.
    ...(channels.size > 0 && { channels: [...channels] }),
  };
}

function channel({ kind, prefix }: Alert, warnings: Warnings): string | undefined {
  const found = channelOf(kind);
  const place = `${prefix}alerting.${kind}`;
  if (found === undefined) warnings.add("lost", "channels", place, `${kind} is no channel here`);
  else warnings.add("todo", "channels", place, `${kind}: set ${found.settings} in the deployment`);
  return found?.id;
}

function remark({ own, whole, place }: Alert, warnings: Warnings): void {
  if (own["provider-override"] !== undefined)
    warnings.add("changed", "channels-merged", `${place}.provider-override`, "an alert with a channel of its own shares the usual one");
  if (whole["description"] !== undefined) {
    warnings.add("lost", "alert-description", place, "alerts say why in the check's own words, not in these");
  }
  if (!flagOf(whole["send-on-resolved"])) {
    warnings.add("changed", "recovery-told", place, "a recovery is told, too: whoever heard of a down hears of its end");
  }
  const reminder = durationMs(whole["minimum-reminder-interval"]);
  if (reminder !== undefined && reminder > 0 && fitReminder(reminder) !== reminder / 1_000)
    warnings.add("changed", "reminder", place, `a reminder every ${reminder / 1_000} s becomes one every ${fitReminder(reminder)} s`);
}

/** The shortest time after which one of the alerts is told again. */
function remindsOf(alerts: readonly Alert[]): { remindEverySeconds?: number } {
  const reminders = alerts.flatMap(({ whole }) => durationMs(whole["minimum-reminder-interval"]) ?? []).filter((ms) => ms > 0);
  return reminders.length === 0 ? {} : { remindEverySeconds: fitReminder(Math.min(...reminders)) };
}
