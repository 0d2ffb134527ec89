import * as z from "zod";
import { dial } from "../net/dial.ts";
import { START_TLS } from "../net/start-tls-protocols.ts";
import { certificateProblem } from "./certificate-problem.ts";
import { defineCheckType } from "./check-type.ts";
import { clientIdentityFields, identityIssues, identityOf } from "./client-identity.ts";
import { certificateWarningDaysField, hostField, portField, resolverReach, routed, routeFields, severityField } from "./fields.ts";

const shape = {
  type: z.literal("tls"),
  host: hostField,
  port: portField.default(443),
  servername: hostField.optional().meta({ description: "Name to verify and to send as SNI, when it is not the host." }),
  startTls: z.enum(START_TLS).optional().meta({ description: "The protocol in which the server agrees on TLS." }),
  verifyTls: z.boolean().default(true).meta({ description: "False accepts any certificate; how long it lasts is judged all the same." }),
  minDaysLeft: z.int().min(0).max(3_650).default(14).meta({ description: "With fewer days left it is as expiryIs says." }),
  expiryIs: severityField.default("degraded").meta({ description: "What too few days left mean." }),
  certificateWarningDays: certificateWarningDaysField,
  ...routeFields,
  ...clientIdentityFields,
};

/** The certificate alone: down when it does not verify, degraded when it expires soon. */
export const tlsCheck = defineCheckType({
  type: "tls",
  shape,
  label: ({ host, port }) => `${host}:${port}`,
  reaches: ({ host, port, resolver }) => [{ host, hostField: "host", port, portField: "port" }, ...resolverReach(resolver)],
  secrets: ["clientKey"],
  secretsGoTo: ({ host, port }) => `${host}:${port}`,
  refine: identityIssues,
  run: async (config, context) => {
    const { host, port, servername, startTls, verifyTls, minDaysLeft, expiryIs } = config;
    const socket = await dial(
      { host, port, startTls, tls: { servername, verify: verifyTls, identity: identityOf(config) } },
      routed(config, context),
    );
    socket.destroy();
    const { certificate } = context.trace;
    const problem = certificate && certificateProblem(certificate, minDaysLeft);
    return problem === undefined ? { status: "up" } : { status: expiryIs, error: problem };
  },
});
