import { createPrivateKey, X509Certificate } from "node:crypto";
import * as z from "zod";
import { messageOf } from "../errors.ts";
import type { ClientIdentity } from "../net/dial.ts";
import { MASK } from "../text/mask.ts";

/** What a check shows to servers that ask for a client's certificate (mTLS). */
export const clientIdentityFields = {
  clientCertificate: z
    .string()
    .max(32_768, "must have at most 32768 characters")
    .optional()
    .meta({ description: "PEM, intermediates behind it, for a server that asks for a client's certificate." }),
  clientKey: z
    .string()
    .max(16_384, "must have at most 16384 characters")
    .optional()
    .meta({ description: "PEM without a passphrase: the private key of clientCertificate. Stored encrypted, never shown." }),
};

interface IdentityConfig {
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** What a dial takes of {@link clientIdentityFields}. */
export function identityOf({ clientCertificate: certificate, clientKey: key }: IdentityConfig): ClientIdentity | undefined {
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** What is wrong with a certificate and its key, as field errors; a key that stands masked was looked at when it was sent. */
export function identityIssues({ clientCertificate, clientKey }: IdentityConfig): { path: string; message: string }[] {
  if (clientCertificate === undefined && clientKey === undefined) return [];
  if (clientKey === undefined) return [{ path: "clientKey", message: "must be sent with clientCertificate" }];
  if (clientCertificate === undefined) return [{ path: "clientCertificate", message: "must be sent with clientKey" }];
  const certificate = parsed(() => new X509Certificate(clientCertificate));
  if (typeof certificate === "string") return [{ path: "clientCertificate", message: `must be a certificate as PEM: ${certificate}` }];
  if (clientKey === MASK) return [];
  const key = parsed(() => createPrivateKey(clientKey));
  if (typeof key === "string") return [{ path: "clientKey", message: `must be a private key as PEM, without a passphrase: ${key}` }];
  return certificate.checkPrivateKey(key) ? [] : [{ path: "clientKey", message: "is not the key of clientCertificate" }];
}

function parsed<Value>(parse: () => Value): Value | string {
  try {
    return parse();
  } catch (error) {
    return messageOf(error);
  }
}
