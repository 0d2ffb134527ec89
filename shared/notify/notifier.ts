import type * as z from "zod";
import type { AddressGuard } from "../net/address-guard.ts";
import type { HttpResponse } from "../net/http-exchange.ts";
import type { AlertKind } from "../status/alert-kinds.ts";
import type { Status } from "../status/next-status.ts";

/** What people are told about one target: one change, or several that a channel missed, as one. */
export interface Alert {
  /** The same for every attempt and channel, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly target: {
    readonly id: string;
    readonly name: string;
    /** URL, `host:port`, … */
    readonly label: string;
    readonly group?: string;
    readonly tags: readonly string[];
  };
  readonly from: Status;
  readonly to: Status;
  /** Epoch ms: when the new status began, and when it was decided. */
  readonly since: number;
  readonly decidedAt: number;
  /** For a recovery: how long the target was down or degraded, ms. */
  readonly lastedMs?: number;
  readonly error?: { readonly class: string; readonly text: string };
  /** What a reader should know besides, such as that the body was cut. */
  readonly note?: string;
  readonly httpStatus?: number;
  readonly latencyMs?: number;
  readonly certificateDaysLeft?: number;
  /** Earlier changes told only now, oldest first, because the channel did not take them in time. */
  readonly missed: readonly { readonly to: Status; readonly at: number; readonly text: string }[];
  /** Changes before those, which the ledger has: how many. */
  readonly olderMissed?: number;
  /** The target's page, when the deployment has an address. */
  readonly link?: string;
  /** Where one may say, without an account, that one takes care of it. */
  readonly acknowledgeLink?: string;
  /** Targets whose alerts are hidden while this one is down: how many, and the first ten names. */
  readonly hides?: { readonly count: number; readonly names: readonly string[] };
  /** Of a digest: what it counts. Words and how often, the most frequent first. */
  readonly digest?: Digest;
}

/** Many alerts in numbers. */
export interface Digest {
  readonly worst: AlertKind;
  readonly kinds: readonly (readonly [kind: AlertKind, count: number])[];
  readonly groups: readonly (readonly [group: string, count: number])[];
  readonly tags: readonly (readonly [tag: string, count: number])[];
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  /** That more than one is at. */
  readonly hosts: readonly (readonly [host: string, count: number])[];
  /** The first ten, each behind the sign of its kind. */
  readonly names: readonly string[];
  /** Beyond those. */
  readonly more: number;
}

export interface NotifyContext {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
  readonly userAgent: string;
  /** Epoch ms. */
  readonly now: number;
  /** The message that told of the same incident before, where it may be changed. */
  readonly sentBefore?: string | undefined;
  /** Told the id of a message that can be changed later; left out where nobody will. */
  readonly onSent?: ((message: string) => void) | undefined;
  /** Whether that message was changed already, and the way to say so: of what is done in two calls, the first is made once. */
  readonly isChanged?: (() => boolean) | undefined;
  readonly onChanged?: (() => void) | undefined;
}

/**
 * A way to tell people. A new one is a file beside this, a line in `index.ts` and a fixture of
 * `test/contracts/notifier.contract.ts`.
 */
export interface Notifier<Type extends string, Config, Setting extends string = string> {
  readonly type: Type;
  readonly schema: z.ZodType<Config>;
  /** What is refused where a configuration is made or changed, though one that is stored goes on working. */
  readonly issuesOf?: (config: Config) => readonly { readonly path: readonly string[]; readonly message: string }[];
  /** Fields of the configuration that are stored encrypted and never shown. */
  readonly secrets: readonly (keyof Config & string)[];
  /** Names of the process settings that make a channel of this type. */
  readonly settings: readonly Setting[];
  /** The channel's configuration from those settings, before the schema; `undefined` when they name none. */
  readonly fromSettings: (settings: Readonly<Record<string, string | undefined>>) => object | undefined;
  /** Alerts that fit one message; where that depends on the configuration, by it. */
  readonly maxAlertsPerMessage: number | ((config: Config) => number);
  /** It is told of each target, however many there are: a machine reads it, or it keeps an incident for each. */
  readonly takesEach?: true;
  /** Its incidents can be acknowledged: it is told when somebody takes care of one. */
  readonly takesAcknowledgements?: true;
  /** And what is given back. */
  readonly takesBack?: true;
  /**
   * Tells the alerts in one message; returns once the service has taken it.
   * @throws {DeliveryError} saying whether trying again can help
   */
  readonly send: (alerts: readonly Alert[], config: Config, context: NotifyContext) => Promise<void>;
  /**
   * Makes a message that it sent tell one alert instead.
   * @returns false when it is no longer there, or may not be changed
   * @throws {DeliveryError}
   */
  readonly edit?: (message: string, alert: Alert, config: Config, context: NotifyContext) => Promise<boolean>;
  /** Whether a channel of this configuration can do that; left out: every one. */
  readonly canEdit?: (config: Config) => boolean;
}

/** A message was not taken, or not for everybody. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** True when the same message will never be taken: the webhook is gone, the token is wrong. */
  readonly permanent: boolean;
  /** The service took it, and said for whom or what it did not: it is told, and sent to nobody twice. */
  readonly taken: boolean;
  /** What the service asked to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Of HTTP, where the service answered. */
  readonly status: number | undefined;
  /** Of HTTP, where the service answered: nothing of it is shown. */
  readonly answer: HttpResponse | undefined;

  constructor(
    message: string,
    options: {
      permanent?: boolean;
      taken?: boolean;
      retryAfterMs?: number | undefined;
      status?: number;
      answer?: HttpResponse;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.permanent = options.permanent ?? false;
    this.taken = options.taken ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.answer = options.answer;
  }
}

/** Keeps the literal types and the configuration's type of a notifier. */
export function defineNotifier<const Type extends string, Config extends object, const Setting extends string>(
  notifier: Notifier<Type, Config, Setting>,
): Notifier<Type, Config, Setting> {
  return notifier;
}
