import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { invalidField } from "../errors.ts";
import { bareHost } from "../net/bare-host.ts";
import { brokenChannel, type Channel, changesMessages, createChannel } from "../notify/channel.ts";
import { type NotifierType, notifiers } from "../notify/index.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { FieldCipher } from "../targets/field-cipher.ts";
import { managedSchema } from "../targets/managed.ts";
import { changedTexts } from "../targets/secret-fields.ts";
import { isObject } from "../text/is-object.ts";
import { MASK } from "../text/mask.ts";
import { visibleText } from "../text/visible-text.ts";
import { living } from "./living-message.ts";
import { hoursSchema, livingSchema, matchSchema, type Routing, TAKES_ALL } from "./routing.ts";

/** Channels there may be besides those of the settings. */
export const MAX_CHANNELS = 100;

const name = visibleText(100).meta({ description: "Unique among channels; case does not count." });

/** What a channel of every type has. */
export const channelCommon = {
  match: matchSchema.prefault({}).meta({ description: "Which alerts it gets of targets that name no channels themselves; left out: all." }),
  hours: hoursSchema.optional().meta({ description: "When it may be used; left out: always." }),
  paused: z.boolean().default(false).meta({ description: "Told nothing while true, and nothing of it later." }),
  digestAbove: z
    .int()
    .min(1, "must be at least 1")
    .max(1_000, "must be at most 1000")
    .default(TAKES_ALL.digestAbove)
    .meta({ description: "More alerts than this in one round become one message that counts them." }),
  living: livingSchema.default(TAKES_ALL.living).meta({
    description:
      "Of discord, telegram and slack (with botToken): edit changes the first message of an incident until it is over; both tells its end by a message besides, since a change does not ring.",
  }),
  managed: managedSchema,
};

const variants = notifiers.map((notifier) =>
  z.strictObject({ name, type: z.literal(notifier.type), settings: notifier.schema as z.ZodType<object>, ...channelCommon }),
);

/** Input of `POST /channels`: an object per type, told apart by `type`. */
export const channelInput = z.discriminatedUnion("type", variants as unknown as [(typeof variants)[0]]); // map keeps no tuple

/** What the API shows of a channel besides its configuration: read back, and never a change. */
export const SHOWN_OF_CHANNELS: ReadonlySet<string> = new Set([
  "id",
  "source",
  "version",
  "createdAt",
  "secretsDigest",
  "healthy",
  "unhealthySince",
  "error",
  "lastSentAt",
  "sent",
  "failed",
  "lastDeliveries",
]);

/** A channel that was made through the API, as it is stored: the secrets among its settings encrypted. */
export interface ChannelObject extends Routing {
  /** What targets and the ledger name it by. */
  readonly id: string;
  readonly name: string;
  readonly type: NotifierType;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where it comes from a file. */
  readonly managed?: z.output<typeof managedSchema>;
  /** Grows by one with each change; the API's ETag. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What an owner sets of one. */
export type ChannelFields = Omit<ChannelObject, "id" | "version" | "createdAt">;

/**
 * Makes input a channel that may be stored.
 * @param stored the channel it replaces, whose secrets may stand masked in `input`
 * @throws {z.ZodError} @throws {RequestError} naming each wrong field
 */
export function admitChannel(cipher: FieldCipher, input: unknown, stored?: ChannelObject): ChannelFields {
  const known = stored === undefined ? {} : readableSettings(cipher, stored);
  const { type, settings, ...routing } = channelInput.parse(unmasked(input, known));
  // What worked until now goes on: rules that came later are for what is changed.
  if (stored?.type !== type || !isDeepStrictEqual(settings, known)) requireSound(type, settings);
  const fields = { ...routing, type, settings: settings as Record<string, unknown> };
  requireChanges(fields);
  if (stored !== undefined) refuseOtherReceiver(input, fields, { type: stored.type, settings: known });
  return { ...fields, settings: mapSettingSecrets(fields, cipher.encrypt) };
}

/** @throws {z.ZodError} with what is refused of settings that are made or changed */
export function requireSound(type: NotifierType, settings: object): void {
  const found = notifiers.find((notifier) => notifier.type === type) as Notifier<NotifierType, object> | undefined; // of its own settings
  const issues = (found?.issuesOf?.(settings) ?? []).map(({ path, message }) => ({
    code: "custom" as const,
    path: ["settings", ...path],
    message,
    input: undefined,
  }));
  if (issues.length > 0) throw new z.ZodError(issues);
}

/** @throws {z.ZodError} where a channel's messages are to change, and its service changes none */
export function requireChanges({ type, settings, living }: Pick<ChannelFields, "type" | "living"> & { readonly settings: object }): void {
  if (living === "message" || changesMessages(type, settings)) return;
  const message = `must be message: ${type === "slack" ? "a webhook of slack" : type} changes no messages`;
  throw new z.ZodError([{ code: "custom", path: ["living"], message, input: living }]);
}

/** Puts what was stored where `input` shows a mask. */
function unmasked(input: unknown, known: Readonly<Record<string, unknown>>): unknown {
  if (!isObject(input) || !isObject(input["settings"])) return input;
  return { ...input, settings: unmaskedFields(input["settings"], known, "settings") };
}

function unmaskedFields(given: Readonly<Record<string, unknown>>, known: Readonly<Record<string, unknown>>, path: string): object {
  const entries = Object.entries(given).map(([name, value]) => {
    const before = known[name];
    if (isObject(value)) return [name, unmaskedFields(value, isObject(before) ? before : {}, `${path}.${name}`)];
    if (value !== MASK) return [name, value];
    if (before === undefined) throw invalidField(`${path}.${name}`, "is what hidden values are shown as: send the value itself");
    return [name, before];
  });
  return Object.fromEntries(entries);
}

/** Who may not read a secret must not have it sent to an address of their own. */
function refuseOtherReceiver(
  input: unknown,
  after: Pick<ChannelFields, "type" | "settings">,
  before: Pick<ChannelFields, "type" | "settings">,
): void {
  const given = isObject(input) && isObject(input["settings"]) ? input["settings"] : {};
  const isKept = (value: unknown) => value === MASK || (isObject(value) && Object.values(value).includes(MASK));
  const kept = Object.keys(given).find((name) => isKept(given[name]));
  if (kept === undefined || (after.type === before.type && addressesOf(after) === addressesOf(before))) return;
  throw invalidField(`settings.${kept}`, "was meant for another address: send the value again");
}

/** The host of each address among a channel's settings, by the setting's name. */
export function settingHosts(cipher: FieldCipher, channel: Pick<ChannelFields, "type" | "settings">): [name: string, host: string][] {
  return Object.entries(readableSettings(cipher, channel)).flatMap(([name, value]) => {
    const host = typeof value === "string" && /^\w+:\/\//.test(value) ? URL.parse(value)?.hostname : undefined;
    return host ? [[name, bareHost(host)]] : [];
  });
}

/** All that leads somewhere. */
function addressesOf({ settings }: Pick<ChannelFields, "settings">): string {
  return JSON.stringify(Object.entries(settings).filter(([, value]) => typeof value === "string" && /^\w+:\/\//.test(value)));
}

function secretsOf(type: NotifierType): readonly string[] {
  return notifiers.find((notifier) => notifier.type === type)?.secrets ?? [];
}

/** A channel's settings with each of the secret texts among them replaced. @param change gets the text and where it stands, such as `headers.authorization` */
export function mapSettingSecrets(
  { type, settings }: Pick<ChannelFields, "type" | "settings">,
  change: (text: string, path: string) => string,
): Readonly<Record<string, unknown>> {
  const secrets = secretsOf(type);
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, secrets.includes(name) ? changedTexts(value, name, change) : value]),
  );
}

/** None, where they were encrypted with another key: they must be sent again. */
function readableSettings(cipher: FieldCipher, channel: Pick<ChannelFields, "type" | "settings">): Readonly<Record<string, unknown>> {
  try {
    return plainSettings(cipher, channel);
  } catch {
    return {};
  }
}

/** @throws when they were encrypted with another key */
function plainSettings(cipher: FieldCipher, channel: Pick<ChannelFields, "type" | "settings">): Readonly<Record<string, unknown>> {
  return mapSettingSecrets(channel, cipher.decrypt);
}

/** Its settings as they may be shown. */
export function maskedSettings(channel: Pick<ChannelFields, "type" | "settings">): Readonly<Record<string, unknown>> {
  return mapSettingSecrets(channel, () => MASK);
}

/** Of each hidden setting, by its path, what tells whether it is the one that somebody has. */
export function settingDigests(cipher: FieldCipher, channel: Pick<ChannelFields, "type" | "settings">): Record<string, string> {
  const digests: Record<string, string> = {};
  mapSettingSecrets({ type: channel.type, settings: plainSettings(cipher, channel) }, (text, path) => {
    digests[path] = cipher.digest(text);
    return text;
  });
  return digests;
}

/** A channel with what decides what it gets. */
export interface RoutedChannel extends Channel, Routing {}

/** A channel of the settings: it takes everything. */
export function takingAll(channel: Channel): RoutedChannel {
  return { ...channel, ...TAKES_ALL };
}

/** A channel that can be sent with; one that cannot be read is there, says so, and fails what it is to send. */
export function openChannel(cipher: FieldCipher, object: ChannelObject): RoutedChannel {
  const { id, type, match, hours, paused, digestAbove } = object;
  const routing = { match, hours, paused, digestAbove, living: object.living };
  try {
    return { ...living(createChannel(id, type, plainSettings(cipher, object)), object.living), ...routing };
  } catch {
    return { ...brokenChannel(id, type, `channel ${id}: its settings cannot be read: send them again`), ...routing };
  }
}

/** An id made of a name: `On call (EU)` becomes `on-call-eu`. */
export function idOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? "channel" : slug;
}

/** What targets name a channel by. */
export const channelId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,49}$/, "must be a channel's id: small letters, digits and -");

/** Ids of the channels that settings make. */
export const RESERVED_IDS: readonly string[] = notifiers.map(({ type }) => type);

/** Where channels are kept. */
export interface ChannelStore {
  /** All, by id. */
  list(): Promise<ChannelObject[]>;
  /** @returns false when the id is taken */
  create(channel: ChannelObject): Promise<boolean>;
  /** @returns false when the stored one is not of the version before */
  replace(channel: ChannelObject): Promise<boolean>;
  /** @returns what it was */
  remove(id: string): Promise<ChannelObject | undefined>;
}
