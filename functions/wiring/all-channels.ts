import { type ChannelStore, openChannel, type RoutedChannel, takingAll } from "../../shared/alert/channel-object.ts";
import type { Channel } from "../../shared/notify/channel.ts";
import type { FieldCipher } from "../../shared/targets/field-cipher.ts";

/** Every channel there is: those of the settings, then those that were made through the API. */
export async function allChannels(
  ofSettings: readonly Channel[],
  store: Pick<ChannelStore, "list">,
  cipher: FieldCipher,
): Promise<RoutedChannel[]> {
  return [...ofSettings.map(takingAll), ...(await store.list()).map((object) => openChannel(cipher, object))];
}
