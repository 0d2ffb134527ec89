import type { ChannelTurns } from "../../shared/alert/channel-turns.ts";
import type { LogWriter } from "../../shared/log/log-writer.ts";
import type { Spool } from "../../shared/log/spool.ts";
import type { Channel } from "../../shared/notify/channel.ts";
import type { LastRoundStore } from "../../shared/round/last-round.ts";
import type { DeletionStore } from "../../shared/targets/deletions.ts";
import type { DepartedTargets } from "../../shared/targets/departed.ts";
import type { Target } from "../../shared/targets/target.ts";
import type { TargetStore } from "../../shared/targets/target-store.ts";

/** What a simulation stands on, for who breaks it. */
export interface Parts {
  readonly targets: TargetStore;
  readonly log: LogWriter;
  readonly spool: Spool;
  readonly lastRound: LastRoundStore;
  readonly deletions: DeletionStore;
  readonly departed: DepartedTargets;
  readonly turns: ChannelTurns;
  readonly channel: Channel;
}

/** A target of which nobody knows in which round its state was decided. */
function ofNoRound(target: Target): Target {
  return { ...target, state: { ...target.state, round: 0 } };
}

/** Ways to break the product, each by what it would do if a line of it were wrong: a simulation must notice every one. */
export const SABOTAGES = {
  "a state is committed over another": ({ targets }) => ({
    targets: {
      ...targets,
      // The condition on the versions is gone: what was read is written over what came between.
      async commitState(read, commit) {
        const now = await targets.get(read.id);
        return (
          now !== undefined &&
          targets.commitState(now, { ...commit, dropped: now.owed.filter(({ at }) => !read.owed.some((own) => own.at === at)) })
        );
      },
    },
  }),
  "owed alerts are claimed by two": ({ targets }) => ({
    targets: {
      ...targets,
      async claimOwed(id, leaseMs) {
        const claim = await targets.claimOwed(id, leaseMs);
        if (claim !== undefined) return claim;
        const target = await targets.get(id);
        return target === undefined || target.owed.length === 0 ? undefined : { target, leaseId: "stolen" };
      },
    },
  }),
  "what a channel took is not recorded": ({ targets }) => ({ targets: { ...targets, recordDeliveries: async () => true } }),
  "alerts are let go before every channel has taken them": ({ targets }) => ({
    targets: {
      ...targets,
      releaseOwed: (claim) =>
        targets.releaseOwed(
          claim,
          claim.target.owed.map(({ at }) => at),
        ),
    },
  }),
  "a claim is never given back": ({ targets }) => ({ targets: { ...targets, releaseOwed: async () => undefined } }),
  "the spool forgets": ({ spool }) => ({ spool: { ...spool, put: async () => undefined } }),
  "what is drained is not written": ({ log }) => ({
    log: { write: (batch, options) => (options?.late ? Promise.resolve() : log.write(batch, options)) },
  }),
  "the last target of a shard is left out": ({ targets }) => ({
    targets: { ...targets, range: async (from, to) => (await targets.range(from, to)).slice(0, from === to ? 1 : -1) },
  }),
  "a round that is done twice counts twice": ({ targets }) => ({
    targets: {
      ...targets,
      range: async (from, to) => (await targets.range(from, to)).map(ofNoRound),
      async get(id) {
        const target = await targets.get(id);
        return target && ofNoRound(target);
      },
    },
  }),
  "a channel says yes and tells nobody": ({ channel }) => ({ channel: { ...channel, send: async () => undefined } }),
  "alerts come out in another order": ({ targets }) => ({
    targets: {
      ...targets,
      async claimOwed(id, leaseMs) {
        const claim = await targets.claimOwed(id, leaseMs);
        return claim && { ...claim, target: { ...claim.target, owed: claim.target.owed.toReversed() } };
      },
    },
  }),
  "two send on a channel at once": () => ({ turns: { claim: async () => async () => undefined } }),
  "the ledger of deliveries is not written": ({ log }) => ({
    log: { write: (batch, options) => (batch.kind === "delivery" ? Promise.resolve() : log.write(batch, options)) },
  }),
  "what was deleted has no last word": ({ departed }) => ({ departed: { ...departed, list: async () => [] } }),
  "a deletion is not begun before it is done": ({ deletions }) => ({ deletions: { ...deletions, put: async () => true } }),
} as const satisfies Record<string, (parts: Parts) => Partial<Parts>>;

export type Sabotage = keyof typeof SABOTAGES;
