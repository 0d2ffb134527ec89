import { checkTypeOf } from "../check/check-config.ts";
import type { CheckResult } from "../check/check-result.ts";
import type { Target } from "../targets/target.ts";

/** Fewer hosts than this failing at once are no sign of anything. */
const MIN_HOSTS = 5;
/** Nor are fewer networks: what stands behind one address goes down together. */
const MIN_NETWORKS = 3;
/** More than this share of what was up must fail. */
const SHARE = 0.8;

/**
 * Tells an outage of theirs from one of ours: when nearly everything that was up fails at once, with errors of the
 * connection, over distinct hosts and networks, a shard may be blind. What might be that is kept until it is known.
 */
export interface Sight {
  /** @returns whether the result must wait for {@link Sight.looksBlind} */
  keeps(target: Target, result: CheckResult): boolean;
  /** Whether enough has answered: nothing is kept any longer. */
  readonly sees: () => boolean;
  /** Once all checks are done. */
  readonly looksBlind: () => boolean;
}

/** @param targets that are checked now */
export function createSight(targets: readonly Target[]): Sight {
  const watched = targets.filter((target) => wasUp(target) && reachesOut(target));
  const canBeBlind = new Set(watched.map(hostOf)).size >= MIN_HOSTS;
  let seen = 0;
  const failed: { readonly target: Target; readonly result: CheckResult }[] = [];
  const sees = () => !canBeBlind || seen >= Math.ceil(watched.length * (1 - SHARE));
  return {
    keeps(target, result) {
      if (!reachesOut(target)) return false;
      if (!isOfConnection(result)) {
        if (wasUp(target)) seen++;
        return false;
      }
      if (wasUp(target)) failed.push({ target, result });
      return !sees();
    },
    sees,
    looksBlind() {
      if (sees()) return false;
      const hosts = new Set(failed.map(({ target }) => hostOf(target)));
      const networks = new Set(failed.map(({ target, result }) => networkOf(result.address) ?? hostOf(target)));
      return failed.length > SHARE * watched.length && hosts.size >= MIN_HOSTS && networks.size >= MIN_NETWORKS;
    },
  };
}

function wasUp({ state }: Target): boolean {
  return state.status === "up" || state.status === "degraded";
}

/** Whether a check dials, and its failing is bad news. */
function reachesOut({ config }: Target): boolean {
  return config.expect !== "down" && checkTypeOf(config).callsUs !== true;
}

function hostOf({ id, config }: Target): string {
  return checkTypeOf(config).reaches?.(config)[0]?.host.toLowerCase() ?? id;
}

/** Whether a check failed before anybody answered it. */
export function isOfConnection(result: CheckResult): boolean {
  // What others see as well is no trouble of ours; what they see up may be.
  if (result.seenHere === undefined && result.opinions?.some((opinion) => opinion.result?.status === "down")) return false;
  const { status, error, httpStatus } = result.seenHere ?? result;
  return (
    status === "down" && httpStatus === undefined && (error?.class === "dns" || error?.class === "connect" || error?.class === "timeout")
  );
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one. */
function networkOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return address.includes(":") ? address.split(":").slice(0, 3).join(":") : address.split(".").slice(0, 3).join(".");
}
