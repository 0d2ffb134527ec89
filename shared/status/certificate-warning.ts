/** Days left at which the owner is warned, once each; -1 stands for a certificate that has expired. The same for all targets. */
const CERTIFICATE_WARNING_DAYS = [21, 14, 7, 3, 1, -1] as const;

/** By certificate, the limit last warned about. */
export type CertificateWarnings = Readonly<Record<string, number>>;

/** Stands for whatever certificate there is: what releases before 0.2 wrote, which knew one for a target. */
export const ANY_CERTIFICATE = "*";
/** Certificates of one target that are remembered: as many backends may take turns. */
const MAX_REMEMBERED = 8;

/**
 * Decides whether a certificate's age is worth a word: once for each limit and certificate, however many take turns
 * behind a name. A fresh one forgets nothing; what it replaces is not seen again. Pure.
 *
 * @param seen the certificate and its days left; `undefined` when there is none
 * @returns the same `warned` when nothing changes, so that nothing needs writing
 */
export function certificateWarning(
  warned: CertificateWarnings,
  seen: { readonly id: string; readonly daysLeft: number } | undefined,
): { warned: CertificateWarnings; warn: boolean } {
  const limit = CERTIFICATE_WARNING_DAYS.findLast((days) => (seen?.daysLeft ?? Number.POSITIVE_INFINITY) <= days);
  if (seen === undefined || limit === undefined) return { warned, warn: false };
  const { [ANY_CERTIFICATE]: any, [seen.id]: own = any, ...others } = warned;
  const warn = own === undefined || limit < own;
  if (!warn && any === undefined) return { warned, warn };
  const kept = Object.entries(others).slice(-(MAX_REMEMBERED - 1));
  return { warned: { ...Object.fromEntries(kept), [seen.id]: warn ? limit : (own ?? limit) }, warn };
}
