import { expect, it } from "vitest";
import { SettingError } from "../../../shared/errors.ts";
import { channelsFromSettings, usableChannels } from "../../../shared/notify/channel.ts";
import { DeliveryError } from "../../../shared/notify/notifier.ts";

it("keeps a channel with a wrong setting apart: it says what is wrong, and the others work", async () => {
  const env = { DISCORD_WEBHOOK_URL: "not a url", WEBHOOK_URL: "https://hooks.example/x" };
  expect(() => channelsFromSettings(env)).toThrow(SettingError);
  const channels = usableChannels(env);
  expect(channels.map(({ id, problem }) => [id, problem === undefined])).toEqual([
    ["discord", false],
    ["webhook", true],
  ]);
  const error = await channels[0]?.send([], {} as never).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DeliveryError);
  expect(error).toMatchObject({ permanent: true, message: expect.stringContaining("discord") });
  expect(String(error)).not.toContain("not a url");
});
