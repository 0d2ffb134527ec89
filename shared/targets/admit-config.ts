import { checkTypeOf } from "../check/check-config.ts";
import { invalidField } from "../errors.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import { isAddressLike } from "../net/is-address-like.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { sealSecrets } from "./seal-secrets.ts";
import { parseTargetConfig, type TargetConfig } from "./target.ts";

/** What a configuration is held against before it is stored. */
export interface AdmissionDeps {
  readonly roundSeconds: number;
  readonly cipher: FieldCipher;
  readonly guard: AddressGuard;
  /** Ids of the channels there are. */
  readonly channelIds: readonly string[];
}

/**
 * Makes input a configuration that may be stored: valid, its secrets encrypted, its channels there, its addresses open.
 * @param stored the configuration it replaces, whose secrets may stand masked in `input`
 * @throws {z.ZodError} @throws {RequestError} naming each wrong field
 */
export function admitConfig(deps: AdmissionDeps, input: unknown, stored?: TargetConfig): TargetConfig {
  const config = sealSecrets(deps.cipher, parseTargetConfig(input, deps.roundSeconds), stored);
  requireChannels(deps, config);
  refuseForbidden(deps, config);
  return config;
}

function requireChannels({ channelIds }: AdmissionDeps, config: TargetConfig): void {
  const unknown = config.channels?.find((id) => !channelIds.includes(id));
  if (unknown === undefined) return;
  throw invalidField("channels", `there is no channel "${unknown}"; there are: ${channelIds.join(", ") || "none"}`);
}

// Only what is already clear; what a name resolves to is decided at each dial.
function refuseForbidden({ guard }: AdmissionDeps, config: TargetConfig): void {
  for (const { host, hostField, port, portField } of checkTypeOf(config).reaches?.(config) ?? []) {
    const refusal = isAddressLike(host) ? guard.refuses(host) : undefined;
    if (refusal !== undefined) throw invalidField(hostField, refusal);
    const closed = port === undefined ? guard.refusesPing() : guard.refusesPort(port);
    if (closed !== undefined) throw invalidField(portField ?? "type", closed);
  }
}
