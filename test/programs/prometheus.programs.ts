import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

/* What is scraped, by Prometheus itself: Debian's package `prometheus`, or its programs on PATH. */
const run = promisify(execFile);
const isThere = await run("promtool", ["--version"]).then(
  () => true,
  () => false,
);
if (!isThere) process.stdout.write("no promtool here: what Prometheus makes of GET /metrics is not tested\n");

let monitor: Monitor;
let folder: string;
beforeAll(async () => {
  [monitor, folder] = await Promise.all([startMonitor(), mkdtemp(join(tmpdir(), "prometheus-"))]);
});
afterAll(async () => {
  await monitor.close();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe.runIf(isThere)("Prometheus", () => {
  it("takes the examples of the documentation", async () => {
    const { stdout } = await run("promtool", ["check", "rules", "docs/prometheus/rules.yml"]);
    expect(stdout).toContain("SUCCESS: 9 rules found");
    await writeFile(join(folder, "server-tracker.token"), "token");
    const config = await run("promtool", ["check", "config", "--syntax-only", "docs/prometheus/prometheus.yml"]);
    expect(config.stdout).toContain("is valid prometheus config file syntax");
  });

  it("finds nothing to say of what is shown, and scrapes and alerts by it", async () => {
    const site = await startSite();
    await monitor.api("POST", "/targets", { name: 'Shop "A\\B"\u00e9', url: site.url, retries: 0, group: "Web" });
    await monitor.api("POST", "/targets", { name: "Away", url: "http://127.0.0.1:1/", retries: 0 });
    await monitor.round(marksFromNow()());
    // A day's checks as they are rolled up: what histograms come from.
    const midnight = new Date().toISOString().slice(0, 10);
    const sinceMidnightMs = Date.now() - Date.parse(midnight);
    for (const table of ["rollup_5m", "rollup_hour"])
      await monitor.log.sql.execute(
        `insert into ${table} (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
       select '${midnight}'::timestamptz, seq, 300, 0, 0, 100, 0, 2_000, 90, array[15, 25]::smallint[], array[90, 10] from target where name like 'Shop%'`,
        {},
      );
    await monitor.log.sql.execute(
      "insert into rollup_state (rolled_up_to) values (now()) on conflict (only_row) do update set rolled_up_to = now()",
      {},
    );
    const { token } = (await monitor.api("POST", "/tokens", { name: "prometheus", role: "viewer" })) as { token: string };
    const metrics = await monitor.request("GET", "/metrics", { headers: { authorization: `Bearer ${token}` } });
    const linted = execFile("promtool", ["check", "metrics"]);
    linted.stdin?.end(metrics.text);
    const said: string[] = [];
    for (const stream of [linted.stdout, linted.stderr]) stream?.on("data", (text) => said.push(String(text)));
    const code = await new Promise((resolve) => linted.once("close", resolve));
    expect([code, said.join("")]).toEqual([0, ""]);

    const port = await freePort();
    const target = new URL(monitor.url).host;
    const rules = join(process.cwd(), "docs/prometheus/rules.yml");
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [{ job_name: "server-tracker", authorization: { credentials: token }, static_configs: [{ targets: [target] }] }],
    };
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
    const prometheus = spawn(
      "prometheus",
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    const ended = new Promise((resolve) => prometheus.once("exit", resolve));
    try {
      const query = async (text: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`).catch(() => undefined);
        const { data } = ((await answer?.json()) ?? { data: { result: [] } }) as {
          data: { result: { metric: Record<string, string>; value: [number, string] }[] };
        };
        return data.result.map(({ metric, value }) => [metric["name"] ?? "", value[1]]).sort();
      };
      await expect
        .poll(() => query("server_tracker_target_up"), { timeout: 60_000 })
        .toEqual([
          ["Away", "0"],
          ['Shop "A\\B"\u00e9', "1"],
        ]);
      expect(await query('server_tracker_target_latency_seconds{phase="total",name=~"Shop.*"} < 10')).toHaveLength(1);
      // Not in the first minutes of a day, of which nothing is rolled up.
      if (sinceMidnightMs > 900_000) {
        const median = await query("histogram_quantile(0.5, server_tracker_target_check_duration_seconds_bucket)");
        expect(median).toHaveLength(1);
        expect(Number(median[0]?.[1])).toBeGreaterThan(0.008);
        expect(Number(median[0]?.[1])).toBeLessThan(0.016);
      }
      expect(await query("server_tracker_last_round_checked")).toEqual([["", "2"]]);
      await expect.poll(() => query('ALERTS{alertname="TargetDown",alertstate="firing"}'), { timeout: 60_000 }).toEqual([["Away", "1"]]);
      await expect.poll(() => query("server_tracker:coverage:ratio"), { timeout: 60_000 }).toEqual([["", "1"]]);
    } finally {
      prometheus.kill("SIGTERM");
      await ended;
    }
  });
});
