import { type ChildProcess, execFile, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls, createSecureContext } from "node:tls";
import { promisify } from "node:util";
import { unusedPort } from "../../local/stand-ins/listen.ts";
import { runCheck } from "../../shared/check/run-check.ts";
import { trustCertificates } from "../../shared/net/dial.ts";
import { createPacer } from "../../shared/round/pacer.ts";
import { runChecks } from "../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../support/checks.ts";

import { measured, printTable, quantile, type Row } from "./report.ts";

interface Targets {
  readonly http: string;
  readonly https: string;
  /** Answers after 5 ms. */
  readonly slow: string;
  readonly slowHttps: string;
  readonly cert: string;
}

const CHECKS = 3_000;
/** Before it is measured, of each peer: ten rounds of 200 targets, by which V8 has compiled what is hot. */
const WARM_UP = 2_000;
const AT_ONCE = 20;
const CLOCK_TICKS_PER_SECOND = 100;

async function atOnce(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await work();
    }),
  );
}

async function ours(url: string): Promise<{ perSecond: number; cpuMs: number }> {
  const job = { config: configOf({ url, retries: 0 }), heartbeat: { awaitedSince: 0 } };
  const engine = testEngine();
  const check = async () => {
    const result = await runCheck(job, engine);
    if (result?.status !== "up") throw new Error(`the check is ${JSON.stringify(result)}`);
  };
  await atOnce(WARM_UP, check);
  const { cpuMs, wallMs } = await measured(() => atOnce(CHECKS, check));
  return { perSecond: (CHECKS / wallMs) * 1_000, cpuMs: cpuMs / CHECKS };
}

async function handshakes(url: string, cert: string): Promise<{ perSecond: number; cpuMs: number }> {
  const secureContext = createSecureContext({ ca: cert, ecdhCurve: "X25519:P-256" });
  const port = Number(new URL(url).port);
  const handshake = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", secureContext }, () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  await atOnce(WARM_UP, handshake);
  const { cpuMs, wallMs } = await measured(() => atOnce(CHECKS, handshake));
  return { perSecond: (CHECKS / wallMs) * 1_000, cpuMs: cpuMs / CHECKS };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / CLOCK_TICKS_PER_SECOND;
}

/** Debian's prometheus-blackbox-exporter; `undefined` where it is not installed. */
async function blackbox(
  targets: Targets,
): Promise<{ http: number; https: number; perSecond: { http: number; https: number } } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "blackbox-"));
  const config = join(folder, "blackbox.yml");
  await writeFile(
    config,
    "modules:\n  plain:\n    prober: http\n    http:\n      preferred_ip_protocol: ip4\n      tls_config: { insecure_skip_verify: true }\n",
  );
  const port = await unusedPort();
  const child = spawn(
    "prometheus-blackbox-exporter",
    [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"],
    { stdio: "ignore" },
  );
  const started = await Promise.race([once(child, "spawn").then(() => true), once(child, "error").then(() => false)]);
  if (!started) return undefined;
  try {
    for (let tries = 0; tries < 50; tries++) {
      if (
        await fetch(`http://127.0.0.1:${port}/-/healthy`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break;
      await delay(100);
    }
    const probe = async (url: string) => {
      const call = async () => {
        const answer = await (await fetch(`http://127.0.0.1:${port}/probe?module=plain&target=${encodeURIComponent(url)}`)).text();
        if (!answer.includes("probe_success 1")) throw new Error(`blackbox_exporter failed: ${answer.slice(0, 500)}`);
      };
      await atOnce(WARM_UP, call);
      const [before, start] = [await cpuOf(child), performance.now()];
      await atOnce(CHECKS, call);
      return { cpuMs: ((await cpuOf(child)) - before) / CHECKS, perSecond: (CHECKS / (performance.now() - start)) * 1_000 };
    };
    const [http, https] = [await probe(targets.http), await probe(targets.https)];
    return { http: http.cpuMs, https: https.cpuMs, perSecond: { http: http.perSecond, https: https.perSecond } };
  } finally {
    child.kill();
    await rm(folder, { recursive: true });
  }
}

/** CPU ms a request of a command that makes `count`; `undefined` where it is not installed. */
async function commandCpu(command: string, count: (output: string) => number): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", `TIMEFORMAT='cpu %U %S'; time { ${command}; }`]);
    const [, user = "", system = ""] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
    return ((Number(user) + Number(system)) * 1_000) / count(stdout);
  } catch {
    return undefined;
  }
}

async function honesty(url: string, perSecond: number): Promise<number> {
  const jobs = Array.from({ length: 250 }, () => ({ config: configOf({ url, retries: 0 }), heartbeat: { awaitedSince: 0 } }));
  const { results } = await runChecks(jobs, testEngine({ pacer: createPacer(perSecond) }));
  return quantile(
    results.map((result) => result?.totalMs ?? Number.POSITIVE_INFINITY),
    0.95,
  );
}

export async function benchCheckEngine(): Promise<void> {
  const server = fork(new URL("target-server.ts", import.meta.url), { stdio: "inherit" });
  try {
    const [targets] = (await once(server, "message")) as [Targets];
    trustCertificates([targets.cert]);
    const http = await ours(targets.http);
    const bare = await handshakes(targets.https, targets.cert);
    const https = await ours(targets.https);
    const peer = await blackbox(targets);
    const requests = (output: string) => Number(/(\d+) requests in/.exec(output)?.[1]);
    const wrk = async (url: string) => commandCpu(`wrk -t1 -c20 -d3s -H 'Connection: close' ${url}`, requests);
    const [wrkHttp, wrkHttps] = [await wrk(targets.http), await wrk(targets.https)];
    const curl = await commandCpu(`for i in $(seq 100); do curl -s -o /dev/null ${targets.http}; done; echo 100`, Number);
    const paces = [200, 300, 400, 500];
    const slowest: Row[] = [];
    for (const pace of paces) {
      const figures = { "p95 latency ms": await honesty(targets.slow, pace), "https p95 ms": await honesty(targets.slowHttps, pace) };
      slowest.push({ what: `5 ms target, ${pace} checks/s`, figures });
    }

    const rows: Row[] = [
      { what: "http: Server Tracker", figures: { "CPU ms/check": http.cpuMs, "checks/s": http.perSecond } },
      ...(peer ? [{ what: "http: blackbox_exporter", figures: { "CPU ms/check": peer.http, "checks/s": peer.perSecond.http } }] : []),
      ...(wrkHttp ? [{ what: "http: wrk (floor)", figures: { "CPU ms/check": wrkHttp } }] : []),
      ...(curl ? [{ what: "http: curl, a process each", figures: { "CPU ms/check": curl } }] : []),
      { what: "https: Server Tracker, verifying", figures: { "CPU ms/check": https.cpuMs, "checks/s": https.perSecond } },
      { what: "https: bare node:tls handshake", figures: { "CPU ms/check": bare.cpuMs, "checks/s": bare.perSecond } },
      ...(peer
        ? [{ what: "https: blackbox_exporter, not verifying", figures: { "CPU ms/check": peer.https, "checks/s": peer.perSecond.https } }]
        : []),
      ...(wrkHttps ? [{ what: "https: wrk (floor)", figures: { "CPU ms/check": wrkHttps } }] : []),
      ...slowest,
    ];
    printTable("Check engine: fresh connections, server in another process", rows, [
      { aim: "http: at most 0.35 of blackbox_exporter's CPU", met: peer && http.cpuMs <= peer.http * 0.35 },
      { aim: "https, verifying: at most 0.80 of blackbox_exporter's without", met: peer && https.cpuMs <= peer.https * 0.8 },
      { aim: "https: within 1.3x of bare handshakes", met: https.cpuMs <= bare.cpuMs * 1.3 },
      { aim: "a target that answers in 5 ms is told within 5 ms of that at p95", met: Number(slowest[0]?.figures["p95 latency ms"]) <= 10 },
      {
        aim: "https: 500 checks/s, the pace in AWS, tell no more than 1.5 times what 200/s tell",
        met: Number(slowest.at(-1)?.figures["https p95 ms"]) <= 1.5 * Number(slowest[0]?.figures["https p95 ms"]),
      },
    ]);
  } finally {
    server.disconnect();
  }
}
