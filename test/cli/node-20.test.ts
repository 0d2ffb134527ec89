import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import { buildCommand, type Command } from "../support/command.ts";
import { serveHttps } from "../support/servers.ts";

/** Another Node of the machine, older than our own: the command line promises 20 and newer. */
const older = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find((node) => existsSync(node) && /^v2[0-3]\./.test(execFileSync(node, ["--version"]).toString()));

describe.skipIf(older === undefined)("the bundle on an older Node", () => {
  let command: Command;
  const folder = mkdtempSync(join(tmpdir(), "node-20-"));
  beforeAll(async () => {
    command = await buildCommand();
  });
  afterAll(async () => {
    await command.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const st = (...args: string[]) =>
    promisify(execFile)(older ?? "", ["dist/cli/server-tracker.cjs", ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
    );

  it("checks certificates and their chains", async () => {
    const root = await makeCertificate("root.test", 900, { commonName: "A root" });
    const middle = await makeCertificate("middle.test", 40, { commonName: "A middle", issuer: root });
    const leaf = await makeCertificate("a.test", 59, { commonName: "a.test", issuer: middle });
    const url = await serveHttps({ key: leaf.key, cert: `${leaf.cert}\n${middle.cert}` }, (_, response) => response.end("fine"));
    const up = await st("check", url, "--insecure");
    expect([up.code, up.stderr, up.stdout]).toEqual([0, "", expect.stringMatching(/^up[\s\S]*intermediate "A middle"[\s\S]*40 days/)]);
    const down = await st("check", url);
    expect([down.code, down.stdout]).toEqual([3, expect.stringContaining("not signed by a known authority")]);
  });

  it("imports what names files by a pattern", async () => {
    const job = {
      job_name: "probe",
      metrics_path: "/probe",
      params: { module: ["http_2xx"] },
      file_sd_configs: [{ files: ["targets-*.json"] }],
    };
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({ scrape_configs: [job] }));
    writeFileSync(join(folder, "blackbox.yml"), JSON.stringify({ modules: { http_2xx: { prober: "http" } } }));
    for (const name of ["a", "b"])
      writeFileSync(join(folder, `targets-${name}.json`), JSON.stringify([{ targets: [`https://${name}.example`] }]));
    const { code, stdout, stderr } = await st(
      "import",
      "blackbox",
      join(folder, "blackbox.yml"),
      join(folder, "prometheus.yml"),
      "-o",
      "json",
    );
    expect([code, stderr.includes("Error")]).toEqual([0, false]);
    expect((JSON.parse(stdout) as { targets: { url: string }[] }).targets.map(({ url }) => url)).toEqual([
      "https://a.example",
      "https://b.example",
    ]);
  });
});
