import * as z from "zod";
import {
  admitChannel,
  type ChannelFields,
  type ChannelObject,
  channelId,
  channelInput,
  idOf,
  MAX_CHANNELS,
  maskedSettings,
  openChannel,
  RESERVED_IDS,
  SHOWN_OF_CHANNELS,
  settingDigests,
  settingHosts,
} from "../../../shared/alert/channel-object.ts";
import { sendTest } from "../../../shared/alert/send-test.ts";
import { invalidField, RequestError } from "../../../shared/errors.ts";
import { type DeliveryOutcome, OUTCOME_CODES } from "../../../shared/log/codes.ts";
import { isAddressLike } from "../../../shared/net/is-address-like.ts";
import { requireVersion } from "../../../shared/require-version.ts";
import { EVENT_CODES, type EventKind } from "../../../shared/status/alert-kinds.ts";
import { requireTargets } from "../../../shared/targets/require-targets.ts";
import { mergePatch } from "../../../shared/text/merge-patch.ts";
import { withoutUndefined } from "../../../shared/text/without-undefined.ts";
import { askLog } from "../ask-log.ts";
import { type ApiDeps, defineRoute, type Route } from "../route.ts";
import { versionsOf } from "../target-view.ts";
import { targetRef } from "./history.ts";

const idParam = z.object({ id: channelId });

const channelView = z
  .looseObject({
    id: z.string().meta({ description: "What targets name it by." }),
    name: z.string(),
    type: z.string(),
    source: z.enum(["settings", "api"]).meta({ description: "Where it is configured: those of the settings are changed there." }),
    healthy: z.boolean(),
    unhealthySince: z.iso.datetime().nullable(),
    error: z.string().nullable(),
    lastSentAt: z.iso.datetime().nullable().meta({ description: "Of the last week." }),
    sent: z.int().nullable().meta({ description: "Alerts that it took within the last week; null while the log is away." }),
    failed: z.int().nullable().meta({ description: "Alerts of the last week that it never will take." }),
    lastDeliveries: z
      .array(
        z.object({
          at: z.iso.datetime().meta({ description: "When the channel was asked last." }),
          target: targetRef,
          kind: z.enum(Object.keys(EVENT_CODES) as EventKind[]),
          to: z.string().meta({ description: "The status that is told." }),
          outcome: z.enum(Object.keys(OUTCOME_CODES) as DeliveryOutcome[]),
          error: z.string().nullable(),
        }),
      )
      .meta({ description: "The last five of the week, the newest first." }),
  })
  .meta({
    id: "Channel",
    description: "One that was made here has the fields of its input besides; what is secret of its settings is masked.",
  });

const body = z.record(z.string(), z.unknown(), "the body must be a JSON object");

/** What is shown of a channel's configuration. */
function configOf(channel: ChannelObject, { cipher }: Pick<ApiDeps, "cipher">): Record<string, unknown> {
  return { ...withoutUndefined(channel), settings: maskedSettings(channel), ...digestsOf(channel, cipher) };
}

function digestsOf(channel: ChannelObject, cipher: ApiDeps["cipher"]): { secretsDigest?: Record<string, string> } {
  try {
    return { secretsDigest: settingDigests(cipher, channel) };
  } catch {
    return {}; // encrypted with another key: the channel says so itself
  }
}

const listChannels = defineRoute({
  method: "GET",
  path: "/channels",
  id: "listChannels",
  summary: "Where alerts go, and whether they arrive",
  tag: "Channels",
  access: "viewer",
  responses: {
    200: {
      description: "Channels of the deployment's settings, then those that were made here.",
      schema: z.object({ items: z.array(channelView) }),
    },
  },
  async handle(deps) {
    const [objects, unhealthy, use] = await Promise.all([
      deps.channelStore.list(),
      deps.channelHealth.unhealthy(),
      askLog(deps, () => deps.overview.channelUse(new Date(deps.clock.now()).toISOString())),
    ]);
    const stateOf = (id: string, problem: string | undefined) => {
      const health = unhealthy.find(({ channel }) => channel === id);
      const used = use?.find(({ channel }) => channel === id);
      return {
        healthy: health === undefined && problem === undefined,
        unhealthySince: health ? new Date(health.unhealthySince).toISOString() : null,
        error: problem ?? health?.error ?? null,
        lastSentAt: used?.lastSentAt ?? null,
        sent: use && (used?.sent ?? 0),
        failed: use && (used?.failed ?? 0),
        lastDeliveries: [...(used?.last ?? [])],
      };
    };
    const items = [
      ...deps.settingChannels.map(({ id, type, problem }) => ({ id, name: id, type, source: "settings", ...stateOf(id, problem) })),
      ...objects.map((object) => ({
        ...configOf(object, deps),
        source: "api",
        ...stateOf(object.id, openChannel(deps.cipher, object).problem),
      })),
    ];
    return { status: 200, body: { items: items.map((item) => ({ ...item, sent: item.sent ?? null, failed: item.failed ?? null })) } };
  },
});

const changedView = z.looseObject({ id: z.string(), name: z.string(), type: z.string(), version: z.int() }).meta({ id: "ChannelConfig" });

const createChannel = defineRoute({
  method: "POST",
  path: "/channels",
  id: "createChannel",
  summary: "Make a channel",
  tag: "Channels",
  access: "editor",
  body,
  bodyDoc: channelInput,
  responses: { 201: { description: "It gets alerts from the next one on; try it with /channels/{id}/test.", schema: changedView } },
  async handle(deps, { body: { id: wanted, ...input }, baseUrl }) {
    const fields = admitChannel(deps.cipher, input);
    await requireReachable(deps, fields);
    const others = await deps.channelStore.list();
    if (others.length >= MAX_CHANNELS) {
      throw new RequestError("conflict", `There are ${MAX_CHANNELS} channels, as many as may be: delete those that are not used.`);
    }
    requireFreeName(fields, others);
    const id = wanted === undefined ? freeId(fields.name, others) : requireFreeId(wanted, others);
    const channel: ChannelObject = { id, version: 1, createdAt: new Date(deps.clock.now()).toISOString(), ...fields };
    if (!(await deps.channelNames.claim(fields.name, id))) throw nameTaken("another, which is being made");
    if (!(await deps.channelStore.create(channel))) {
      await releaseUnlessHeld(deps, fields.name, id);
      throw new RequestError("conflict", `There is a channel "${id}" already.`);
    }
    const view = configOf(channel, deps);
    return {
      status: 201,
      headers: { location: `${baseUrl}/channels`, etag: `"${channel.version}"` },
      body: view,
      change: { what: `channel:${id}`, after: view },
    };
  },
});

/**
 * A channel is for targets that are there, at an address that may be called. What stood there already is no reason to refuse
 * another change.
 * @throws {RequestError} naming the field
 */
async function requireReachable(
  { cipher, guard, targets }: Pick<ApiDeps, "cipher" | "guard" | "targets">,
  fields: ChannelFields,
  before?: ChannelFields,
): Promise<void> {
  await requireTargets(targets, "match.targets", fields.match.targets, before?.match.targets);
  const known = new Set(before === undefined ? [] : settingHosts(cipher, before).map(([, host]) => host));
  for (const [path, host] of settingHosts(cipher, fields)) {
    const refusal = isAddressLike(host) && !known.has(host) ? guard.refuses(host) : undefined;
    if (refusal !== undefined) throw invalidField(`settings.${path}`, refusal);
  }
}

function requireFreeName({ name }: Pick<ChannelFields, "name">, others: readonly ChannelObject[]): void {
  const same = others.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (same !== undefined) throw nameTaken(same.id);
}

function nameTaken(by: string): RequestError {
  const message = `There is a channel with this name already: ${by}.`;
  return new RequestError("conflict", message, { fields: [{ field: "name", message: "is another channel's: choose another" }] });
}

/** Gives a name back that was claimed in vain; another request of the same may have it by now. */
async function releaseUnlessHeld({ channelStore, channelNames }: ApiDeps, name: string, id: string): Promise<void> {
  const isHeld = (await channelStore.list()).some((channel) => channel.id === id && channel.name.toLowerCase() === name.toLowerCase());
  if (!isHeld) await channelNames.release(name, id);
}

function requireFreeId(wanted: unknown, others: readonly ChannelObject[]): string {
  const { success, data: id } = channelId.safeParse(wanted);
  if (!success) throw invalidField("id", "must be small letters, digits and -, 50 at most");
  if (RESERVED_IDS.includes(id)) throw invalidField("id", "is what the channel of the deployment's settings is called: choose another");
  if (others.some((other) => other.id === id)) throw new RequestError("conflict", `There is a channel "${id}" already.`);
  return id;
}

function freeId(name: string, others: readonly ChannelObject[]): string {
  const stem = idOf(name);
  const taken = new Set([...RESERVED_IDS, ...others.map(({ id }) => id)]);
  for (let number = 1; ; number++) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (!taken.has(id)) return id;
  }
}

const updateChannel = defineRoute({
  method: "PATCH",
  path: "/channels/{id}",
  id: "updateChannel",
  summary: "Change a channel (JSON merge patch; null removes a field, a masked setting stays)",
  tag: "Channels",
  access: "editor",
  params: idParam,
  body,
  bodyDoc: z.looseObject({}).meta({ description: "Any fields of a channel.", examples: [{ paused: true }] }),
  responses: { 200: { description: "The channel as it is now.", schema: changedView } },
  async handle(deps, { params, body: patch, headers }) {
    const others = await deps.channelStore.list();
    const before = requireObject(deps, params.id, others);
    requireVersion("The channel", before.version, versionsOf(headers["if-match"]));
    const { id: _id, version: _version, createdAt: _createdAt, ...fields } = before;
    const known = { ...withoutUndefined(fields), settings: maskedSettings(before) };
    const changes = Object.fromEntries(Object.entries(patch).filter(([field]) => !SHOWN_OF_CHANNELS.has(field)));
    // Another service has other settings.
    const isOther = changes["type"] !== undefined && changes["type"] !== before.type;
    const merged = mergePatch(isOther ? { ...known, settings: {} } : known, changes);
    const after: ChannelObject = {
      id: before.id,
      createdAt: before.createdAt,
      version: before.version + 1,
      ...admitChannel(deps.cipher, merged, before),
    };
    await requireReachable(deps, after, before);
    requireFreeName(
      after,
      others.filter(({ id }) => id !== before.id),
    );
    const isRenamed = after.name.toLowerCase() !== before.name.toLowerCase();
    if (isRenamed && !(await deps.channelNames.claim(after.name, after.id))) throw nameTaken("another, which is being made");
    if (!(await deps.channelStore.replace(after))) {
      if (isRenamed) await releaseUnlessHeld(deps, after.name, after.id);
      throw new RequestError("conflict", "The channel was changed by somebody else: read it again.");
    }
    if (isRenamed) await deps.channelNames.release(before.name, before.id);
    const view = configOf(after, deps);
    return {
      status: 200,
      headers: { etag: `"${after.version}"` },
      body: view,
      change: { what: `channel:${after.id}`, before: configOf(before, deps), after: view },
    };
  },
});

function requireObject({ settingChannels }: ApiDeps, id: string, objects: readonly ChannelObject[]): ChannelObject {
  const found = objects.find((object) => object.id === id);
  if (found !== undefined) return found;
  if (settingChannels.some((channel) => channel.id === id)) {
    throw new RequestError("conflict", `The channel "${id}" comes from the deployment's settings: change it there.`);
  }
  throw new RequestError("not-found", `There is no channel "${id}".`);
}

const deleteChannel = defineRoute({
  method: "DELETE",
  path: "/channels/{id}",
  id: "deleteChannel",
  summary: "Remove a channel; what it was to be told fails, loudly, where a target names it",
  tag: "Channels",
  access: "editor",
  params: idParam,
  responses: { 204: { description: "Removed." } },
  async handle(deps, { params, headers }) {
    const before = requireObject(deps, params.id, await deps.channelStore.list());
    requireVersion("The channel", before.version, versionsOf(headers["if-match"]));
    await deps.channelStore.remove(before.id);
    await deps.channelNames.release(before.name, before.id);
    await deps.channelHealth.markHealthy(before.id);
    return { status: 204, change: { what: `channel:${before.id}`, before: configOf(before, deps) } };
  },
});

const testChannel = defineRoute({
  method: "POST",
  path: "/channels/{id}/test",
  id: "testChannel",
  summary: "Send a message that says it is a test, and answer what the service said",
  tag: "Channels",
  access: "editor",
  params: idParam,
  responses: {
    200: {
      description: "Whether it was taken.",
      schema: z.object({
        delivered: z.boolean(),
        error: z.string().nullable().meta({ description: "What the service said, or why it was not asked." }),
        permanent: z.boolean().meta({ description: "Whether trying again is of no use." }),
      }),
    },
  },
  async handle(deps, { params }) {
    const setting = deps.settingChannels.find(({ id }) => id === params.id);
    const channel = setting ?? openChannel(deps.cipher, requireObject(deps, params.id, await deps.channelStore.list()));
    const outcome = await sendTest(deps, channel);
    return { status: 200, body: outcome, change: { what: `channel:${channel.id}`, after: outcome } };
  },
});

/** Channels: where alerts go. */
export const channelRoutes: readonly Route[] = [listChannels, createChannel, updateChannel, deleteChannel, testChannel];
