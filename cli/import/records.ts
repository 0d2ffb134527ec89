import { EXPECTED_RCODES } from "../../shared/check/dns-rcodes.ts";
import { RECORD_TYPES } from "../../shared/check/dns-records.ts";

/** Whether records of that type can be asked for. */
export function isRecordType(type: string): boolean {
  return RECORD_TYPES.some((known) => known === type);
}

/** Whether a name server's answer of that code can be expected instead of records. */
export function isExpectedRcode(rcode: string): boolean {
  return rcode !== "NOERROR" && EXPECTED_RCODES.some((known) => known === rcode);
}

/** A name server as a target has it: without a scheme, without the port that is the default. */
export function nameServer(text: string): string {
  const server = text.replace(/^(?:udp|tcp|tls):\/\//, "");
  return server.replace(/^\[(.*)\]:53$/, "$1").replace(/^([^:]+):53$/, "$1");
}
