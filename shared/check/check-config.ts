import * as z from "zod";
import type { CheckContext, CheckOutcome, Reach } from "./check-type.ts";
import { severityField } from "./fields.ts";
import { type CheckTypeName, checkTypes } from "./index.ts";

/** Milliseconds between two attempts of the same check. */
export const RETRY_DELAY_MS = 2_000;
export const MAX_TIMEOUT_MS = 30_000;
export const MAX_RETRIES = 3;
export const DEFAULT_RETRIES = 1;

/** What every check obeys, whatever its type. */
export const checkLimits = {
  timeoutMs: z.int().min(100, "must be at least 100").max(MAX_TIMEOUT_MS, `must be at most ${MAX_TIMEOUT_MS}`).optional().meta({
    description:
      "Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.",
  }),
  retries: z
    .int()
    .min(0)
    .max(MAX_RETRIES, `must be at most ${MAX_RETRIES}`)
    .default(DEFAULT_RETRIES)
    .meta({ description: "Further attempts within the round, 2 s apart, unless the target is down already." }),
  latencyLimitMs: z.int().min(1).max(MAX_TIMEOUT_MS).optional().meta({ description: "A slower check is degraded, or what slowIs says." }),
  slowIs: severityField.default("degraded").meta({ description: "What a check slower than latencyLimitMs is." }),
  expect: z.enum(["up", "down"]).default("up").meta({
    description:
      "down turns the check round: up is what does not answer, such as a port that must be closed. A check that could not be made proves nothing, and stays down.",
  }),
};

type Limits = Omit<z.output<z.ZodObject<typeof checkLimits>>, "timeoutMs"> & { readonly timeoutMs: number };
type ByType = {
  [Type in (typeof checkTypes)[number] as Type["type"]]: Limits & z.output<z.ZodObject<Type["shape"]>>;
};

/** What a check needs to know: its type's fields and its limits, every default filled in. */
export type CheckConfig = ByType[CheckTypeName];

/** A check type as shared code asks it: configurations are handed to the type that they name. */
export interface AnyCheckType {
  readonly type: CheckTypeName;
  readonly shape: z.ZodRawShape;
  readonly callsUs?: true;
  readonly label: (config: CheckConfig) => string;
  readonly defaultIntervalSeconds?: number;
  readonly minIntervalSeconds?: number;
  readonly wayIs?: "degraded";
  readonly reaches?: (config: CheckConfig) => readonly Reach[];
  readonly secrets?: readonly string[];
  readonly secretsGoTo?: (config: CheckConfig) => string;
  readonly patterns?: (config: CheckConfig) => readonly (readonly [field: string, pattern: string])[];
  readonly refine?: (config: CheckConfig) => { path: string; message: string }[];
  readonly run: (config: CheckConfig, context: CheckContext) => Promise<CheckOutcome | undefined>;
}

const byName = new Map<string, unknown>(checkTypes.map((checkType) => [checkType.type, checkType]));

/** The check type of a configuration. */
export function checkTypeOf(config: Pick<CheckConfig, "type">): AnyCheckType {
  // A configuration is always handed to the type it names, which TypeScript cannot follow through a map.
  return byName.get(config.type) as AnyCheckType;
}

/** Whether this release knows a check type of that name: an item may be of a later one. */
export function isCheckType(name: unknown): name is CheckTypeName {
  return typeof name === "string" && byName.has(name);
}

/** What is checked, in one line for people. */
export function labelOf(config: CheckConfig): string {
  return checkTypeOf(config).label(config);
}

/** The longest a check can take, attempts and pauses included, in ms. */
export function checkBudgetMs({ timeoutMs, retries }: { timeoutMs: number; retries: number }): number {
  return timeoutMs + retries * RETRY_DELAY_MS;
}
