import { randomUUID } from "node:crypto";
import { generate } from "selfsigned";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * A certificate that may sign others. @param days until it expires; negative for one that has
 * @param issuer who signs it; itself when left out. `cert` then holds only its own, not the issuer's.
 * @param commonName a random one when left out
 */
export async function makeCertificate(
  name: string,
  days: number,
  { issuer, commonName = randomUUID() }: { issuer?: Certificate; commonName?: string } = {},
): Promise<Certificate> {
  const notAfterDate = new Date(Date.now() + days * 86_400_000 + 3_600_000);
  const notBeforeDate = new Date(Math.min(Date.now(), notAfterDate.getTime()) - 86_400_000);
  const { private: key, cert } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    notBeforeDate,
    notAfterDate,
    algorithm: "sha256",
    ...(issuer && { ca: issuer }),
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { key, cert };
}
