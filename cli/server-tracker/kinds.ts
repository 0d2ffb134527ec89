import * as z from "zod";
import {
  channelCommon,
  channelId,
  channelInput,
  mapSettingSecrets,
  RESERVED_IDS,
  requireChanges,
  requireSound,
  SHOWN_OF_CHANNELS,
} from "../../shared/alert/channel-object.ts";
import { maintenanceInput, parseMaintenance, SHOWN_OF_WINDOWS } from "../../shared/alert/maintenance.ts";
import { checkTypeOf } from "../../shared/check/check-config.ts";
import { refusesAnywhere } from "../../shared/net/address-guard.ts";
import { isAddressLike } from "../../shared/net/is-address-like.ts";
import { notifiers } from "../../shared/notify/index.ts";
import { SHOWN_OF_PAGES, statusPageInput } from "../../shared/page/status-page.ts";
import { mapSecrets } from "../../shared/targets/secret-fields.ts";
import { SHOWN_FIELDS } from "../../shared/targets/shown-fields.ts";
import { configShapes, parseTargetConfig, type TargetConfig, targetInputDoc } from "../../shared/targets/target.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { stableUuid } from "../../shared/text/stable-uuid.ts";

type Fields = Readonly<Record<string, unknown>>;
type Change = (text: string, path: string) => string;

/** A kind of thing that files describe. */
export interface Kind {
  /** The map in a file that holds things of it. */
  readonly field: "channels" | "targets" | "maintenance" | "statusPages";
  /** Its route in the API. */
  readonly path: string;
  /** What people call one, for `1 channel`. */
  readonly noun: string;
  /** How the audit names one before its id, a change and a deletion of it. */
  readonly audit: { readonly what: string; readonly action: string; readonly deletion: string };
  /** The field that is the key itself, where the API has names of its own choosing. */
  readonly keyField?: "id" | "slug";
  /** What a thing is shown as. */
  readonly titleField: "name" | "title";
  /** The input's schema, for editors. */
  readonly schema: z.ZodType;
  /** What the API makes of input, in which targets are named by ids. @throws {z.ZodError} */
  parse(input: Fields, roundSeconds: number): Fields;
  /** The same of what the API shows, where masked secrets could not be judged. @throws {z.ZodError} */
  parseShown?(view: Fields): Fields;
  /** What the API shows, without what is as it comes deep in it, where only the kind knows that. */
  trimmed?(view: Fields): Fields;
  /** Whether what the API shows is over, and no thing of a file any more. */
  isOver?(view: Fields): boolean;
  /** Fields that the API adds when it shows one. */
  readonly shown: ReadonlySet<string>;
  /** Where it names targets, for messages. */
  readonly targetsField: string;
  /** The same with each reference to a target replaced; whatever else stands there stays. */
  mapTargets(fields: Fields, change: (ref: string) => string): Fields;
  /** The same with each secret text replaced. */
  mapSecrets(config: Fields, change: Change): Fields;
  /** Of what the API shows, by the paths of {@link mapSecrets}. */
  digestsOf(view: Fields): Fields;
  /** Whether a change sends its secrets to somebody else: the API wants them again then. @param change merge patch without them */
  goesElsewhere(before: Fields, after: Fields, change: Fields): boolean;
}

const channelFields = z.looseObject(channelCommon);

/** Settings of a channel without those that are as they come. */
function chosenSettings(type: unknown, settings: unknown): unknown {
  const { shape } = (notifiers.find((notifier) => notifier.type === type)?.schema ?? {}) as { shape?: Record<string, z.ZodType> }; // an object's schema
  if (!isObject(settings) || shape === undefined) return settings;
  const isDefault = (name: string, value: unknown) => {
    const made = shape[name]?.safeParse(undefined);
    return made?.success === true && JSON.stringify(made.data) === JSON.stringify(value);
  };
  return Object.fromEntries(Object.entries(settings).filter(([name, value]) => !isDefault(name, value)));
}

const noSecrets = { mapSecrets: (config: Fields) => config, digestsOf: () => ({}), goesElsewhere: () => false };

/** A list in which texts are references. */
function mapRefs(list: unknown, change: (ref: string) => string): unknown {
  return Array.isArray(list) ? list.map((ref: unknown) => (typeof ref === "string" ? change(ref) : ref)) : list;
}

function withRefs(fields: Fields, name: string, change: (ref: string) => string): Fields {
  return fields[name] === undefined ? fields : { ...fields, [name]: mapRefs(fields[name], change) };
}

const channels: Kind = {
  field: "channels",
  path: "/channels",
  noun: "channel",
  audit: { what: "channel", action: "updateChannel", deletion: "deleteChannel" },
  keyField: "id",
  titleField: "name",
  schema: channelInput,
  parse({ id, ...input }) {
    const key = channelId.refine((text) => !RESERVED_IDS.includes(text), "is what the channel of the deployment's settings is called");
    key.parse(id);
    const channel = channelInput.parse(input);
    requireSound(channel.type, channel.settings);
    requireChanges(channel);
    return channel;
  },
  parseShown: (view) => channelFields.parse(view),
  trimmed: (view) => ({ ...view, settings: chosenSettings(view["type"], view["settings"]) }),
  shown: SHOWN_OF_CHANNELS,
  targetsField: "match.targets",
  mapTargets: (fields, change) => (isObject(fields["match"]) ? { ...fields, match: withRefs(fields["match"], "targets", change) } : fields),
  mapSecrets: (config, change) => ({
    ...config,
    // Of a channel that was judged.
    settings: mapSettingSecrets(config as unknown as Parameters<typeof mapSettingSecrets>[0], (text, path) =>
      change(text, `settings.${path}`),
    ),
  }),
  digestsOf: ({ secretsDigest }) =>
    isObject(secretsDigest) ? Object.fromEntries(Object.entries(secretsDigest).map(([path, digest]) => [`settings.${path}`, digest])) : {},
  // Its address may be a secret itself.
  goesElsewhere: (_before, _after, change) => isObject(change["settings"]),
};

const targets: Kind = {
  field: "targets",
  path: "/targets",
  noun: "target",
  audit: { what: "target", action: "updateTarget", deletion: "deleteTarget" },
  titleField: "name",
  schema: targetInputDoc,
  parse(input, roundSeconds) {
    const config = parseTargetConfig(input, roundSeconds);
    const issues = (checkTypeOf(config).reaches?.(config) ?? []).flatMap(({ host, hostField }) => {
      const refusal = isAddressLike(host) ? refusesAnywhere(host) : undefined;
      return refusal === undefined ? [] : [{ code: "custom" as const, path: hostField.split("."), message: refusal, input: config }];
    });
    if (issues.length > 0) throw new z.ZodError(issues);
    return config as unknown as Fields; // its fields
  },
  shown: SHOWN_FIELDS,
  targetsField: "dependsOn",
  mapTargets: (fields, change) => withRefs(fields, "dependsOn", change),
  mapSecrets: (config, change) => mapSecrets(config as unknown as TargetConfig, change) as unknown as Fields, // of a target that was judged
  digestsOf: ({ secretsDigest }) => (isObject(secretsDigest) ? secretsDigest : {}),
  goesElsewhere(before, after) {
    const receiverOf = (fields: Fields) => {
      const config = fields as unknown as TargetConfig; // of a target that was judged, here or by the API
      return checkTypeOf(config).secretsGoTo?.(config);
    };
    return receiverOf(before) !== receiverOf(after);
  },
};

const maintenance: Kind = {
  field: "maintenance",
  path: "/maintenance",
  noun: "maintenance window",
  audit: { what: "maintenance", action: "updateMaintenance", deletion: "deleteMaintenance" },
  titleField: "name",
  schema: maintenanceInput,
  parse: (input) => parseMaintenance(input),
  isOver: ({ next }) => next === null,
  shown: SHOWN_OF_WINDOWS,
  targetsField: "targets",
  mapTargets: (fields, change) => withRefs(fields, "targets", change),
  ...noSecrets,
};

const statusPages: Kind = {
  field: "statusPages",
  path: "/status-pages",
  noun: "status page",
  audit: { what: "status-page", action: "updateStatusPage", deletion: "deleteStatusPage" },
  keyField: "slug",
  titleField: "title",
  schema: statusPageInput,
  parse: (input) => statusPageInput.parse(input),
  shown: SHOWN_OF_PAGES,
  targetsField: "sections",
  mapTargets(fields, change) {
    const { sections } = fields;
    if (!Array.isArray(sections)) return fields;
    // In a file a target may stand there as its key alone.
    const shownOf = (shown: unknown) => {
      if (typeof shown === "string") return { id: change(shown) };
      return isObject(shown) && typeof shown["id"] === "string" ? { ...shown, id: change(shown["id"]) } : shown;
    };
    const sectionOf = (section: unknown) =>
      isObject(section) && Array.isArray(section["targets"]) ? { ...section, targets: section["targets"].map(shownOf) } : section;
    return { ...fields, sections: sections.map(sectionOf) };
  },
  ...noSecrets,
};

/** What files describe, in the order in which files name it. */
export const KINDS: readonly Kind[] = [channels, targets, maintenance, statusPages];

/** Every field that a target of a file may have, of whatever type. */
export const TARGET_FIELDS: ReadonlySet<string> = new Set(
  Object.values(configShapes)
    .flatMap(Object.keys)
    .filter((field) => field !== "managed"),
);

/** @throws {Error} for a name that a saved plan of another release has */
export function kindOf(field: string): Kind {
  const found = KINDS.find((kind) => kind.field === field);
  if (found === undefined) throw new Error(`this release knows no ${field}`);
  return found;
}

/** How a thing is called in messages: as in its file, and a target by its key alone. */
export function labelOf({ field }: Kind, key: string): string {
  return field === "targets" ? key : `${field}.${key}`;
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a reference is a target's id, and not a key. */
export function isId(ref: string): boolean {
  return ID.test(ref);
}

/** What stands for the id of a target that a file names by its key, while its input is judged. */
export function placeholderId(key: string): string {
  return stableUuid(key);
}
