import { messageOf } from "../../shared/errors.ts";
import type { AddressGuard } from "../../shared/net/address-guard.ts";
import { Trace } from "../../shared/net/dial.ts";
import { httpExchange } from "../../shared/net/http-exchange.ts";

const TIMEOUT_MS = 3_000;

/**
 * Tells an outside watcher, such as Healthchecks.io, that a round ran: when it hears nothing, the watcher alerts.
 * A watcher that does not answer is named in the log and costs a round nothing else.
 * @param url of the watcher's check; may hold a secret, and is never logged
 */
export function deadMansSwitch(
  url: string | undefined,
  { guard, userAgent, logger }: { guard: AddressGuard; userAgent: string; logger: { warn(message: string): void } },
): () => Promise<void> {
  return async () => {
    if (url === undefined) return;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const request = { method: "GET", url: new URL(url), headers: { "user-agent": userAgent }, maxBodyBytes: 1_024 };
      const { status } = await httpExchange(request, { guard, signal, trace: new Trace() });
      if (status >= 400) logger.warn(`the dead-man's switch answered ${status}`);
    } catch (error) {
      logger.warn(`the dead-man's switch could not be told: ${messageOf(error)}`);
    }
  };
}
