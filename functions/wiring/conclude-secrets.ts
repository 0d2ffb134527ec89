import { CHANNEL_SECRETS } from "../../shared/notify/channel.ts";

/** What of the owner's secrets conclude-round reads. */
export const CONCLUDE_SECRETS: readonly string[] = [...CHANNEL_SECRETS, "DEAD_MANS_SWITCH_URL"];
