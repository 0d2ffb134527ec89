import { messageOf } from "../errors.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import type { Channel } from "../notify/channel.ts";
import { type Alert, DeliveryError } from "../notify/notifier.ts";
import type { Clock } from "../time/clock.ts";
import type { Due, Message } from "./decide-messages.ts";

export interface SendDeps {
  readonly channels: readonly Channel[];
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** Told at once of each alert's end, so that a crash repeats as little as can be. @param failure why it was not taken */
export type OnSettled = (channel: string, due: Due, failure: DeliveryError | undefined) => Promise<void>;

const SEND_TIMEOUT_MS = 8_000;
/** A wait this short that a service asks for is waited out at once, not in the next round. */
const MAX_INLINE_WAIT_MS = 5_000;
/** Times that one message is tried within a round. */
const MAX_TRIES = 5;

/**
 * Sends messages, the channels side by side and each in order, until `deadline`; what is left is seen again in the next
 * round. A channel that asked to wait or is away is not asked again for each of its messages.
 * @param deadline epoch ms
 */
export async function deliverMessages(deps: SendDeps, messages: readonly Message[], deadline: number, onSettled: OnSettled): Promise<void> {
  await Promise.all(
    deps.channels.map((channel) => {
      const own = messages.filter((message) => message.channel === channel.id);
      return deliverOnChannel(deps, channel, own, deadline, onSettled);
    }),
  );
}

async function deliverOnChannel(
  deps: SendDeps,
  channel: Channel,
  messages: readonly Message[],
  deadline: number,
  onSettled: OnSettled,
): Promise<void> {
  let blocked: DeliveryError | undefined;
  let takes = false;
  // Those that wait for the channel come last.
  for (const message of messages) {
    if (deps.clock.now() >= deadline || (message.isHeld && !takes)) return;
    const failure: DeliveryError | undefined = blocked ?? (await send(deps, channel, message.alerts, deadline));
    await settle(deps, channel, message, failure, deadline, onSettled);
    if (failure !== undefined && !failure.permanent) blocked = failure;
    takes = blocked === undefined && (takes || failure === undefined);
  }
}

async function settle(
  deps: SendDeps,
  channel: Channel,
  { alerts, dues }: Message,
  failure: DeliveryError | undefined,
  deadline: number,
  onSettled: OnSettled,
): Promise<void> {
  const singly = failure?.permanent && alerts.length > 1;
  const failures = singly ? await sendSingly(deps, channel, alerts, deadline) : dues.map(() => failure);
  for (const [index, due] of dues.entries()) await onSettled(channel.id, due, failures[index]);
}

// One alert the service cannot take must not take the others of its message with it.
async function sendSingly(
  deps: SendDeps,
  channel: Channel,
  alerts: readonly Alert[],
  deadline: number,
): Promise<(DeliveryError | undefined)[]> {
  const outcomes: (DeliveryError | undefined)[] = [];
  for (const alert of alerts) outcomes.push(await send(deps, channel, [alert], deadline));
  return outcomes;
}

/** @returns why it was not taken; `undefined` when it was */
async function send(deps: SendDeps, channel: Channel, alerts: readonly Alert[], deadline: number): Promise<DeliveryError | undefined> {
  for (let tries = 1; ; tries++) {
    const failure = await attempt(deps, channel, alerts);
    const waitMs = failure?.retryAfterMs;
    if (waitMs === undefined || tries === MAX_TRIES || waitMs > MAX_INLINE_WAIT_MS || deps.clock.now() + waitMs >= deadline) return failure;
    await deps.clock.sleep(waitMs);
  }
}

/** Sends once. @returns why it was not taken; `undefined` when it was */
export async function attempt(
  deps: Omit<SendDeps, "channels">,
  channel: Channel,
  alerts: readonly Alert[],
): Promise<DeliveryError | undefined> {
  const timeout = AbortSignal.timeout(SEND_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener("abort", () => reject(new DeliveryError(`${channel.id} did not answer within ${SEND_TIMEOUT_MS / 1_000} s`)), {
      once: true,
    });
  });
  late.catch(() => undefined);
  try {
    const context = { guard: deps.guard, userAgent: deps.userAgent, now: deps.clock.now(), signal: timeout };
    await Promise.race([channel.send(alerts, context), late]);
    return undefined;
  } catch (error) {
    return error instanceof DeliveryError ? error : new DeliveryError(messageOf(error), { cause: error });
  }
}
