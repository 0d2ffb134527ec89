import { messageOf } from "../errors.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import type { Channel } from "../notify/channel.ts";
import { type Alert, DeliveryError, type NotifyContext } from "../notify/notifier.ts";
import type { Clock } from "../time/clock.ts";
import { inParallel } from "../time/in-parallel.ts";
import { type ChannelTurns, takeTurn } from "./channel-turns.ts";
import type { Due, Message } from "./decide-messages.ts";
import { messageOf as livingMessageOf } from "./living-message.ts";

export interface SendDeps {
  readonly channels: readonly Channel[];
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly turns: ChannelTurns;
}

/**
 * Told at once of each alert's end, so that a crash repeats as little as can be.
 * @param failure why it was not taken @param message that tells it, where the service lets it be changed
 */
export type OnSettled = (channel: string, due: Due, failure: DeliveryError | undefined, message?: string) => Promise<void>;

const SEND_TIMEOUT_MS = 8_000;
/** A wait this short that a service asks for is waited out at once, not in the next round. */
const MAX_INLINE_WAIT_MS = 5_000;
const RECORDS_AT_ONCE = 20;
/** Times that one message is tried within a round. */
const MAX_TRIES = 5;

/**
 * Sends messages, the channels side by side and each in order, until `deadline`; what is left is seen again in the next
 * round. A channel that asked to wait or is away is not asked again for each of its messages.
 * @param deadline epoch ms
 */
export async function deliverMessages(deps: SendDeps, messages: readonly Message[], deadline: number, onSettled: OnSettled): Promise<void> {
  await Promise.all(
    deps.channels.map(async (channel) => {
      const own = messages.filter((message) => message.channel === channel.id);
      const release = own.length === 0 ? undefined : await takeTurn(deps.turns, deps.clock, channel.id, deadline);
      if (release === undefined) return;
      try {
        await deliverOnChannel(deps, channel, own, deadline, onSettled);
      } finally {
        await release();
      }
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
  /** By target, the message of this round that tells of it: what comes behind it changes that. */
  const sentNow = new Map<string, string>();
  // Those that wait for the channel come last.
  for (const message of messages) {
    if (deps.clock.now() >= deadline || (message.isHeld && !takes)) return;
    const life = lifeOf(channel, message, sentNow);
    const failure: DeliveryError | undefined = blocked ?? (await send(deps, channel, message.alerts, deadline, life));
    await settle(deps, channel, message, failure, deadline, (id, due, why) => onSettled(id, due, why, life?.message()));
    if (failure !== undefined && !failure.permanent) blocked = failure;
    takes = blocked === undefined && (takes || failure === undefined || failure.taken);
    const [due] = message.dues;
    const sent = life?.message();
    if (due !== undefined && sent !== undefined) sentNow.set(due.target.id, sent);
  }
}

/** What is known of a message that lives on, and what is to be known. */
interface Life {
  readonly context: Pick<NotifyContext, "sentBefore" | "onSent" | "isChanged" | "onChanged">;
  /** That was sent or changed. */
  readonly message: () => string | undefined;
}

/** Only a message of one alert can live on. */
function lifeOf({ id, livesOn }: Channel, { dues, alerts }: Message, sentNow: ReadonlyMap<string, string>): Life | undefined {
  const [due, ...more] = dues;
  if (livesOn !== true || due === undefined || more.length > 0 || alerts[0]?.digest !== undefined) return undefined;
  let sent: string | undefined;
  let isChanged = false;
  return {
    context: {
      sentBefore: due.owed[0].kind === "status" ? livingMessageOf(due, id) : (sentNow.get(due.target.id) ?? livingMessageOf(due, id)),
      onSent(message) {
        sent = message;
      },
      // What is done needs no second call while the rest of it is tried again.
      isChanged: () => isChanged,
      onChanged() {
        isChanged = true;
      },
    },
    message: () => sent,
  };
}

async function settle(
  deps: SendDeps,
  channel: Channel,
  { alerts, dues }: Message,
  failure: DeliveryError | undefined,
  deadline: number,
  onSettled: OnSettled,
): Promise<void> {
  const singly = failure?.permanent && !failure.taken && alerts.length > 1;
  const failures = singly ? await sendSingly(deps, channel, alerts, deadline) : dues.map(() => failure);
  // A digest of a thousand is a thousand records.
  await inParallel(dues, RECORDS_AT_ONCE, (due, index) => onSettled(channel.id, due, failures[index]));
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
async function send(
  deps: SendDeps,
  channel: Channel,
  alerts: readonly Alert[],
  deadline: number,
  life?: Life,
): Promise<DeliveryError | undefined> {
  for (let tries = 1; ; tries++) {
    const failure = await attempt(deps, channel, alerts, life?.context);
    const waitMs = failure?.retryAfterMs;
    if (waitMs === undefined || tries === MAX_TRIES || waitMs > MAX_INLINE_WAIT_MS || deps.clock.now() + waitMs >= deadline) return failure;
    await deps.clock.sleep(waitMs);
  }
}

/** Sends once. @returns why it was not taken; `undefined` when it was */
export async function attempt(
  deps: Omit<SendDeps, "channels" | "turns">,
  channel: Channel,
  alerts: readonly Alert[],
  life: Life["context"] = {},
): Promise<DeliveryError | undefined> {
  const timeout = AbortSignal.timeout(SEND_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener("abort", () => reject(new DeliveryError(`${channel.id} did not answer within ${SEND_TIMEOUT_MS / 1_000} s`)), {
      once: true,
    });
  });
  late.catch(() => undefined);
  try {
    const context = { guard: deps.guard, userAgent: deps.userAgent, now: deps.clock.now(), signal: timeout, ...life };
    await Promise.race([channel.send(alerts, context), late]);
    return undefined;
  } catch (error) {
    return error instanceof DeliveryError ? error : new DeliveryError(messageOf(error), { cause: error });
  }
}
