import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../functions/api/routes/index.ts";
import { buildApp } from "../../infra/app.ts";
import { bundleFunctions } from "../../infra/bundle.ts";
import { readSettings, settingsSchema } from "../../infra/settings.ts";

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
type Resources = [id: string, resource: Resource][];

let all: Resources;
const ofType = (type: string) => all.filter(([, resource]) => resource.Type === type);

beforeAll(async () => {
  const settings = settingsSchema.parse({ stage: "test", alarmEmail: "ops@example.com", emailIdentity: "example.com" });
  const { data, service } = buildApp(new App(), {
    settings,
    bundles: await bundleFunctions(mkdtempSync(join(tmpdir(), "server-tracker-bundles-"))),
  });
  const resources = (stack: typeof data | typeof service) =>
    Object.entries(Template.fromStack(stack).toJSON()["Resources"] as Record<string, Resource>);
  all = [...resources(data), ...resources(service)];
});

// CDK's own helpers of custom resources and triggers are not ours to shape.
const ours = (type: string) => ofType(type).filter(([id]) => !/CustomResourceProvider|AWSCDK|Custom/.test(id));

describe("every function", () => {
  it("has Node 24 on arm64, a timeout, memory, a role and a log group of its own with retention", () => {
    const functions = ours("AWS::Lambda::Function");
    expect(functions).toHaveLength(7);
    const logGroups = new Map(ofType("AWS::Logs::LogGroup"));
    const roles = new Set<string>();
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Timeout: expect.any(Number),
        MemorySize: expect.any(Number),
      });
      const group = (Properties["LoggingConfig"] as { LogGroup: { Ref: string } }).LogGroup.Ref;
      expect(logGroups.get(group)?.Properties["RetentionInDays"]).toEqual(expect.any(Number));
      roles.add(JSON.stringify(Properties["Role"]));
    }
    expect(roles.size).toBe(7);
  });

  it("has no secret in its environment", () => {
    for (const [id, { Properties }] of ours("AWS::Lambda::Function")) {
      const { Variables } = Properties["Environment"] as { Variables: Record<string, unknown> };
      for (const name of ["API_KEY", "DISCORD_WEBHOOK_URL", "SLACK_WEBHOOK_URL", "TELEGRAM_BOT_TOKEN", "WEBHOOK_SECRET", "SMTP_URL"]) {
        expect([id, Variables[name]]).toEqual([id, undefined]);
      }
    }
  });
});

describe("policies", () => {
  interface Statement {
    readonly Action: string | string[];
    readonly Resource: unknown;
    readonly Effect: string;
  }
  const statements = () =>
    ours("AWS::IAM::Policy").flatMap(([id, { Properties }]) =>
      (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement.map((statement) => ({ id, ...statement })),
    );

  it("have no action with a star", () => {
    for (const { id, Action } of statements()) {
      for (const action of [Action].flat()) expect([id, action]).toEqual([id, expect.not.stringContaining("*")]);
    }
  });

  it("name their resources, but for what AWS cannot name", () => {
    const unnamed = statements().filter(({ Resource }) => [Resource].flat().includes("*"));
    expect(unnamed.map(({ id }) => id.replace(/[A-F0-9]{8}$/, ""))).toEqual(["RoundLoopRoundsRoleDefaultPolicy"]);
  });

  it("let each function do with the table what its code does, and no more", () => {
    const tableActions = (part: string) =>
      statements()
        .filter(({ id }) => id.includes(part))
        .flatMap(({ Action }) => [Action].flat())
        .filter((action) => action.startsWith("dynamodb:"))
        .sort();
    expect(tableActions("PlanRound")).toEqual(["dynamodb:Query"]);
    expect(tableActions("CheckShard")).toEqual(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]);
    expect(tableActions("MaintainLog")).toEqual(["dynamodb:PutItem", "dynamodb:Query"]);
    expect(tableActions("Authorizer")).toEqual([]);
  });
});

describe("the round loop", () => {
  it("is the file that laptops run, with the functions' ARNs put in", () => {
    const [, machine] = ofType("AWS::StepFunctions::StateMachine")[0] ?? [];
    expect(machine?.Properties["DefinitionString"]).toBe(readFileSync("infra/round.asl.json", "utf8"));
    expect(Object.keys(machine?.Properties["DefinitionSubstitutions"] as object).sort()).toEqual([
      "CheckShardArn",
      "ConcludeRoundArn",
      "PlanRoundArn",
    ]);
    expect(machine?.Properties["StateMachineType"]).toBe("EXPRESS");
  });

  it("starts each minute, and does not retry what is stale", () => {
    const rule = ofType("AWS::Events::Rule").find(([id]) => id.includes("EveryMinute"))?.[1].Properties;
    expect(rule?.["ScheduleExpression"]).toBe("cron(* * * * ? *)");
    const [target] = (rule?.["Targets"] ?? []) as [
      { RetryPolicy: unknown; DeadLetterConfig: unknown; InputTransformer: { InputTemplate: string } },
    ];
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 });
    expect(target.DeadLetterConfig).toBeDefined();
    expect(JSON.parse(target.InputTransformer.InputTemplate.replace(/<[^>]+>/, '"2026-11-23T00:00:00Z"'))).toEqual({
      minute: "2026-11-23T00:00:00Z",
      rounds: [
        { offset: 0, wait: 0 },
        { offset: 30, wait: 30 },
      ],
    });
  });
});

describe("the API", () => {
  it("has a method for each route, private ones behind the authorizer", () => {
    const methods = ofType("AWS::ApiGateway::Method").map(([, { Properties }]) => Properties);
    expect(methods).toHaveLength(routes.length);
    const open = methods.filter(({ AuthorizationType }) => AuthorizationType === "NONE");
    expect(open).toHaveLength(routes.filter(({ access }) => access === "public").length);
    for (const method of methods)
      if (method["AuthorizationType"] !== "NONE")
        expect(method).toMatchObject({ AuthorizationType: "CUSTOM", AuthorizerId: expect.anything() });
  });
});

describe("what holds data", () => {
  it("is kept, encrypted and backed up", () => {
    const [, table] = ofType("AWS::DynamoDB::GlobalTable")[0] ?? [];
    expect(table).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true },
        Replicas: [{ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
      },
    });
    const [, cluster] = ofType("AWS::RDS::DBCluster")[0] ?? [];
    expect(cluster).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: { DeletionProtection: true, StorageEncrypted: true, EnableHttpEndpoint: true, ManageMasterUserPassword: true },
    });
  });

  it("is in subnets without a way out", () => {
    for (const type of ["AWS::EC2::NatGateway", "AWS::EC2::InternetGateway"]) expect(ofType(type)).toEqual([]);
  });
});

describe("alarms", () => {
  const runbook = readFileSync("RUNBOOK.md", "utf8");
  const anchors = new Set([...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading));

  it("each name a section of the runbook, say what is wrong, and reach somebody", () => {
    const alarms = ofType("AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(15);
    for (const [id, { Properties }] of alarms) {
      const [, severity, says, anchor] =
        /^\[(page|ticket)\] (.+\.) RUNBOOK\.md#([\w-]+)$/.exec(String(Properties["AlarmDescription"])) ?? [];
      expect([id, severity, says]).toEqual([id, expect.any(String), expect.any(String)]);
      expect(anchors).toContain(anchor);
      expect(Properties["AlarmActions"]).toHaveLength(1);
    }
    const named = new Set(alarms.map(([, { Properties }]) => /#([\w-]+)$/.exec(String(Properties["AlarmDescription"]))?.[1]));
    expect([...anchors].filter((anchor) => !named.has(anchor))).toEqual([]);
  });

  it("take silence of the rounds for the worst", () => {
    const alarm = ofType("AWS::CloudWatch::Alarm").find(([, { Properties }]) =>
      String(Properties["AlarmName"]).endsWith("rounds-not-running"),
    );
    expect(alarm?.[1].Properties).toMatchObject({ TreatMissingData: "breaching", ComparisonOperator: "LessThanThreshold" });
  });

  it("watch the metrics that the heartbeat emits", async () => {
    const lines: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.env["AWS_LAMBDA_FUNCTION_NAME"] = "conclude-round";
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
    const { emitHeartbeat } = await import("../../functions/wiring/heartbeat-metric.ts");
    const row = {
      round: 0,
      planned: 4,
      checked: 3,
      up: 3,
      degraded: 0,
      down: 0,
      late: 0,
      failedShards: 1,
      transitions: 0,
      spooled: 0,
      tookMs: 5,
      loopDelayMs: 0,
    };
    await emitHeartbeat("test")(row, { alerts: { sent: 0, waiting: 0, failed: 0 }, spoolWaits: false });
    process.stdout.write = write;
    delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
    const emitted = JSON.parse(lines.join("")) as {
      Coverage: number;
      _aws: { CloudWatchMetrics: { Namespace: string; Metrics: { Name: string }[] }[] };
    };
    expect(emitted.Coverage).toBe(75);
    const [directive] = emitted._aws.CloudWatchMetrics;
    const names = new Set(directive?.Metrics.map(({ Name }) => Name));
    const watched = ofType("AWS::CloudWatch::Alarm").filter(([, { Properties }]) => Properties["Namespace"] === directive?.Namespace);
    expect(watched.length).toBeGreaterThanOrEqual(6);
    for (const [, { Properties }] of watched) expect(names).toContain(Properties["MetricName"]);
  });
});

it("queues and topics refuse what is not TLS", () => {
  const policies = [...ofType("AWS::SQS::QueuePolicy"), ...ofType("AWS::SNS::TopicPolicy")];
  expect(policies).toHaveLength(ofType("AWS::SQS::Queue").length + ofType("AWS::SNS::Topic").length);
  for (const [, { Properties }] of policies) {
    expect(JSON.stringify(Properties)).toContain('"aws:SecureTransport":"false"');
  }
});

describe("settings", () => {
  const node = (context: Record<string, unknown>) => new App({ context }).node;

  it("come from context and environment, with defaults", () => {
    expect(readSettings(node({ roundSeconds: "10" }), { ST_SHARD_SIZE: "50", ST_PUBLIC_READ: "true" })).toMatchObject({
      stage: "prod",
      roundSeconds: 10,
      shardSize: 50,
      publicRead: true,
    });
  });

  it.each([
    [{ roundSeconds: 45 }, {}, "roundSeconds must be one of 10, 15, 20, 30, 60"],
    [{ stage: "Prod!" }, {}, "stage must be a short name"],
    [{ auroraMinCapacity: 8 }, {}, "auroraMaxCapacity must be at least auroraMinCapacity"],
    [{ allowedPrivateRanges: "10.0.0.0" }, {}, "allowedPrivateRanges must be CIDR ranges"],
    [{}, { ST_ROUND_SECOND: "30" }, "unknown settings: ST_ROUND_SECOND"],
  ])("%j %j stop synth with one clear line", (context, environment, text) => {
    expect(() => readSettings(node(context), environment)).toThrow(text);
  });
});
