import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { deployedFunctions, synthesized } from "./deployment.ts";

it("puts a probe into each region that is asked, which only the shards call, and which reaches nothing of ours", async () => {
  const deployment = await synthesized({
    probeRegions: "us-east-1,ap-southeast-1",
    dnsServers: "10.0.0.2",
  });
  const probes = deployedFunctions(deployment).filter(({ name }) => name === "probe");
  expect(probes).toHaveLength(2);
  for (const { environment, statements } of probes) {
    // Where they are, that network is not.
    expect(environment).not.toHaveProperty("ALLOWED_PRIVATE_RANGES");
    expect(environment).not.toHaveProperty("DNS_SERVERS");
    expect(new Set(statements.flatMap(({ actions }) => actions))).toEqual(new Set(["logs:CreateLogStream", "logs:PutLogEvents"]));
  }
  const callers = deployedFunctions(deployment).filter(({ name }) => name === "check-shard" || name === "check-waiting");
  expect(callers).toHaveLength(2);
  for (const { statements, environment } of callers) {
    const called = JSON.stringify(statements.filter(({ actions }) => actions.includes("lambda:InvokeFunction")));
    for (const region of ["us-east-1", "ap-southeast-1"]) expect(called).toContain(`:lambda:${region}:`);
    expect(called).not.toContain("*");
    expect(environment).toMatchObject({ PROBES: "us-east-1,ap-southeast-1", PROBE_FUNCTION: "server-tracker-test-probe" });
  }
  const { Properties } = deployment.ofType("AWS::Lambda::Function").find(([id]) => id.startsWith("Probe"))?.[1] ?? {};
  expect(Properties).toMatchObject({ FunctionName: "server-tracker-test-probe" });
  // What a cold start reads; chunks that are imported where they are needed come later.
  const folder = deployment.bundles.folder("probe");
  const loaded = new Set(["index.mjs"]);
  for (const file of loaded) {
    for (const [, chunk = ""] of readFileSync(join(folder, file), "utf8").matchAll(/(?:from|import)\s*"\.\/([\w-]+\.mjs)"/g))
      loaded.add(chunk);
  }
  const bytes = [...loaded].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  expect(bytes).toBeGreaterThan(100 * 1_024);
  expect(bytes).toBeLessThan(400 * 1_024);
});

it("asks nobody where no region is named, and never its own", async () => {
  const none = await synthesized({ probeRegions: "" });
  expect(deployedFunctions(none).some(({ name }) => name === "probe")).toBe(false);
  expect(deployedFunctions(none).find(({ name }) => name === "check-shard")?.environment).not.toHaveProperty("PROBES");
  await expect(synthesized({ region: "eu-central-1", probeRegions: "eu-central-1" })).rejects.toThrow(/other regions/);
  await expect(synthesized({ probeRegions: "Virginia" })).rejects.toThrow(/must be regions/);
  await expect(synthesized({ probeRegions: "us-east-1,us-east-1" })).rejects.toThrow(/name each region once/);
  await expect(synthesized({ region: "eu-central-1", probeRegions: "cn-north-1" })).rejects.toThrow(/not of the same partition/);
  for (const odd of [
    { maxTargets: 100.5 },
    { maxTargets: true },
    { shardSize: "250.5" },
    { rawRetentionDays: 14.5 },
    { requestsPerMinute: "0x10" },
    { auroraMinCapacity: 0.7 },
  ])
    await expect(synthesized(odd as never), JSON.stringify(odd)).rejects.toThrow(new RegExp(`${Object.keys(odd)[0]}`));
});
