import { isDeepStrictEqual } from "node:util";
import { checkTypeOf } from "../check/check-config.ts";
import { invalidField } from "../errors.ts";
import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import { requireVersion } from "../require-version.ts";
import { isObject } from "../text/is-object.ts";
import { mergePatch } from "../text/merge-patch.ts";
import type { Clock } from "../time/clock.ts";
import { type AdmissionDeps, admitConfig, noteDependencies, requireDependencies } from "./admit-config.ts";
import type { FormerKeys } from "./former-keys.ts";
import { pauseCommit } from "./pause-target.ts";
import { spoolKey } from "./register-target.ts";
import { requireTarget } from "./require-target.ts";
import { changedSecrets, masked } from "./seal-secrets.ts";
import { configShapes, type Target, type TargetConfig } from "./target.ts";
import { targetRow } from "./target-row.ts";
import { type TargetReader, type TargetRegistry, VersionConflictError } from "./target-store.ts";

export interface ChangeTargetDeps extends AdmissionDeps, Recorder {
  readonly targets: Pick<TargetReader, "get" | "list"> & Pick<TargetRegistry, "updateConfig">;
  readonly formerKeys: Pick<FormerKeys, "claim" | "release">;
  readonly clock: Clock;
}

/** A change of a target: what it was and what it is. */
export interface TargetChange {
  readonly before: Target;
  readonly after: Target;
  /** Where secrets were written anew, such as `headers.authorization`. */
  readonly secretsChanged: readonly string[];
}

const MAX_MERGE_ATTEMPTS = 20;

/**
 * Changes a target's configuration, pausing and resuming included.
 * @param patch JSON merge patch (RFC 7396): null removes a field, a masked secret changes nothing
 * @param versions of the configuration that the caller takes; when left out the caller wants the merge, whoever else
 *   changed the target meanwhile
 * @throws {z.ZodError} @throws {RequestError} @throws {NameTakenError} @throws {VersionConflictError}
 */
export async function changeTarget(
  deps: ChangeTargetDeps,
  id: string,
  patch: unknown,
  versions: readonly number[] | undefined,
): Promise<TargetChange> {
  for (let attempt = 1; ; attempt++) {
    const before = await requireTarget(deps.targets, id);
    requireVersion("The target", before.configVersion, versions);
    const config = await patchedConfig(deps, before.config, patch);
    const { dependsOn } = before.config;
    if (!isDeepStrictEqual(config.dependsOn, dependsOn)) await requireDependencies(deps.targets, config, id, dependsOn);
    const began = deps.clock.now();
    await deps.formerKeys.claim(config, id);
    try {
      const after = await deps.targets.updateConfig(before, config, pauseCommit(before, config, deps.clock.now()));
      await deps.formerKeys.release(before.config, id, began, config);
      await noteDependencies(deps.targets, after, dependsOn);
      await record(deps, spoolKey(after, deps.clock.now()), batch("target", [targetRow(after)]));
      return { before, after, secretsChanged: changedSecrets(before.config, after.config) };
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === MAX_MERGE_ATTEMPTS || versions !== undefined) throw error;
      await deps.clock.sleep(Math.random() * 20 * attempt);
    }
  }
}

/** A stored configuration with a JSON merge patch, as it may be stored. @throws {z.ZodError} @throws {RequestError} */
export async function patchedConfig(deps: AdmissionDeps, stored: TargetConfig, patch: unknown): Promise<TargetConfig> {
  const { known, later } = byRelease(stored);
  const config = await admitConfig(deps, mergePatch(ofType(masked(known), patch), patch), known);
  if (checkTypeOf(config).callsUs !== checkTypeOf(stored).callsUs) {
    throw invalidField("type", "cannot change from or to heartbeat, which has a key of its own: register another target");
  }
  return { ...later, ...config };
}

/** What of a configuration stays where a patch makes it one of another type: fields that this has too. */
function ofType(fields: object, patch: unknown): object {
  const type = isObject(patch) ? patch["type"] : undefined;
  if (!("type" in fields) || type === fields.type || !isTargetType(type)) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(configShapes[type], name)));
}

function isTargetType(type: unknown): type is keyof typeof configShapes {
  return typeof type === "string" && Object.hasOwn(configShapes, type);
}

/** The fields that this release knows, and those that a later one wrote, which outlive a change by this one. */
function byRelease(config: TargetConfig): { known: TargetConfig; later: Record<string, unknown> } {
  const shape = configShapes[config.type];
  const fields = Object.entries(config);
  const known = Object.fromEntries(fields.filter(([name]) => Object.hasOwn(shape, name))) as TargetConfig; // it has all of them
  return { known, later: Object.fromEntries(fields.filter(([name]) => !Object.hasOwn(shape, name))) };
}
