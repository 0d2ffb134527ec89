import * as z from "zod";
import { parseDnsServer } from "../net/dns-server.ts";
import { fieldKeyEnv, listOf, logEnv, reachEnv, roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const checkShardEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...reachEnv,
  ...fieldKeyEnv,
  /** Checks started a second in one process; see `shared/check/pacer.ts`. */
  CHECKS_PER_SECOND: wholeNumber(1, 10_000).default(500),
  /** Name servers asked instead of the machine's own. */
  DNS_SERVERS: listOf((server) => {
    if (parseDnsServer(server) === undefined) throw new RangeError(`"${server}" is not a name server such as 1.1.1.1 or [::1]:5353`);
    return server;
  }).default([]),
});
