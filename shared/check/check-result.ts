import type { SeenCertificate, SeenChain } from "../net/certificate.ts";
import type { Phases } from "../net/dial.ts";
import type { SeenAssertion } from "./assertion-words.ts";
import type { CheckError, CheckStatus } from "./check-type.ts";

/** What a check found that was made of the same target at another place. */
export interface Opinion {
  /** The region, or what its owner calls the place. */
  readonly from: string;
  /** `undefined` where nobody there could be asked: that is no vote. */
  readonly result?: CheckResult;
  /** Why not. */
  readonly reason?: string;
}

/** The result of one check: what the status rule decides on and what the log keeps. */
export interface CheckResult {
  readonly status: CheckStatus;
  readonly error?: CheckError;
  readonly httpStatus?: number;
  readonly note?: string;
  /** 1 when the first attempt decided; more means it needed retries, also when it passed. */
  readonly attempts: number;
  /** Epoch ms of the first attempt. */
  readonly startedAt: number;
  /** Milliseconds of the deciding attempt, from name look-up to last byte; absent for a ping without one. */
  readonly totalMs?: number;
  readonly phases: Phases;
  /** Requests of the deciding attempt, redirects included, oldest first. */
  readonly hops?: readonly { readonly url: string; readonly status: number }[];
  readonly address?: string;
  /** Of the certificate that ends first, over all hops and their chains. */
  readonly certificate?: SeenCertificate;
  /** All certificates that were shown, where the engine was asked for them. */
  readonly chains?: readonly SeenChain[];
  /** What each assertion saw, in their order, where the engine was asked for it. */
  readonly assertions?: readonly SeenAssertion[];
  /** It answered well, and later than its limit: what is far away cannot see that. */
  readonly isSlow?: true;
  /** What others saw, where they were asked because it was down here. */
  readonly opinions?: readonly Opinion[];
  /** What was seen here, where others see the target up. */
  readonly seenHere?: CheckResult;
}
