import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { deployPasses, destroyArguments, readCall, stacksOf } from "../../cli/deploy/cdk-arguments.ts";
import { deployedSettings, findStack } from "../../cli/deploy/deployed-stacks.ts";
import { concurrencyHint, functionsAtOnce } from "../../cli/deploy/free-functions.ts";
import { runPasses, stampOf } from "../../cli/deploy/run-passes.ts";
import { settingsSchema } from "../../infra/settings.ts";
import { listen } from "../../local/stand-ins/listen.ts";

const sources = (context: Record<string, string>) => ({ context, environment: {}, folder: "/nowhere" });
const DEPLOYED = { settings: { alarmEmail: "ops@example.com", grafana: true }, hasData: true };

describe("a deploy", () => {
  const passes = (deployed: typeof DEPLOYED, ...args: string[]) => {
    const call = readCall(args);
    return deployPasses(call, sources(call.context), deployed);
  };
  const plan = (...args: string[]) => passes(DEPLOYED, ...args)[0];

  it("that would drop what is deployed says so, with the file that keeps it, and does nothing", () => {
    expect(() => plan("-c", "roundSeconds=60")).toThrow(
      /would drop.*settings\.prod\.json[\s\S]*"alarmEmail": "ops@example\.com",\n {2}"grafana": true[\s\S]*--drop alarmEmail --drop grafana/,
    );
    expect(() => plan("--context", "grafana=false")).toThrow(/"alarmEmail"/);
  });

  it("goes on where each is given again, changed, or given up; cdk gets its own options", () => {
    expect(plan("-c", "alarmEmail=new@example.com", "--context=grafana=false", "--require-approval", "never")).toEqual([
      "deploy",
      "--all",
      "-c",
      "alarmEmail=new@example.com",
      "--context=grafana=false",
      "--require-approval",
      "never",
    ]);
    expect(plan("--drop", "alarmEmail", "--drop=grafana", "--profile", "team")).toEqual(["deploy", "--all", "--profile", "team"]);
    expect(readCall(["--profile", "team"]).profile).toBe("team");
  });

  it("that is the first protects nothing until all stands: what is protected cannot be taken back", () => {
    const nothing = { settings: {}, hasData: false } as never;
    expect(passes(nothing, "-c", "roundSeconds=60")).toEqual([
      ["deploy", "--all", "-c", "roundSeconds=60", "-c", "protectData=false"],
      ["deploy", "--all", "-c", "roundSeconds=60"],
    ]);
    expect(passes(nothing, "-c", "protectData=false")).toEqual([["deploy", "--all", "-c", "protectData=false"]]);
    // Ended between its passes, it goes on where it was.
    const between = { settings: { protectData: false }, hasData: true } as never;
    expect(passes(between)).toEqual([["deploy", "--all"]]);
  });

  it("names the stage's stacks and refuses half an option", () => {
    expect(stacksOf(sources({ stage: "team", region: "eu-west-1" }))).toEqual({
      service: { name: "server-tracker-team-service", region: "eu-west-1" },
      data: { name: "server-tracker-team-data", region: "eu-west-1" },
    });
    expect(() => readCall(["-c"])).toThrow("-c needs a value");
  });
});

it("a take-down takes what only settings made with it", () => {
  const call = readCall(["-c", "protectData=false"]);
  expect(destroyArguments(call, sources(call.context), DEPLOYED)).toEqual([
    "destroy",
    "--all",
    "-c",
    "protectData=false",
    "-c",
    "alarmEmail=ops@example.com",
    "-c",
    "grafana=true",
  ]);
});

/** A service of AWS as it answers, at the socket. @returns what it is asked */
async function aws(service: string, status: number, body: string, type = "text/xml"): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(await text(request));
    response.writeHead(status, { "content-type": type }).end(body);
  });
  onTestFinished(() => void server.close());
  vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, await listen(server));
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "test");
  onTestFinished(() => void vi.unstubAllEnvs());
  return asked;
}

describe("what is deployed", () => {
  const cloudFormation = (status: number, body: string) => aws("CLOUDFORMATION", status, body);
  const stack = { name: "server-tracker-prod-service", region: "eu-central-1" };
  const summary = (metadata: string) =>
    `<GetTemplateSummaryResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateSummaryResult>${metadata}</GetTemplateSummaryResult></GetTemplateSummaryResponse>`;

  it("is read from the stack's own template", async () => {
    const asked = await cloudFormation(200, summary(`<Metadata>{"Settings":{"alarmEmail":"ops@example.com"},"Other":1}</Metadata>`));
    expect(await deployedSettings(stack)).toEqual({ alarmEmail: "ops@example.com" });
    expect(asked[0]).toContain("StackName=server-tracker-prod-service");
  });

  it("is nothing where there is no stack, or one that does not say", async () => {
    await cloudFormation(
      400,
      `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id server-tracker-prod-service does not exist</Message></Error></ErrorResponse>`,
    );
    expect(await deployedSettings(stack)).toEqual({});
    await cloudFormation(200, summary(""));
    expect(await deployedSettings(stack)).toEqual({});
  });

  it("that cannot be read is no reason to deploy over it", async () => {
    await cloudFormation(
      403,
      `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`,
    );
    await expect(deployedSettings(stack)).rejects.toThrow();
  });

  it.each([
    ["CREATE_COMPLETE", true],
    ["UPDATE_ROLLBACK_COMPLETE", true],
    ["ROLLBACK_COMPLETE", false],
    ["ROLLBACK_FAILED", false],
    ["REVIEW_IN_PROGRESS", false],
  ])("holds data where it has stood: %s", async (status, expected) => {
    const stacks = `<Stacks><member><StackName>a</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><Outputs><member><OutputKey>TableName</OutputKey><OutputValue>targets</OutputValue></member></Outputs></member></Stacks>`;
    await cloudFormation(
      200,
      `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>${stacks}</DescribeStacksResult></DescribeStacksResponse>`,
    );
    expect(await findStack(stack)).toEqual({ stood: expected, outputs: { TableName: "targets" } });
  });
});

describe("what the data stack's outputs are", () => {
  /** Runs passes over an account whose data stack has these outputs: as it is before each pass, and after the last. */
  async function deployed(passes: string[][], outputs: Record<string, string>[], code = 0) {
    const calls: string[] = [];
    let reads = 0;
    const ended = await runPasses(passes, {
      stamp: async () => stampOf(outputs[Math.min(reads++, outputs.length - 1)] ?? {}),
      cdk: async (args) => {
        calls.push(args.join(" "));
        return code;
      },
      say: () => {},
    });
    return { calls, ended };
  }
  const old = { Cluster: "log-1", Table: "t" };
  const replaced = { Cluster: "log-2", Table: "t" };
  const stamp = (outputs: Record<string, string>) => `-c @server-tracker/data-stamp=${stampOf(outputs)}`;

  it("is told to whoever refers to it, once more where a deploy replaced something", async () => {
    expect((await deployed([["deploy"]], [old])).calls).toEqual([`deploy ${stamp(old)}`]);
    expect((await deployed([["deploy"]], [old, replaced])).calls).toEqual([`deploy ${stamp(old)}`, `deploy ${stamp(replaced)}`]);
    // Restored by hand since the last deploy.
    expect((await deployed([["deploy"]], [replaced])).calls).toEqual([`deploy ${stamp(replaced)}`]);
    // A first deploy has its second pass for that.
    expect((await deployed([["deploy", "open"], ["deploy"]], [{}, old])).calls).toEqual(["deploy open", `deploy ${stamp(old)}`]);
    expect(await deployed([["deploy", "open"], ["deploy"]], [{}, old], 2)).toEqual({ calls: ["deploy open"], ended: 2 });
  });

  it("does not depend on their order", () => {
    expect(stampOf({ a: "1", b: "2" })).toBe(stampOf({ b: "2", a: "1" }));
    expect(stampOf({})).toBeUndefined();
  });
});

describe("the functions that an account runs at once", () => {
  it("are asked of Lambda, and no deploy waits for who may not ask", async () => {
    await aws(
      "LAMBDA",
      200,
      JSON.stringify({ AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } }),
      "application/json",
    );
    expect(await functionsAtOnce("eu-central-1")).toEqual({ limit: 10, unreserved: 10 });
    await aws("LAMBDA", 403, "{}", "application/json");
    expect(await functionsAtOnce("eu-central-1")).toBeUndefined();
  });

  it.each([
    [10, 10, {}, undefined],
    [10, 9, {}, /has 9 functions at once to spare.*set checkConcurrency to 7/],
    [10, 10, { checkConcurrency: 40 }, /a round takes up to 42.*set checkConcurrency to 8/],
    [50, 50, { checkConcurrency: 40 }, undefined],
    [120, 120, { checkConcurrency: 40, reservedConcurrency: 40 }, /keeps 100 of them for all: it will refuse reservedConcurrency 40/],
    [1_000, 960, { checkConcurrency: 40, reservedConcurrency: 40 }, undefined],
    [1_000, 1_000, {}, /checkConcurrency 40 checks them sooner/],
    [1_000, 1_000, { maxTargets: 500 }, undefined],
  ])("of %i, %i free: with %j, a deploy says what does not fit", (limit, unreserved, settings, expected) => {
    const hint = concurrencyHint({ limit, unreserved }, settingsSchema.parse(settings));
    if (expected === undefined) expect(hint).toBeUndefined();
    else expect(hint).toMatch(expected);
  });
});
