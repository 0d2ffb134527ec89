import * as z from "zod";
import { SettingError } from "../errors.ts";
import { withoutUndefined } from "../text/without-undefined.ts";
import { type NotifierType, notifiers } from "./index.ts";
import { type Alert, DeliveryError, type NotifyContext } from "./notifier.ts";

/** A notifier with its configuration, under the id that targets and the ledger name it by. */
export interface Channel {
  readonly id: string;
  readonly type: NotifierType;
  readonly maxAlertsPerMessage: number;
  /** It is told of each target, however many there are. */
  readonly takesEach: boolean;
  /** It has incidents of its own, which can be acknowledged. */
  readonly takesAcknowledgements?: true;
  /** And what is given back. */
  readonly takesBack?: true;
  /** What is wrong with its settings: nothing can be sent. */
  readonly problem?: string;
  /** @throws {DeliveryError} */
  readonly send: (alerts: readonly Alert[], context: NotifyContext) => Promise<void>;
  /** Makes a message that it sent tell another alert, where the service can. @returns false when it is gone @throws {DeliveryError} */
  readonly edit?: (message: string, alert: Alert, context: NotifyContext) => Promise<boolean>;
  /** Whether the first message of an incident is to be changed by what comes after. */
  readonly livesOn?: true;
}

/**
 * Makes a channel from a configuration.
 * @throws {SettingError} naming the channel's wrong field, never its value, which may be a secret
 */
export function createChannel(id: string, type: NotifierType, config: unknown): Channel {
  const notifier = notifiers.find((candidate) => candidate.type === type);
  if (notifier === undefined) throw new SettingError(`channel ${id}: there is no notifier "${type}"`);
  const parsed = notifier.schema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingError(`channel ${id}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is wrong"}`);
  }
  // The schema of the same notifier made this configuration, which TypeScript cannot follow through a list.
  const most = notifier.maxAlertsPerMessage as number | ((config: unknown) => number);
  const send = notifier.send as (alerts: readonly Alert[], config: unknown, context: NotifyContext) => Promise<void>;
  const edit = (changesMessages(type, parsed.data) && "edit" in notifier ? notifier.edit : undefined) as
    | ((message: string, alert: Alert, config: unknown, context: NotifyContext) => Promise<boolean>)
    | undefined;
  return {
    id,
    type,
    maxAlertsPerMessage: typeof most === "function" ? most(parsed.data) : most,
    takesEach: "takesEach" in notifier,
    ...("takesAcknowledgements" in notifier && { takesAcknowledgements: true }),
    ...("takesBack" in notifier && { takesBack: true }),
    send: (alerts, context) => send(alerts, parsed.data, context),
    ...(edit && { edit: (message, alert, context) => edit(message, alert, parsed.data, context) }),
  };
}

/** Whether a channel of a type can change what it sent. @param settings as the type's schema made them */
export function changesMessages(type: NotifierType, settings: object): boolean {
  const notifier = notifiers.find((candidate) => candidate.type === type);
  if (notifier === undefined || !("edit" in notifier)) return false;
  return "canEdit" in notifier ? (notifier.canEdit as (settings: object) => boolean)(settings) : true; // of the same notifier
}

/** Settings of the process that make channels: those that the notifiers name. */
export const channelSettings = Object.fromEntries(
  notifiers.flatMap(({ settings }) => settings.map((name) => [name, z.string().optional()])),
) as Record<(typeof notifiers)[number]["settings"][number], z.ZodOptional<z.ZodString>>; // fromEntries forgets the names

/** Their names: what of the owner's secrets who sends alerts reads. */
export const CHANNEL_SECRETS: readonly string[] = Object.keys(channelSettings);

/**
 * One channel per notifier that the settings name, its id being the notifier's type.
 * @param env a parsed environment whose schema includes {@link channelSettings}
 * @throws {SettingError}
 */
export function channelsFromSettings(env: Readonly<Record<string, unknown>>): Channel[] {
  return notifiers.flatMap(({ type, settings, fromSettings }) => {
    const config = fromSettings(Object.fromEntries(settings.map((name) => [name, textOf(env[name])])));
    return config === undefined ? [] : [createChannel(type, type, withoutUndefined(config))];
  });
}

/**
 * The same for a deployment, whose settings change while it runs: one wrong webhook must not stop API and rounds. A
 * channel with wrong settings is there, says so, and fails what it is to send.
 */
export function usableChannels(env: Readonly<Record<string, unknown>>): Channel[] {
  return notifiers.flatMap((notifier) => {
    const own = Object.fromEntries(notifier.settings.map((name) => [name, env[name]]));
    try {
      return channelsFromSettings(own);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      return [brokenChannel(notifier.type, notifier.type, error.message)];
    }
  });
}

/** A channel that is there, says what is wrong with it, and fails what it is to send. */
export function brokenChannel(id: string, type: NotifierType, problem: string): Channel {
  const send = async () => {
    throw new DeliveryError(problem, { permanent: true });
  };
  return { id, type, maxAlertsPerMessage: 50, takesEach: false, problem, send };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
