import type { SeenCertificate } from "../net/certificate.ts";
import type { CheckError } from "./check-type.ts";

/** Says when a certificate ends, and which it is. */
export function certificateText({ what, daysLeft }: SeenCertificate): string {
  if (daysLeft < 0) return `${what} has expired`;
  return `${what} expires in ${daysLeft === 1 ? "1 day" : `${daysLeft} days`}`;
}

/** What is wrong with a certificate that has fewer days left than `minDaysLeft`; `undefined` when it has enough. */
export function certificateProblem(certificate: SeenCertificate, minDaysLeft: number): CheckError | undefined {
  if (certificate.daysLeft >= minDaysLeft) return undefined;
  return { class: "assertion", about: "certificate", text: `${certificateText(certificate)}, limit ${minDaysLeft}` };
}
