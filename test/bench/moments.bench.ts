import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { printTable } from "./report.ts";

const TARGETS = 1_000;
const ROUND_S = 10;
const ROUNDS = 6;
const AT_ONCE = 16;

/** How regularly `npm start` asks each of 1,000 targets: the time between two checks of one, beside the interval. */
export async function benchMoments(): Promise<void> {
  const asked = new Map<string, number[]>();
  const site = createServer((request, response) => {
    const path = request.url ?? "";
    asked.set(path, [...(asked.get(path) ?? []), performance.now()]);
    response.end();
  });
  const url = await listen(site);
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-bench-"));
  const env = { ...process.env, DATA_DIR: folder, PORT: "0", ROUND_SECONDS: String(ROUND_S) };
  const child = spawn(process.execPath, ["--require", "./local/preload.cjs", "local/start.ts"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    while (!output.includes("Ctrl-C")) await new Promise((resolve) => setTimeout(resolve, 100));
    const [, base = "", key = ""] = /page +(\S+)\/#key=(\S+)/.exec(output) ?? [];
    const api = createApiClient(base, key, 60_000);
    let next = 0;
    const register = async () => {
      for (let index = next++; index < TARGETS; index = next++) {
        await api.call("POST", "/targets", { name: `Target ${index}`, url: `${url}/${index}`, intervalSeconds: ROUND_S, timeoutMs: 3_000 });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, register));
    asked.clear();
    await new Promise((resolve) => setTimeout(resolve, (ROUNDS + 1.5) * ROUND_S * 1_000));
    // The first round after the registrations still has some of them.
    const off = [...asked.values()].flatMap((times) =>
      times.slice(2).map((time, index) => Math.abs(time - (times[index + 1] ?? time) - ROUND_S * 1_000)),
    );
    off.sort((a, b) => a - b);
    const at = (share: number) => off[Math.floor(off.length * share)] ?? Number.NaN;
    printTable(
      `Time between two checks of a target beside its interval, ${TARGETS} targets every ${ROUND_S} s, npm start`,
      [{ what: `${off.length} intervals`, figures: { "p50 ms": at(0.5), "p90 ms": at(0.9), "p99 ms": at(0.99), "max ms": at(0.9999) } }],
      [{ aim: "p99 at most 50 ms", met: at(0.99) <= 50 }],
    );
  } finally {
    child.kill("SIGKILL");
    site.closeAllConnections();
    site.close();
    await rm(folder, { recursive: true, force: true });
  }
}
