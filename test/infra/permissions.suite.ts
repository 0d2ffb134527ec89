import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { parseAst } from "vite";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { FUNCTION_NAMES, type FunctionName, functions as knownFunctions } from "../../functions/index.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createDynamoSpool } from "../../shared/log/dynamo-spool.ts";
import { WRITER_SECRET } from "../support/log-engine.ts";
import { marksFromNow, startMonitor } from "../support/monitor.ts";
import { TABLE_NAME } from "../support/state-engine.ts";
import { type DeployedFunction, deployedFunctions, type Synthesized, synthesized, WITH_PROBE } from "./deployment.ts";

let deployment: Synthesized;
let functions: Map<string, DeployedFunction>;

beforeAll(async () => {
  // With all that a function may do anywhere.
  deployment = await synthesized({
    ...WITH_PROBE,
    economy: "true",
    maxTargets: "1000",
    snsTopics: "arn:aws:sns:eu-central-1:123456789012:ops",
  });
  functions = new Map(deployedFunctions(deployment).map((deployed) => [deployed.name, deployed]));
});

/** IAM's names of what lib-dynamodb shortens. */
const DOCUMENT_COMMANDS: Readonly<Record<string, string>> = {
  Get: "dynamodb:GetItem",
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
  Delete: "dynamodb:DeleteItem",
  Query: "dynamodb:Query",
};
const IAM_PREFIXES: Readonly<Record<string, string>> = {
  "client-rds-data": "rds-data",
  "client-ssm": "ssm",
  "client-sesv2": "ses",
  "client-sns": "sns",
  "client-secrets-manager": "secretsmanager",
  "client-lambda": "lambda",
  "client-s3": "s3",
};

/**
 * The actions that a function's code can call: commands that our files in its bundle import, as far as
 * tree-shaking left them in the bundle.
 */
function callable(name: FunctionName): string[] {
  const sources = deployment.bundles.sources(name);
  const own = sources.filter((file) => /^(functions|shared)\//.test(file));
  const imported = new Set(own.flatMap((file) => importedCommands(readFileSync(file, "utf8"))));
  const bundled = new Set(
    sources.flatMap((file) => {
      const [, client, command] = /@aws-sdk\/([\w-]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
      return client === undefined ? [] : [`${client}/${command}`];
    }),
  );
  return [...imported]
    .filter((call) => bundled.has(call))
    .map((call) => {
      const [client = "", command = ""] = call.split("/");
      // IAM has another name for what the API calls Invoke.
      if (client === "client-lambda" && command === "Invoke") return "lambda:InvokeFunction";
      return client === "lib-dynamodb" ? (DOCUMENT_COMMANDS[command] ?? call) : `${IAM_PREFIXES[client] ?? client}:${command}`;
    })
    .sort();
}

/** Commands that a file of ours imports from the SDK's clients: `client-ssm/GetParameters`. */
function importedCommands(text: string): string[] {
  return parseAst(text, { lang: "ts" }).body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration") return [];
    const client = /^@aws-sdk\/([\w-]+)$/.exec(String(statement.source.value))?.[1];
    if (client === undefined) return [];
    return statement.specifiers.flatMap((specifier) => {
      if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier") return [];
      const command = /^(\w+)Command$/.exec(specifier.imported.name)?.[1];
      return command === undefined ? [] : [`${client}/${command}`];
    });
  });
}

/** What the Data API does with the caller's rights. */
const IMPLIED = (calls: readonly string[]) => [
  ...(calls.some((call) => call.startsWith("rds-data:")) ? ["secretsmanager:GetSecretValue"] : []),
  // Else what is not there is 403: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  ...(calls.includes("s3:GetObject") ? ["s3:ListBucket"] : []),
];

const SERVICES = /^(dynamodb|rds-data|secretsmanager|ssm|ses|sns|lambda|s3):/;

describe.each(FUNCTION_NAMES)("the role of %s", (name) => {
  it("allows each SDK call that its code can make, and no other", () => {
    const calls = callable(name);
    // One names rounds, the other checks: they call nobody of AWS.
    expect(calls.length > 0).toBe(name !== "name-rounds" && name !== "probe");
    const allowed = functions.get(name)?.statements.flatMap(({ actions }) => actions.filter((action) => SERVICES.test(action)));
    expect(new Set(allowed)).toEqual(new Set([...calls, ...IMPLIED(calls)]));
  });

  it("allows them on the resource that they are for", () => {
    for (const { actions, resources } of functions.get(name)?.statements ?? []) {
      for (const action of actions.filter((candidate) => SERVICES.test(candidate))) {
        const text = JSON.stringify(resources);
        expect([action, text]).toEqual([action, expect.stringMatching(RESOURCES[action.split(":")[0] ?? ""] ?? /never/)]);
      }
    }
  });
});

const RESOURCES: Readonly<Record<string, RegExp>> = {
  dynamodb: /StateTable/,
  "rds-data": /LogCluster/,
  secretsmanager: /LogCluster.*MasterUserSecret|FieldKeySecret|WriterSecret|GrafanaReaderSecret/,
  ssm: /:parameter\/server-tracker\/test/,
  lambda: /DeliverAlertsFunction|MaintainLogFunction|:function:server-tracker-test-probe/,
  s3: /StatusFilesBucket/,
  sns: /^\["arn:aws:sns:eu-central-1:123456789012:ops"\]$/,
  ses: /:identity\/\*/,
};

it("lets a function read those of the owner's secrets that it needs, each by its name, and nothing else under their path", () => {
  const namesOf = (name: FunctionName) =>
    (functions.get(name)?.statements ?? [])
      .filter(({ actions }) => actions.some((action) => action.startsWith("ssm:")))
      .flatMap(({ resources }) => resources.map((arn) => /:parameter\/server-tracker\/test\/([A-Z_]+)"/.exec(JSON.stringify(arn))?.[1]));
  // Who parses what strangers send as tokens holds no webhook, and who holds webhooks not the key of the API.
  expect(namesOf("authorizer")).toEqual(["API_KEY"]);
  for (const name of ["api", "deliver-alerts", "conclude-round"] as const) {
    expect(namesOf(name)).toEqual(expect.arrayContaining(["DISCORD_WEBHOOK_URL", "WEBHOOK_SECRET", "SMTP_URL"]));
    expect(namesOf(name)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^API_KEY$/)]));
    expect(namesOf(name)).not.toContain(undefined);
    expect([name, namesOf(name).includes("DEAD_MANS_SWITCH_URL")]).toEqual([name, name === "conclude-round"]);
  }
  for (const name of FUNCTION_NAMES.filter((each) => !["authorizer", "api", "deliver-alerts", "conclude-round"].includes(each)))
    expect([name, namesOf(name)]).toEqual([name, []]);
});

/** What the real functions do to the table, `partition action`, through all that makes them touch it. */
async function touched(): Promise<Map<string, Set<string>>> {
  const running = new AsyncLocalStorage<string>();
  const seen = new Map<string, Set<string>>();
  const { send } = DynamoDBDocumentClient.prototype;
  DynamoDBDocumentClient.prototype.send = function (this: DynamoDBDocumentClient, ...args: Parameters<typeof send>) {
    const name = running.getStore();
    const [command] = args;
    const input = command.input as TableInput;
    const pk = input.Key?.pk ?? input.Item?.pk ?? input.ExpressionAttributeValues?.[":pk"];
    const action = DOCUMENT_COMMANDS[command.constructor.name.replace("Command", "")]?.replace("dynamodb:", "");
    if (name !== undefined) seen.set(name, (seen.get(name) ?? new Set()).add(`${pk} ${action}`));
    return send.apply(this, args);
  } as typeof send;
  // One after the other, since each reads its environment as it is loaded.
  let loaded: Promise<unknown> = Promise.resolve();
  const restore: (() => void)[] = [];
  for (const [name, definition] of Object.entries(knownFunctions) as [string, { load: () => Promise<{ handler: unknown }> }][]) {
    const { load } = definition;
    restore.push(() => {
      definition.load = load;
    });
    definition.load = () => {
      const next = loaded.then(async () => {
        process.env["LOG_SECRET_ARN"] = name === "maintain-log" ? "arn:local" : WRITER_SECRET;
        const { handler } = await load();
        return { handler: (...args: unknown[]) => running.run(name, () => (handler as (...args: unknown[]) => unknown)(...args)) };
      });
      loaded = next;
      return next;
    };
  }
  const monitor = await startMonitor({ BELL_FUNCTION: "deliver-alerts", ECONOMY: "true", WAITS_APART: "true" });
  // While it hangs, the bell tells the others.
  let isAway = true;
  const hanging = createServer(({ url }, response) => {
    if (url === "/waits" && !isAway) response.end();
  });
  try {
    const mark = marksFromNow();
    let answer = 200;
    monitor.discordAnswers(() => (answer === 200 ? undefined : { status: answer }));
    const [{ id }, { id: second }] = (await Promise.all(
      ["A", "B"].map((name) => monitor.api("POST", "/targets", { name, url: `http://127.0.0.1:1/`, retries: 0 })),
    )) as [{ id: string }, { id: string }];
    const hangs = { name: "Hangs", url: await listen(hanging), timeoutMs: 1_100, retries: 0, failureThreshold: 9 };
    await monitor.api("POST", "/targets", hangs);
    await monitor.api("POST", "/targets", { ...hangs, name: "Waits", url: `${hangs.url}/waits`, failureThreshold: 1 });
    await expect(monitor.api("POST", "/targets", hangs)).rejects.toThrow();
    await monitor.round(mark());
    await monitor.round(mark());
    const { token } = (await monitor.api("POST", "/tokens", { name: "t", role: "viewer" })) as { token: string };
    await monitor.request("GET", "/targets", { headers: { "x-api-key": token } });
    const [{ id: tokenId }] = ((await monitor.api("GET", "/tokens")) as { items: [{ id: string }] }).items;
    await monitor.api("DELETE", `/tokens/${tokenId}`);
    const opened = (await monitor.api("POST", "/incidents", { title: "t", text: "t" })) as { id: string };
    await monitor.api("DELETE", `/incidents/${opened.id}`);
    const channel = { name: "Hook", type: "webhook", settings: { url: "http://127.0.0.1:1/" } };
    const { id: hook } = (await monitor.api("POST", "/channels", channel)) as { id: string };
    await monitor.api("POST", `/channels/${hook}/test`);
    await monitor.api("DELETE", `/channels/${hook}`);
    const window = {
      name: "w",
      all: true,
      once: { from: new Date(Date.now() - 60_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() },
    };
    const made = (await monitor.api("POST", "/maintenance", window)) as { id: string };
    await monitor.api("DELETE", `/maintenance/${made.id}`);
    await monitor.api("POST", "/status-pages", { slug: "p", title: "p", sections: [{ name: "s", tags: ["t"] }] });
    await monitor.round(mark());
    await monitor.api("DELETE", "/status-pages/p");
    await monitor.round(mark());
    await monitor.api("PATCH", `/targets/${id}`, { name: "C", paused: true });
    const job = { name: "Job", type: "heartbeat", formerKey: "token-of-another" };
    const { id: jobId } = (await monitor.api("POST", "/targets", job)) as { id: string };
    expect((await monitor.request("GET", "/api/push/token-of-another")).status).toBe(202);
    await monitor.api("DELETE", `/targets/${jobId}`);
    // The log sleeps: the last hour is read where it waits, and what is longer wakes it.
    expect((await monitor.request("GET", `/targets/${id}/checks?from=${new Date(Date.now() - 60_000).toISOString()}`)).status).toBe(200);
    await vi.waitFor(async () => expect((await monitor.request("GET", `/targets/${id}/summary`)).status).toBe(200), 30_000);
    await monitor.round(mark());
    for (const path of [
      "/channels",
      "/health",
      "/overview",
      "/metrics",
      "/incidents",
      `/targets/${id}/alerts`,
      `/targets/${id}/summary`,
      `/targets/${id}/series`,
      "/audit",
    ]) {
      expect([path, (await monitor.request("GET", path)).status]).toEqual([path, 200]);
    }
    // What was checked by name for some rounds is back.
    isAway = false;
    await monitor.round(mark());
    // The log is away: everything is spooled, and drained when it is back.
    answer = 503;
    const comeBack = await monitor.log.goAway();
    await monitor.api("PATCH", `/targets/${id}`, { paused: false });
    await monitor.api("PATCH", `/targets/${second}`, { name: "D" });
    await monitor.round(mark());
    await monitor.round(mark());
    await comeBack();
    await createDynamoSpool(monitor.state.client, TABLE_NAME).put("0#unreadable", { kind: "later" as "check", rows: [] });
    await monitor.round(mark());
    await monitor.api("DELETE", `/targets/${id}`);
    // What departed is told, and then forgotten.
    await monitor.round(mark());
    await monitor.round(mark());
    await monitor.maintain();
    const rows = await monitor.log.sql.execute("select count(*)::integer as n from check_result");
    expect(rows).toEqual([{ n: expect.any(Number) }]);
    expect((rows as [{ n: number }])[0].n).toBeGreaterThan(4);
  } finally {
    DynamoDBDocumentClient.prototype.send = send;
    for (const undo of restore) undo();
    hanging.closeAllConnections();
    hanging.close();
    await monitor.close();
  }
  return seen;
}

interface TableInput {
  readonly Key?: { readonly pk: string };
  readonly Item?: { readonly pk: string };
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

it("lets each function touch the kinds of items that it does touch, and no other", async () => {
  const seen = await touched();
  const rare: string[] = [];
  for (const name of FUNCTION_NAMES) {
    // The trigger of a deploy and the namer of rounds are not called here.
    if (name === "migrate" || name === "name-rounds" || name === "probe") continue;
    const allowed = new Set(
      functions
        .get(name)
        ?.statements.filter(({ actions }) => actions.some((action) => action.startsWith("dynamodb:")))
        .flatMap(({ actions, partitions }) =>
          (partitions.length === 0 ? ["any"] : partitions).flatMap((pk) =>
            actions.map((action) => `${pk} ${action.replace("dynamodb:", "")}`),
          ),
        ),
    );
    const done = seen.get(name) ?? new Set();
    expect([name, [...done].filter((touch) => !allowed.has(touch))]).toEqual([name, []]);
    rare.push(...[...allowed].filter((touch) => !done.has(touch)).map((touch) => `${name}: ${touch}`));
  }
  expect(rare.filter((touch) => !EITHER.includes(touch)).sort()).toEqual(RARE);
}, 120_000);

/** Whether the bell or the round's end tells first is a matter of moments. */
const EITHER: readonly string[] = ["conclude-round: channel DeleteItem", "conclude-round: channel UpdateItem"];

/** What trouble makes that the above does not: two changes of one target at once, a bell that cannot be rung, a deletion to finish, a budget that is spent. */
const RARE: readonly string[] = [
  // Of two channels that are made of one name at once.
  "api: channel-name GetItem",
  "check-shard: target GetItem",
  // Its code is check-shard's, which reads ranges.
  "check-waiting: target Query",
  // What it sends while the target is deleted is recorded where that went.
  "deliver-alerts: departed UpdateItem",
  "maintain-log: deletion DeleteItem",
  "maintain-log: deletion PutItem",
  "maintain-log: maintenance-past DeleteItem",
  "maintain-log: spool GetItem",
  "maintain-log: spool PutItem",
  "maintain-log: spool-rejected PutItem",
  "maintain-log: target GetItem",
  "maintain-log: target UpdateItem",
];

it("would notice a call that a role forgets: the commands it derives are what the sources say", () => {
  expect(callable("plan-round")).toEqual(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]);
  expect(callable("migrate")).toEqual([
    "dynamodb:UpdateItem",
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ]);
});
