import { checkTypeOf } from "../check/check-config.ts";
import { invalidField } from "../errors.ts";
import { MASK } from "../text/mask.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { mapSecrets, secretsOf } from "./secret-fields.ts";
import type { TargetConfig } from "./target.ts";

/** A configuration as it may be shown. */
export function masked(config: TargetConfig): TargetConfig {
  return mapSecrets(config, () => MASK);
}

/**
 * Encrypts what may hold credentials; what stands masked is what `stored` has there.
 * @throws {RequestError} naming a masked value that nothing stands behind, or that would go to another receiver
 */
export function sealSecrets(cipher: FieldCipher, config: TargetConfig, stored?: TargetConfig): TargetConfig {
  const kept = stored === undefined ? new Map<string, string>() : secretsOf(stored);
  // Else who may not read a secret could have it sent to an address of their own.
  const goesElsewhere = stored !== undefined && receiverOf(stored) !== receiverOf(config);
  return mapSecrets(config, (text, path) => {
    if (text !== MASK) return cipher.encrypt(text);
    const before = kept.get(path);
    if (before !== undefined && !goesElsewhere) return before;
    throw invalidField(
      path,
      goesElsewhere
        ? `was meant for ${receiverOf(stored)}: send the value again, or remove it`
        : "is what hidden values are shown as: send the value itself",
    );
  });
}

/** Where secrets were written anew: their values are never told. */
export function changedSecrets(before: TargetConfig, after: TargetConfig): string[] {
  const old = secretsOf(before);
  return [...secretsOf(after)].flatMap(([path, text]) => (old.get(path) === text ? [] : [path]));
}

function receiverOf(config: TargetConfig): string | undefined {
  return checkTypeOf(config).secretsGoTo?.(config);
}
