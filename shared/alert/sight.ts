import * as z from "zod";

/** That the monitor saw nothing for a while, and who has yet to hear that it sees again. Marks, epoch seconds. */
export const sightSchema = z.object({
  /** Of the first round that saw nothing. */
  from: z.number(),
  /** Of the round that saw again. */
  to: z.number(),
  /** Ids of the channels that did not take it yet; left out while none was asked. */
  channels: z.array(z.string()).exactOptional(),
});
export type Sight = z.output<typeof sightSchema>;
