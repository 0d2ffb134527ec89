/** Why a channel's last message was not taken; absent when it was. */
export interface ChannelHealth {
  readonly channel: string;
  /** Epoch ms. */
  readonly unhealthySince: number;
  readonly error: string;
}

/** What is known of channels besides their configuration. */
export interface ChannelHealthStore {
  /** Remembers that a channel does not take messages, for now or for good. */
  markUnhealthy(channel: string, error: string): Promise<void>;
  markHealthy(channel: string): Promise<void>;
  unhealthy(): Promise<ChannelHealth[]>;
}
