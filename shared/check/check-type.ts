import type * as z from "zod";
import type { DialContext } from "../net/dial.ts";
import type { SeenAssertion } from "./assertion-words.ts";

/** What one check saw. `pending` targets have not been checked; the rest of the statuses are in `shared/status`. */
export type CheckStatus = "up" | "degraded" | "down";

export const ERROR_CLASSES = [
  "dns",
  "connect",
  "tls",
  "timeout",
  "status",
  "assertion",
  "redirect",
  "body",
  "forbidden",
  "heartbeat",
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

export interface CheckError {
  readonly class: ErrorClass;
  /** In words a person understands, such as `connection refused`. */
  readonly text: string;
  /**
   * What it is about, where that is not the target's answer: `certificate`, which is told by a way of its own too, or the
   * `way` to the target, such as a proxy or our own name servers, which says nothing of it.
   */
  readonly about?: "certificate" | "way";
}

/** What a check type decides. Phases, address and certificate come from the trace; time from the engine. */
export interface CheckOutcome {
  readonly status: CheckStatus;
  readonly error?: CheckError;
  readonly httpStatus?: number;
  /** Milliseconds, when it is not the time the attempt took; `null` when there is no such thing. */
  readonly latencyMs?: number | null;
  /** What a reader should know besides, such as "body cut at 1 MiB". */
  readonly note?: string;
  /** What each assertion saw, in their order, where the engine was asked for it. */
  readonly assertions?: readonly SeenAssertion[];
  /** It answered well, and later than its limit. */
  readonly isSlow?: true;
}

/** A target's own calls to us, for `heartbeat` targets. */
export interface HeartbeatSeen {
  /** Epoch ms of the last ping or report. */
  readonly lastPingAt?: number;
  /** What the last report said, when it said more than "I live". */
  readonly reported?: { readonly status: CheckStatus; readonly message?: string; readonly latencyMs?: number };
  /** Epoch ms at which the job said that it begins, when it has not said how it ended. */
  readonly startedAt?: number;
  /** Epoch ms from which a ping is awaited: creation, the end of a pause, or of a time in which we could not hear. */
  readonly awaitedSince: number;
}

export interface CheckContext extends DialContext {
  readonly userAgent: string;
  /** Epoch ms. */
  readonly now: number;
  readonly heartbeat: HeartbeatSeen;
  /** Of the time so far, what this process was late: a target is not slow for that. Milliseconds. */
  readonly lostMs: () => number;
  /** Whether somebody reads what it saw besides. */
  readonly inDetail: boolean;
}

/** An endpoint that a configuration names, with the fields that name it. */
export interface Reach {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly hostField: string;
  /** Left out where nothing but ICMP is sent. */
  readonly port?: number;
  readonly portField?: string;
}

/**
 * One kind of check. A new one is a file beside this, a line in `index.ts` and a fixture of
 * `test/contracts/check-type.contract.ts`.
 */
export interface CheckType<Type extends string, Shape extends z.ZodRawShape> {
  readonly type: Type;
  /** The fields this type adds to a target; `type` itself included. */
  readonly shape: Shape;
  /** What is checked, in one line for people: a URL, `host:port`, … */
  readonly label: (config: z.output<z.ZodObject<Shape>>) => string;
  /** The target calls us, with a key of its own; nothing is dialled. */
  readonly callsUs?: true;
  /** What a check dials, as far as the configuration tells; redirects and names are decided at each dial. */
  readonly reaches?: (config: z.output<z.ZodObject<Shape>>) => readonly Reach[];
  /** Seconds between checks that name no interval: what changes once a year is not asked for each round. */
  readonly defaultIntervalSeconds?: number;
  /** The fewest seconds between checks, where whoever answers limits how often it is asked. */
  readonly minIntervalSeconds?: number;
  /** What it means that the way failed, where the target itself is never asked: down, when left out. */
  readonly wayIs?: "degraded";
  /** Fields that may hold credentials, texts, records of texts or `object.text`: stored encrypted, shown masked. */
  readonly secrets?: readonly ((keyof Shape & string) | `${keyof Shape & string}.${string}`)[];
  /** Whom they are sent to, such as an origin: when that changes, they must be written again. */
  readonly secretsGoTo?: (config: z.output<z.ZodObject<Shape>>) => string;
  /** Regular expressions, each with its field: what is registered is judged by the engine that will run them. */
  readonly patterns?: (config: z.output<z.ZodObject<Shape>>) => readonly (readonly [field: string, pattern: string])[];
  /** Problems that only show across fields, as field errors. */
  readonly refine?: (config: z.output<z.ZodObject<Shape>>) => { path: string; message: string }[];
  /**
   * Does one attempt. Down is a value. What it throws is turned into a `down` by `explainFailure`;
   * `undefined` means there is nothing to say yet (a heartbeat that is not due).
   */
  readonly run: (config: z.output<z.ZodObject<Shape>>, context: CheckContext) => Promise<CheckOutcome | undefined>;
}

/** Keeps the literal types of a check type. */
export function defineCheckType<const Type extends string, Shape extends z.ZodRawShape>(
  checkType: CheckType<Type, Shape>,
): CheckType<Type, Shape> {
  return checkType;
}
