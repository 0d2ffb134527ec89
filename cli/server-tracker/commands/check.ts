import type { CheckResult } from "../../../shared/check/check-result.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { bareHost } from "../../../shared/net/bare-host.ts";
import { parseTargetConfig } from "../../../shared/targets/target.ts";
import { cleanText } from "../../../shared/text/clean-text.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { VERSION } from "../../../shared/version.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import type { Output } from "../output.ts";

/** From one's own machine everything but link-local may be reached, as by `npm start`. */
const RANGES = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
const ROUND_S = 60;

export interface CheckFlags {
  readonly timeout: string;
  readonly insecure?: boolean;
  readonly contains?: string;
  readonly status?: string;
}

/** Runs one check here, without a server or a login. @returns the exit code */
export async function check({ output }: Context, address: string, flags: CheckFlags): Promise<number> {
  const timeoutMs = Number(flags.timeout) * 1_000;
  if (!(timeoutMs >= 100 && timeoutMs <= 30_000)) throw new CommandError("--timeout must be 0.1 to 30 seconds");
  const config = parseTargetConfig({ name: "check", retries: 0, timeoutMs, ...targetOf(address), ...asked(flags) }, ROUND_S);
  const guard = createAddressGuard(RANGES, [], true);
  const result = await runCheck(
    { config, heartbeat: { awaitedSince: 0 } },
    { clock: systemClock, guard, userAgent: `server-tracker/${VERSION} (check from a command line)`, inDetail: true },
  );
  if (result === undefined) throw new CommandError("there is nothing to say of that");
  if (output.format === "table") show(output, address, result);
  else output.data(result);
  return result.status === "up" ? EXIT.fine : EXIT.down;
}

function asked({ insecure, contains, status }: CheckFlags): Record<string, unknown> {
  return {
    ...(insecure && { verifyTls: false }),
    ...(contains !== undefined && { assertions: [{ kind: "bodyContains", text: contains }] }),
    ...(status !== undefined && { expectedStatuses: status.split(",").map(statusOf) }),
  };
}

/** @throws {CommandError} */
function statusOf(part: string): number | string {
  const text = part.trim();
  if (/^\d{3}$/.test(text)) return Number(text);
  if (/^[1-9]xx$/i.test(text)) return `${text[0]}00-${text[0]}99`;
  if (/^\d{3}-\d{3}$/.test(text)) return text;
  throw new CommandError(`--status must be statuses such as 200, 2xx or 200-299, separated by commas: "${text}" is none`);
}

/** What an address asks for: a URL, `tcp://host:port`, `tls://host`, `dns://name?type=MX`, `ping://host`, `domain://name`. */
function targetOf(address: string): Record<string, unknown> {
  const scheme = /^([a-z]+):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return targetOf(`https://${address}`);
  if (scheme === "http" || scheme === "https") return { type: "http", url: address };
  if (scheme === "ws" || scheme === "wss") return { type: "websocket", url: address };
  const url = URL.parse(address.replace(/^[a-z]+:/i, "http:"));
  if (url === null) throw new CommandError(`"${address}" is no address that can be checked`);
  const host = bareHost(url.hostname);
  const port = (fallback?: number) => ({ host, port: Number(url.port) || fallback });
  switch (scheme) {
    case "tcp":
      return { type: "tcp", ...port() };
    case "tls":
      return { type: "tls", ...port(443) };
    case "grpc":
      return { type: "grpc", ...port(443) };
    case "dns":
      return { type: "dns", host, ...(url.searchParams.get("type") !== null && { recordType: url.searchParams.get("type") }) };
    case "ping":
    case "domain":
      return { type: scheme, host, ...(scheme === "domain" && { intervalSeconds: 86_400 }) };
    default:
      throw new CommandError(`there is no check of ${scheme}://: http, https, ws, wss, tcp, tls, grpc, dns, ping and domain are known`);
  }
}

const PHASES = [
  ["dnsMs", "name look-up"],
  ["connectMs", "connection"],
  ["tlsMs", "TLS handshake"],
  ["ttfbMs", "first byte"],
  ["transferMs", "transfer"],
] as const;
const BAR = 40;

function show(
  output: Output,
  address: string,
  { status, error, note, httpStatus, totalMs, phases, hops = [], address: reached, certificate, chains = [], assertions = [] }: CheckResult,
): void {
  const took = totalMs === undefined ? "" : `  ${milliseconds(totalMs)}`;
  output.line(`${output.status(status)}  ${cleanText(address, 300)}${httpStatus === undefined ? "" : `  ${httpStatus}`}${took}`);
  if (error !== undefined) output.line(`  ${output.paint("red", error.text)}`);
  if (note !== undefined) output.line(`  ${cleanText(note, 300)}`);
  for (const { what, holds, saw } of assertions) output.line(`  ${output.paint(holds ? "dim" : "red", `${what}: saw ${saw}`)}`);
  showPhases(output, phases);
  if (hops.length > 1) for (const hop of hops) output.line(`  ${output.paint("dim", `${hop.status} ${cleanText(hop.url, 300)}`)}`);
  if (reached !== undefined) output.line(`  ${output.paint("dim", `address      ${reached}`)}`);
  if (certificate !== undefined)
    output.line(`  ${output.paint("dim", `certificate  ${cleanText(certificate.what, 200)}: ${certificate.daysLeft} days left`)}`);
  for (const chain of chains) showChain(output, chain);
}

function showPhases(output: Output, phases: CheckResult["phases"]): void {
  const whole = Object.values(phases).reduce((sum, ms) => sum + (ms ?? 0), 0);
  let before = 0;
  for (const [phase, name] of PHASES) {
    const ms = phases[phase];
    if (ms === undefined) continue;
    const [from, to] = [before, before + ms].map((at) => Math.round((BAR * at) / Math.max(whole, 0.001)));
    output.line(
      `  ${name.padEnd(14)}${milliseconds(ms).padStart(9)}  ${" ".repeat(from ?? 0)}${"█".repeat(Math.max(1, (to ?? 0) - (from ?? 0)))}`,
    );
    before += ms;
  }
}

function showChain(output: Output, { of, certificates }: NonNullable<CheckResult["chains"]>[number]): void {
  output.line(`  ${output.paint("dim", `chain of ${cleanText(of, 253)}`)}`);
  for (const { name, issuer, validTo, daysLeft } of certificates) {
    const ends = daysLeft < 0 ? `ended ${validTo.slice(0, 10)}` : `until ${validTo.slice(0, 10)}, ${daysLeft} days`;
    output.line(`    ${output.paint("dim", `${name}, by ${issuer}: ${ends}`)}`);
  }
}

function milliseconds(ms: number): string {
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
