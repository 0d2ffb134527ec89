/** How a channel's last permanent failure stands; absent when it works. */
export interface ChannelHealth {
  readonly channel: string;
  /** Epoch ms. */
  readonly unhealthySince: number;
  readonly error: string;
}

/** What is known of channels besides their configuration. */
export interface ChannelHealthStore {
  /** Remembers that a channel failed for good. */
  markUnhealthy(channel: string, error: string): Promise<void>;
  markHealthy(channel: string): Promise<void>;
  unhealthy(): Promise<ChannelHealth[]>;
}
