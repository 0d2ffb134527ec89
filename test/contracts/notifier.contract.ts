import { describe, expect, it } from "vitest";
import { unusedPort } from "../../local/stand-ins/listen.ts";
import type { ReceivedMessage, SinkAnswer } from "../../local/stand-ins/webhook-sink.ts";
import { type Channel, createChannel } from "../../shared/notify/channel.ts";
import { type NotifierType, notifiers } from "../../shared/notify/index.ts";
import { DeliveryError } from "../../shared/notify/notifier.ts";
import { alertOf, notifyContext } from "../support/alerts.ts";

/** What each notifier must bring to be tested as all are. */
export interface NotifierFixture {
  readonly type: NotifierType;
  /** Settings of the process that make a channel. */
  readonly settings: Readonly<Record<string, string>>;
  /** Starts a stand-in for the service. @returns the configuration that leads to it, and what it received as text */
  readonly serve: (answer: (message: ReceivedMessage) => SinkAnswer | undefined) => Promise<{ config: unknown; received: string[] }>;
  /** The configuration that leads to a port where nobody listens. */
  readonly configAt: (port: number) => unknown;
  /** It has no address that its owner chooses: it is a service of AWS. */
  readonly isOfAws?: true;
  /** How the service says: never, later, and not now. */
  readonly answers: { readonly gone: SinkAnswer; readonly later?: SinkAnswer; readonly fault: SinkAnswer };
}

export function notifierContract(fixture: NotifierFixture): void {
  const { type, serve, answers } = fixture;
  const channelAt = async (answer: SinkAnswer | undefined) => {
    const { config, received } = await serve(() => answer);
    return { channel: createChannel("test", type, config), received };
  };
  const failure = async (channel: Channel) => {
    const outcome = await channel.send([alertOf()], notifyContext()).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(DeliveryError);
    return outcome as DeliveryError;
  };

  describe(`${type}: what every notifier does`, () => {
    it("tells name, address, reason and status of a down", async () => {
      const { channel, received } = await channelAt(undefined);
      await channel.send([alertOf({ httpStatus: 503 })], notifyContext());
      expect(received).toHaveLength(1);
      for (const part of ["Shop", "https://shop.example/health", "connection refused", "503"]) expect(received[0]).toContain(part);
    });

    it("tells several alerts in one message", async () => {
      const { channel, received } = await channelAt(undefined);
      const alerts = Array.from({ length: channel.maxAlertsPerMessage }, (_, index) =>
        alertOf({ target: { ...alertOf().target, name: `Target-${index}-` } }),
      );
      await channel.send(alerts, notifyContext());
      expect(received).toHaveLength(1);
      for (const { target } of alerts) expect(received[0]).toContain(target.name);
    });

    it("gives up on a service that is gone", async () => {
      const { channel } = await channelAt(answers.gone);
      expect(await failure(channel)).toMatchObject({ permanent: true });
    });

    it("tries again after a fault of the service", async () => {
      const { channel } = await channelAt(answers.fault);
      expect(await failure(channel)).toMatchObject({ permanent: false });
    });

    it.runIf(answers.later)("waits as long as the service asks", async () => {
      const { channel } = await channelAt(answers.later);
      expect(await failure(channel)).toMatchObject({ permanent: false, retryAfterMs: 1_500 });
    });

    it("tries again when nobody answers", async () => {
      const channel = createChannel("test", type, fixture.configAt(await unusedPort()));
      expect(await failure(channel)).toMatchObject({ permanent: false });
    });

    it.skipIf(fixture.isOfAws)("never calls a forbidden address", async () => {
      const { config, received } = await serve(() => undefined);
      const { createAddressGuard } = await import("../../shared/net/address-guard.ts");
      const outcome = await createChannel("test", type, config)
        .send([alertOf()], { ...notifyContext(), guard: createAddressGuard() })
        .catch((error: unknown) => error);
      expect(outcome).toMatchObject({ permanent: true, message: expect.stringContaining("loopback") });
      expect(received).toEqual([]);
    });

    it("is made from its settings, and from no others", () => {
      const notifier = notifiers.find((candidate) => candidate.type === type);
      expect(notifier?.fromSettings({})).toBeUndefined();
      expect(Object.keys(fixture.settings).every((name) => notifier?.settings.some((setting) => setting === name))).toBe(true);
      const config = notifier?.fromSettings(fixture.settings);
      const given = Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== undefined));
      expect(createChannel("test", type, given)).toMatchObject({ type });
    });

    it("refuses a wrong configuration without repeating it", () => {
      const wrong = Object.fromEntries(Object.keys(fixture.configAt(1) as object).map((key) => [key, "s3cret nonsense"]));
      expect(() => createChannel("test", type, wrong)).toThrow(/^channel test: (?!.*s3cret)/);
    });
  });
}
