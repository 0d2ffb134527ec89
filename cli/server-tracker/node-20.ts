import { X509Certificate } from "node:crypto";
import tls from "node:tls";

/* What Node 20 lacks of what the bundle uses; loaded before everything else. */
Promise.withResolvers ??= function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let resolve: PromiseWithResolvers<Value>["resolve"] = () => undefined;
  let reject: PromiseWithResolvers<Value>["reject"] = () => undefined;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
};

URL.parse ??= (text: string | URL, base?: string | URL): URL | null => {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
};

// Of the whole process, which runs one check.
process.threadCpuUsage ??= (before) => process.cpuUsage(before);

for (const [name, text] of [
  ["validFromDate", "validFrom"],
  ["validToDate", "validTo"],
] as const) {
  if (name in X509Certificate.prototype) continue;
  Object.defineProperty(X509Certificate.prototype, name, {
    get(this: X509Certificate) {
      return new Date(this[text]);
    },
  });
}

// Without those that `NODE_EXTRA_CA_CERTS` names: connections know these all the same.
tls.getCACertificates ??= () => [...tls.rootCertificates];
