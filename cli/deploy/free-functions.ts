import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DEFAULT_CONCURRENCY, MANY_TARGETS, type Settings } from "../../infra/settings.ts";
import { CALL_LIMITS } from "./call-limits.ts";

/** Functions that run at once in an account and region: in all, and of those what no function has reserved. */
export interface FunctionsAtOnce {
  readonly limit: number;
  readonly unreserved: number;
}

/** What each round runs beside its shards, the API and who lets callers in included. */
const BESIDE_SHARDS = 2;
/** What AWS keeps for functions without a reservation. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const KEPT_FOR_OTHERS = 100;
/** Shards at once where there is room: as wide as a Map is. */
const WIDE = 40;

/** What the account has; `undefined` where whoever deploys may not ask. @param region the profile's, where left out */
export async function functionsAtOnce(region: string | undefined): Promise<FunctionsAtOnce | undefined> {
  const client = new LambdaClient({ ...CALL_LIMITS, ...(region !== undefined && { region }) });
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
    return limit === undefined || unreserved === undefined ? undefined : { limit, unreserved };
  } catch {
    // A hint: the deploy itself says what it may not do.
    return undefined;
  } finally {
    client.destroy();
  }
}

/** What an owner should know of it before a deploy; nothing where it fits. */
export function concurrencyHint({ limit, unreserved }: FunctionsAtOnce, settings: Settings): string | undefined {
  const { checkConcurrency, reservedConcurrency, maxTargets } = settings;
  const width = checkConcurrency ?? DEFAULT_CONCURRENCY;
  const ask = 'Ask for more in Service Quotas (Lambda, "Concurrent executions")';
  if (reservedConcurrency !== undefined && reservedConcurrency > limit - KEPT_FOR_OTHERS)
    return `this account runs ${limit} functions at once here, and AWS keeps ${KEPT_FOR_OTHERS} of them for all: it will refuse reservedConcurrency ${reservedConcurrency}. ${ask}, or leave it out.`;
  if (width + BESIDE_SHARDS > unreserved)
    return `this account has ${unreserved} functions at once to spare here, and a round takes up to ${width + BESIDE_SHARDS}: shards will wait for each other. ${ask}, or set checkConcurrency to ${Math.max(1, unreserved - BESIDE_SHARDS)}.`;
  if (checkConcurrency === undefined && maxTargets >= MANY_TARGETS && unreserved >= 2 * WIDE)
    return `this account has ${unreserved} functions at once to spare here: with more than ${MANY_TARGETS} targets, checkConcurrency ${WIDE} checks them sooner.`;
  return undefined;
}
