/** Whether a host is written as an address rather than a name, so that what it reaches is clear without a look-up. */
export function isAddressLike(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}
