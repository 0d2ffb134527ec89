import type { HeartbeatSeen } from "../check/check-type.ts";
import type { CertificateWarnings } from "../status/certificate-warning.ts";
import type { TargetState } from "../status/next-status.ts";
import type { BurnLevel } from "../status/slo.ts";
import type { Delivery, OwedAlert } from "./owed-alert.ts";
import type { IncidentState, KnownStatus, SentMessage, Target, TargetConfig, TargetKey } from "./target.ts";

/** Another target has the name, or is just being created with it. */
export class NameTakenError extends Error {
  override readonly name = "NameTakenError";
}

/** There are as many targets as the deployment allows. */
export class TooManyTargetsError extends Error {
  override readonly name = "TooManyTargetsError";
}

/** The target was changed by somebody else since it was read, or is gone. */
export class VersionConflictError extends Error {
  override readonly name = "VersionConflictError";
}

/** A change of state to commit, with what it owes. */
export interface StateCommit {
  readonly state: TargetState;
  readonly owed: readonly OwedAlert[];
  /** Leave the item to make room, and are the writer's to keep elsewhere. */
  readonly dropped?: readonly OwedAlert[];
  readonly certificateWarnings: CertificateWarnings;
  /** Left as it is when left out. */
  readonly incident?: IncidentState | undefined;
  /** How fast it spends its error budget; `null` no longer. Left as it is when left out. */
  readonly sloBurn?: BurnLevel | null;
}

/** A claim on a target's owed alerts: while it holds, nobody else delivers them. */
export interface DeliveryClaim {
  readonly target: Target;
  readonly leaseId: string;
}

/** How the delivery of one owed alert on one channel ended up. */
export interface RecordedDelivery {
  /** The alert's key. */
  readonly at: number;
  readonly channel: string;
  readonly delivery: Delivery;
  /** What the channel's people know of the target from now on; `well` where they know what there is to know. Left as it is when left out. */
  readonly known?: KnownStatus | undefined;
  /** The message that tells of it; `null` forgets the one before. Left as it is when left out. */
  readonly message?: SentMessage | null | undefined;
}

/*
 * Targets, their states and what they owe, in three parts, so that a function's bundle and role hold only
 * what it does. Single-item conditional writes only, so that every change is one atomic step; see DESIGN, "A
 * transition is owed until it is settled".
 */

/** Reads targets. */
export interface TargetReader {
  /** Reads consistently. */
  get(id: string): Promise<Target | undefined>;
  /** In order of id. @param after the last id of the page before */
  list(options: { after?: string | undefined; limit: number }): Promise<Target[]>;
  /** Every target, as far as planning needs it; read eventually consistent. */
  keys(): AsyncIterable<TargetKey>;
  /**
   * Every target with `from` ≤ id ≤ `to`, read eventually consistent at half the price: a commit on what is stale
   * fails its condition, and is decided anew.
   */
  range(from: string, to: string): Promise<Target[]>;
}

/** What rounds change of targets. */
export interface TargetRounds {
  /** @returns false when state or configuration changed since `target` was read: read it again and decide anew */
  commitState(target: Target, commit: StateCommit): Promise<boolean>;
  /** Claims what a target owes for `leaseMs`; `undefined` when it owes nothing or another has the claim. */
  claimOwed(id: string, leaseMs: number): Promise<DeliveryClaim | undefined>;
  /** Keeps what became of deliveries. @returns false when the claim was lost meanwhile */
  recordDeliveries(claim: DeliveryClaim, deliveries: readonly RecordedDelivery[]): Promise<boolean>;
  /** Takes settled alerts, by their keys, off the target and gives the claim back. Does nothing when the claim was lost. */
  releaseOwed(claim: DeliveryClaim, settled: readonly number[]): Promise<void>;
}

/** What owners and their machines change of targets. */
export interface TargetRegistry {
  /**
   * @throws {NameTakenError} also when two creations run at once
   * @throws {TooManyTargetsError} when there are `maxTargets`; creations at once may exceed it by as many
   */
  create(config: TargetConfig, options?: { id?: string; heartbeatKeyHash?: string; maxTargets?: number }): Promise<Target>;
  /**
   * Replaces the configuration, and the state and what it owes when those change with it.
   * @throws {VersionConflictError} when the configuration or state is no longer what `target` has
   * @throws {NameTakenError}
   */
  updateConfig(target: Target, config: TargetConfig, commit?: StateCommit): Promise<Target>;
  /**
   * Removes a target, and leaves `departed` among those that have, with whatever claim there is on what it owes.
   * @throws {VersionConflictError} when the target is no longer what `target` has
   */
  remove(target: Target, departed?: Target): Promise<void>;
  /**
   * Records a ping or report of a heartbeat target, or that its job begins.
   * @returns false when there is no such target
   */
  recordPing(id: string, ping: (Pick<HeartbeatSeen, "reported"> & { lastPingAt: number }) | { startedAt: number }): Promise<boolean>;
  /** Replaces the key of a heartbeat target. @param keyHash SHA-256, hex */
  setHeartbeatKey(id: string, keyHash: string): Promise<boolean>;
}

export interface TargetStore extends TargetReader, TargetRounds, TargetRegistry {}
