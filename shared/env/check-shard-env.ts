import * as z from "zod";
import { fieldKeyEnv, listOf, logEnv, parseProbe, pingEnv, reachEnv, restEnv, roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const checkShardEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...restEnv,
  ...roundEnv,
  ...reachEnv,
  ...pingEnv,
  ...fieldKeyEnv,
  /** `host:port`, with commas: what stands for the outside. While one answers, failures all over are no fault of ours. */
  CONTROL_TARGETS: listOf((part) => {
    const [, host = "", port = ""] = /^\[?([^\s[\]]+?)\]?:(\d{1,5})$/.exec(part) ?? [];
    if (host === "" || Number(port) < 1 || Number(port) > 65_535) throw new RangeError(`"${part}" is no address such as example.com:443`);
    return { host, port: Number(port) };
  }).default([]),
  /** Places that are asked before a target is down: regions, or `name=http://address` of a probe that runs there. */
  PROBES: listOf(parseProbe).default([]),
  /** Name of the probe's function, in each of them. */
  PROBE_FUNCTION: z.string().default("probe"),
  /** What this place is called beside them. */
  PROBE_HOME: z.string().max(40).default("here"),
  /** Name of the function that delivers alerts in the middle of a round; without one they wait for its end. */
  BELL_FUNCTION: z.string().optional(),
  /** Checks started a second in one process; see `shared/round/pacer.ts`. */
  CHECKS_PER_SECOND: wholeNumber(1, 10_000).default(500),
});
