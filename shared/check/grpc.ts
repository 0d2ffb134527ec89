import * as z from "zod";
import { type CheckOutcome, defineCheckType } from "./check-type.ts";
import { clientIdentityFields, identityIssues, identityOf } from "./client-identity.ts";
import { certificateWarningDaysField, hostField, portField, resolverReach, routed, routeFields } from "./fields.ts";

const shape = {
  type: z.literal("grpc"),
  host: hostField,
  port: portField,
  service: z
    .string()
    .max(200, "must have at most 200 characters")
    .default("")
    .meta({ description: "Whose health is asked for; empty: the server's as a whole." }),
  tls: z.boolean().default(true).meta({ description: "False speaks in plain text." }),
  servername: hostField.optional().meta({ description: "Name to verify and to send as SNI, when it is not the host." }),
  verifyTls: z.boolean().default(true).meta({ description: "False accepts any certificate." }),
  certificateWarningDays: certificateWarningDaysField,
  ...routeFields,
  ...clientIdentityFields,
};

/** Up when a server says of itself that it is serving, by gRPC's health protocol. */
export const grpcCheck = defineCheckType({
  type: "grpc",
  shape,
  label: ({ host, port, service }) => `grpc://${host}:${port}${service && `/${service}`}`,
  reaches: ({ host, port, resolver }) => [{ host, hostField: "host", port, portField: "port" }, ...resolverReach(resolver)],
  secrets: ["clientKey"],
  secretsGoTo: ({ host, port }) => `${host}:${port}`,
  refine: identityIssues,
  run: async (config, given) => {
    const { host, port, service, tls, servername, verifyTls } = config;
    // Loaded where it is needed.
    const { askGrpcHealth } = await import("../net/grpc-health.ts");
    const endpoint = { host, port, ...(tls && { tls: { servername, verify: verifyTls, alpn: ["h2"], identity: identityOf(config) } }) };
    const answer = await askGrpcHealth({ endpoint, service, userAgent: given.userAgent }, routed(config, given));
    return judge(answer, service);
  },
});

function judge(
  { grpcStatus, message, serving }: { grpcStatus: number; message: string; serving: string | undefined },
  service: string,
): CheckOutcome {
  const whose = service === "" ? "the server" : service;
  if (grpcStatus !== 0) {
    const text =
      grpcStatus === NOT_FOUND
        ? `the server knows no service ${service}`
        : grpcStatus === UNIMPLEMENTED
          ? "the server has no health service"
          : `gRPC status ${grpcStatus}`;
    return { status: "down", error: { class: "status", text: message === "" ? text : `${text}: ${message}` } };
  }
  if (serving === "SERVING") return { status: "up" };
  return { status: "down", error: { class: "assertion", text: `${whose} is ${serving ?? "not known"}, expected SERVING` } };
}

// https://grpc.io/docs/guides/status-codes/
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
