import { dnsCheck } from "./dns.ts";
import { domainCheck } from "./domain.ts";
import { grpcCheck } from "./grpc.ts";
import { heartbeatCheck } from "./heartbeat.ts";
import { httpCheck } from "./http.ts";
import { pingCheck } from "./ping.ts";
import { tcpCheck } from "./tcp.ts";
import { tlsCheck } from "./tls.ts";
import { websocketCheck } from "./websocket.ts";

/** Every kind of check. The first is the default of a target that names no type. */
export const checkTypes = [
  httpCheck,
  tcpCheck,
  dnsCheck,
  tlsCheck,
  websocketCheck,
  grpcCheck,
  pingCheck,
  domainCheck,
  heartbeatCheck,
] as const;

export type CheckTypeName = (typeof checkTypes)[number]["type"];
