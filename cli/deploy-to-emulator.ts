import { spawn } from "node:child_process";
import { lookup } from "node:dns/promises";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";
import { messageOf } from "../shared/errors.ts";
import { bareHost } from "../shared/net/bare-host.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BIN = join(ROOT, "node_modules", ".bin");
/** Emulators know no other by default. */
const ACCOUNT = "000000000000";
const REGION = "us-east-1";

/** LocalStack 4.14.0 does not know `Fn::GetStackOutput`, and takes its text for the value. */
const STRONG = "@aws-cdk/core:defaultCrossStackReferences=strong";

export interface EmulatorTarget {
  /** Where the emulator answers, as this machine sees it. */
  readonly emulatorUrl: string;
  /** Where the Data API bridge answers, as functions in the emulator see it. */
  readonly dataApiUrl: string;
  /** Settings such as DISCORD_WEBHOOK_URL, put into Parameter Store as the owner of a deployment does. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Further settings of `infra/settings.ts`, by their names in the environment: `ST_ROUND_SECONDS`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told each line that `cdk` prints. */
  readonly onLine?: (line: string) => void;
}

/** What a deployment says of itself: outputs of its stacks, by stack and name. */
const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** The environment in which SDK and `cdk` find an emulator. */
export function emulatorEnvironment(emulatorUrl: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ENDPOINT_URL_S3: emulatorUrl,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
  };
}

/**
 * Deploys the `local` stage into an AWS emulator with plain `cdk`: what emulators do not have, Aurora and its
 * network, is left out by settings; all the rest is what an account gets.
 * @returns address of the API
 * @throws {Error} with what `cdk` said last when it fails
 */
export async function deployToEmulator(target: EmulatorTarget): Promise<{ apiUrl: string; tableName: string }> {
  const { emulatorUrl, dataApiUrl, secrets, settings = {}, onLine } = target;
  const endpoint = await byAddress(emulatorUrl);
  const scratch = await mkdtemp(join(tmpdir(), "server-tracker-cdk-"));
  const env = {
    PATH: `${BIN}${delimiter}${process.env["PATH"]}`,
    HOME: process.env["HOME"],
    ...emulatorEnvironment(endpoint),
    ST_STAGE: "local",
    ST_ACCOUNT: ACCOUNT,
    ST_REGION: REGION,
    ST_DATA_API_URL: dataApiUrl,
    ST_PROTECT_DATA: "false",
    ST_COGNITO: "false",
    // Emulators have no CloudFront.
    ST_PAGE: "false",
    ...settings,
  };
  const cdk = (...args: string[]) =>
    run(
      join(BIN, "cdk"),
      [...args, "--output", join(scratch, "cdk.out"), "--no-notices", "--progress", "events", "--context", STRONG],
      env,
      onLine,
    );
  try {
    await putSecrets(endpoint, `/server-tracker/${env.ST_STAGE}`, secrets);
    const regions = [REGION, ...(settings["ST_PROBE_REGIONS"]?.split(",") ?? [])];
    await cdk("bootstrap", ...regions.map((region) => `aws://${ACCOUNT}/${region}`));
    const outputs = join(scratch, "outputs.json");
    await cdk("deploy", "--all", "--require-approval", "never", "--outputs-file", outputs);
    const stacks = outputsSchema.parse(JSON.parse(await readFile(outputs, "utf8")));
    const output = (stack: string, prefix: string) => {
      const found = Object.entries(stacks[`server-tracker-${env.ST_STAGE}-${stack}`] ?? {}).find(([name]) => name.startsWith(prefix));
      if (found === undefined) throw new Error(`the ${stack} stack has no output ${prefix}`);
      return found[1];
    };
    return { apiUrl: `${emulatorUrl}/_aws/execute-api/${output("service", "ApiId")}/v1`, tableName: output("data", "TableName") };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** An endpoint with an address in the place of its host's name: below a name, `cdk` looks for buckets as sub-domains. */
async function byAddress(endpoint: string): Promise<string> {
  const url = new URL(endpoint);
  const host = bareHost(url.hostname);
  // Emulators listen on IPv4, and not always on IPv6.
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new Error(`the emulator's host ${host} has no address: ${messageOf(error)}`);
  });
  const { address } = found.find(({ family }) => family === 4) ?? found[0] ?? { address: host };
  url.hostname = isIPv6(address) ? `[${address}]` : address;
  return url.origin;
}

async function putSecrets(emulatorUrl: string, path: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SSMClient({ endpoint: emulatorUrl, region: REGION, credentials, requestHandler: { requestTimeout: 10_000 } });
  for (const [name, Value] of Object.entries(secrets)) {
    await client.send(new PutParameterCommand({ Name: `${path}/${name}`, Value, Type: "SecureString", Overwrite: true }));
  }
  client.destroy();
}

/** CloudFormation in an emulator takes seconds; what takes this long hangs. */
const RUN_TIMEOUT_MS = 5 * 60_000;

function run(command: string, args: string[], env: NodeJS.ProcessEnv, onLine?: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], timeout: RUN_TIMEOUT_MS });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-20_000);
        for (const line of text.split("\n")) if (line.trim() !== "") onLine?.(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdk ${args[0]} ended with ${code}:\n${said.slice(-4_000)}`));
    });
  });
}
