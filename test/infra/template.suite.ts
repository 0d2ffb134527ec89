import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../functions/api/routes/index.ts";
import { FUNCTION_NAMES } from "../../functions/index.ts";
import { emitMetrics } from "../../functions/wiring/emit-metrics.ts";
import { chosenSettings, droppedSettings, readSettings } from "../../infra/settings.ts";
import { measuredMetrics, measureRound, ROUND_METRICS } from "../../shared/round/round-metrics.ts";
import { deployedFunctions, type Synthesized, synthesized, WITH_PROBE } from "./deployment.ts";

let deployment: Synthesized;
const ofType = (type: string) => deployment.ofType(type);
const ours = (type: string) => deployment.ours(type);

beforeAll(async () => {
  deployment = await synthesized(WITH_PROBE);
});

describe("every function", () => {
  it("has Node 24 on arm64, a timeout, memory, a role and a log group of its own with retention", () => {
    const functions = ours("AWS::Lambda::Function");
    expect(functions).toHaveLength(FUNCTION_NAMES.length);
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
    expect(roles.size).toBe(FUNCTION_NAMES.length);
  });

  it("of CDK's own, too, has a log that ends, and so has API Gateway's", () => {
    const groups = new Map(ofType("AWS::Logs::LogGroup"));
    for (const [id, { Properties }] of ofType("AWS::Lambda::Function")) {
      const { LogGroup } = (Properties["LoggingConfig"] ?? {}) as { LogGroup?: { Ref: string } };
      expect([id, groups.get(LogGroup?.Ref ?? "")?.Properties["RetentionInDays"]]).toEqual([id, expect.any(Number)]);
    }
    const names = [...groups.values()].map(({ Properties }) => JSON.stringify(Properties["LogGroupName"] ?? ""));
    expect(names.filter((name) => name.includes("API-Gateway-Execution-Logs_"))).toHaveLength(1);
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
});

describe("the API", () => {
  it("has one variable at most at each place of a path: API Gateway takes no second", () => {
    const places = ofType("AWS::ApiGateway::Resource").map(([, { Properties }]) => ({
      parent: JSON.stringify(Properties["ParentId"]),
      part: String(Properties["PathPart"]),
    }));
    const variables = Object.groupBy(
      places.filter(({ part }) => part.startsWith("{")),
      ({ parent }) => parent,
    );
    expect(Object.values(variables).filter((siblings = []) => siblings.length > 1)).toEqual([]);
    expect(Object.keys(variables).length).toBeGreaterThan(5);
  });

  it("answers preflights where pages of other origins may call, and not elsewhere", async () => {
    const preflights = (of: Synthesized) =>
      of.ofType("AWS::ApiGateway::Method").filter(([, { Properties }]) => Properties["HttpMethod"] === "OPTIONS").length;
    const open = await synthesized({ corsOrigins: "https://status.example.com" });
    const resources = open.ofType("AWS::ApiGateway::Resource").length;
    expect(preflights(deployment)).toBeLessThan(10);
    expect(preflights(open)).toBeGreaterThan(resources / 2);
    const refusals = JSON.stringify(open.ofType("AWS::ApiGateway::GatewayResponse"));
    expect(refusals.match(/Access-Control-Allow-Origin/gi)).toHaveLength(3);
    expect(JSON.stringify(deployment.ofType("AWS::ApiGateway::GatewayResponse"))).not.toMatch(/access-control/i);
  });

  it("leaves the account's role for the logs of all APIs when it goes, and pays for no metric by method", () => {
    const [[, account] = []] = ofType("AWS::ApiGateway::Account");
    expect(account).toMatchObject({ DeletionPolicy: "Retain" });
    const [[, stage] = []] = ofType("AWS::ApiGateway::Stage");
    const methods = (stage?.Properties["MethodSettings"] ?? []) as { MetricsEnabled?: boolean }[];
    expect(methods.length).toBeGreaterThan(0);
    for (const { MetricsEnabled } of methods) expect(MetricsEnabled ?? false).toBe(false);
  });
});

describe("the round loop", () => {
  it("is the file that laptops run, with the functions' ARNs put in", () => {
    const [, machine] = ofType("AWS::StepFunctions::StateMachine")[0] ?? [];
    expect(machine?.Properties["DefinitionString"]).toBe(readFileSync("infra/round.asl.json", "utf8"));
    expect(Object.keys(machine?.Properties["DefinitionSubstitutions"] as object).sort()).toEqual([
      "CheckShardArn",
      "CheckWaitingArn",
      "ConcludeRoundArn",
      "NameRoundsArn",
      "PlanRoundArn",
      "PublishPagesArn",
    ]);
    expect(machine?.Properties["StateMachineType"]).toBe("EXPRESS");
    // CDK ignores a timeout beside a definition that is given as text.
    expect(JSON.parse(String(machine?.Properties["DefinitionString"]))).toMatchObject({ TimeoutSeconds: 290 });
  });

  it("is as wide as a new account allows, or as its owner says, and retries throttling with jitter", async () => {
    const widthOf = (made: Synthesized) => {
      const [, machine] = made.ofType("AWS::StepFunctions::StateMachine")[0] ?? [];
      return [...String(machine?.Properties["DefinitionString"]).matchAll(/"MaxConcurrency": (\d+)/g)].map(([, width]) => Number(width));
    };
    expect(widthOf(deployment)).toEqual([0, 8]);
    expect(widthOf(await synthesized({ checkConcurrency: "30" }))).toEqual([0, 30]);
    expect(widthOf(await synthesized({ checkConcurrency: "500" }))).toEqual([0, 40]);
    const text = readFileSync("infra/round.asl.json", "utf8");
    expect(text.match(/"Lambda.TooManyRequestsException"/g)).toHaveLength(5);
    expect(text.match(/"JitterStrategy": "FULL"/g)).toHaveLength(10);
  });

  it("is traced where that is set, with what it calls, and never the API", async () => {
    const tracedOf = (made: Synthesized) => ({
      machine: made.ofType("AWS::StepFunctions::StateMachine")[0]?.[1].Properties["TracingConfiguration"],
      functions: made.ours("AWS::Lambda::Function").flatMap(([, { Properties }]) => {
        const { Variables: { POWERTOOLS_SERVICE_NAME: name = "", POWERTOOLS_TRACE_ENABLED: isOn } = {} } = (Properties["Environment"] ??
          {}) as {
          Variables?: Record<string, string>;
        };
        // A tracer without Lambda's part would send to nobody; Lambda's without it shows no call.
        expect(isOn).toBe(Properties["TracingConfig"] === undefined ? undefined : "true");
        return isOn === undefined ? [] : [name];
      }),
    });
    expect(tracedOf(deployment)).toEqual({ machine: { Enabled: false }, functions: [] });
    const { machine, functions } = tracedOf(await synthesized({ tracing: "true" }));
    expect(machine).toEqual({ Enabled: true });
    expect(functions.sort()).toEqual([
      "check-shard",
      "check-waiting",
      "conclude-round",
      "deliver-alerts",
      "name-rounds",
      "plan-round",
      "publish-pages",
    ]);
  });

  it("starts each minute, and does not retry what is stale", () => {
    const rule = ofType("AWS::Events::Rule").find(([id]) => id.includes("EveryMinute"))?.[1].Properties;
    expect(rule?.["ScheduleExpression"]).toBe("cron(* * * * ? *)");
    const [target] = (rule?.["Targets"] ?? []) as [
      { RetryPolicy: unknown; DeadLetterConfig: unknown; InputTransformer: { InputTemplate: string } },
    ];
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 });
    expect(target.DeadLetterConfig).toBeDefined();
    expect(JSON.parse(target.InputTransformer.InputTemplate.replace(/<[^>]+>/, '"2026-11-23T00:00:08Z"'))).toEqual({
      start: "2026-11-23T00:00:08Z",
    });
  });
});

describe("the API", () => {
  it("may call its function by one permission, whatever its routes: the policy of a function has 20 KB", () => {
    expect(ofType("AWS::Lambda::Permission").length).toBeLessThan(6);
  });

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
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true },
        Replicas: [{ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
      },
    });
    const [, cluster] = ofType("AWS::RDS::DBCluster")[0] ?? [];
    expect(cluster).toMatchObject({
      DeletionPolicy: "RetainExceptOnCreate",
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
    // Not while a deploy has not come to what starts them.
    expect(alarm?.[1].DependsOn).toEqual([expect.stringMatching(/^RoundLoopEveryMinute/)]);
  });

  it("hear when one of a minute's two rounds is lost, though the other runs", () => {
    const alarm = ofType("AWS::CloudWatch::Alarm").find(([, { Properties }]) => String(Properties["AlarmName"]).endsWith("rounds-missing"));
    const { Period, Threshold, ...rest } = alarm?.[1].Properties ?? {};
    expect(rest).toMatchObject({ MetricName: "RoundsConcluded", Statistic: "Sum", ComparisonOperator: "LessThanThreshold" });
    const ofAll = Number(Period) / 30;
    expect(ofAll / 2).toBeLessThan(Number(Threshold));
    // One that ends in the next period is no loss.
    expect(ofAll - 1).toBeGreaterThanOrEqual(Number(Threshold));
  });

  it("watch metrics that rounds emit, in the format that CloudWatch reads", () => {
    const lines: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
    const counts = { planned: 4, checked: 3, up: 3, degraded: 0, down: 0, late: 0, failedShards: 1, transitions: 0, spooled: 0 };
    const row = { round: 0, ...counts, tookMs: 5, loopDelayMs: 0 };
    try {
      emitMetrics("test", measureRound({ row, alerts: { sent: 0, waiting: 2, failed: 0 }, spoolWaits: false }));
    } finally {
      process.stdout.write = write;
    }
    const emitted = JSON.parse(lines.join("")) as {
      _aws: { CloudWatchMetrics: { Namespace: string; Metrics: { Name: string; Unit: string }[] }[] };
    };
    expect(emitted).toMatchObject({ Stage: "test", Coverage: 75, AlertsWaiting: 2, RoundDuration: 5, RoundsConcluded: 1 });
    const [directive] = emitted._aws.CloudWatchMetrics;
    expect(directive?.Metrics).toEqual(Object.entries(ROUND_METRICS).map(([Name, { unit }]) => ({ Name, Unit: unit })));
    const watched = ofType("AWS::CloudWatch::Alarm").filter(([, { Properties }]) => Properties["Namespace"] === directive?.Namespace);
    expect(watched.length).toBeGreaterThanOrEqual(6);
    for (const [, { Properties }] of watched) expect(Object.keys(ROUND_METRICS)).toContain(Properties["MetricName"]);
  });
});

it("has a dashboard where it is asked for, whose address it prints; nobody pays for what only a graph reads", async () => {
  const read = ofType("AWS::CloudWatch::Alarm").flatMap(([, { Properties }]) =>
    Properties["Namespace"] === "ServerTracker" ? String(Properties["MetricName"]) : [],
  );
  expect(new Set(read)).toEqual(new Set(measuredMetrics(false)));
  expect(ofType("AWS::CloudWatch::Dashboard")).toEqual([]);
  const concludes = (made: Synthesized) => deployedFunctions(made).find(({ name }) => name === "conclude-round")?.environment["DASHBOARD"];
  expect(concludes(deployment)).toBeUndefined();
  const drawn = await synthesized({ dashboard: true });
  expect(concludes(drawn)).toBe("true");
  const name = drawn.ofType("AWS::CloudWatch::Dashboard").map(([, { Properties }]) => Properties["DashboardName"]);
  expect(name).toHaveLength(1);
  const [, parts] = (name[0] as { "Fn::Join": [string, unknown[]] })["Fn::Join"];
  expect(JSON.stringify(drawn.outputs)).toContain(`#dashboards/dashboard/${parts[0]}`);
});

it("what is named for all of an account names its region: a stage may stand in several", async () => {
  const { ofType } = await synthesized({ dashboard: true });
  const NAMES = {
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    "AWS::CloudFront::Function": "Name",
    "AWS::CloudWatch::Dashboard": "DashboardName",
  };
  for (const [type, property] of Object.entries(NAMES)) {
    expect(ofType(type).length).toBeGreaterThan(0);
    for (const [id, { Properties }] of ofType(type)) {
      const named = Properties[property] as { Name?: unknown } | string;
      expect([id, JSON.stringify(typeof named === "object" && "Name" in named ? named.Name : named)]).toEqual([
        id,
        expect.stringContaining("AWS::Region"),
      ]);
    }
  }
  const given = new Set(["AWS::IAM::Role", "AWS::S3::Bucket", "AWS::IAM::Policy"]);
  for (const [id, { Type, Properties }] of deployment.all)
    if (given.has(Type)) expect([id, Properties["RoleName"], Properties["BucketName"]]).toEqual([id, undefined, undefined]);
});

it("alarms may publish to their topic and use its key, of this account alone", () => {
  const [, policy] = ofType("AWS::SNS::TopicPolicy")[0] ?? [];
  const [, key] = ofType("AWS::KMS::Key").find(([id]) => id.startsWith("Alarms")) ?? [];
  for (const [document, action] of [
    [policy?.Properties["PolicyDocument"], "sns:Publish"],
    [key?.Properties["KeyPolicy"], "kms:GenerateDataKey"],
  ] as const) {
    const { Statement } = document as {
      Statement: { Effect: string; Action: string | string[]; Principal: unknown; Condition?: unknown }[];
    };
    const allow = Statement.find(
      ({ Effect, Principal }) => Effect === "Allow" && JSON.stringify(Principal).includes("cloudwatch.amazonaws.com"),
    );
    expect([allow?.Action].flat().join()).toContain(action.split(":")[0]);
    expect(JSON.stringify(allow?.Condition)).toContain("aws:SourceAccount");
  }
});

it("queues and topics refuse what is not TLS", () => {
  const policies = [...ofType("AWS::SQS::QueuePolicy"), ...ofType("AWS::SNS::TopicPolicy")];
  expect(policies).toHaveLength(ofType("AWS::SQS::Queue").length + ofType("AWS::SNS::Topic").length);
  for (const [, { Properties }] of policies) {
    expect(JSON.stringify(Properties)).toContain('"aws:SecureTransport":"false"');
  }
});

describe("settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "server-tracker-settings-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (context: Record<string, unknown>, environment: Record<string, string> = {}) =>
    readSettings({ context, environment, folder });
  const keep = (stage: string, settings: unknown) =>
    writeFileSync(join(folder, `settings.${stage}.json`), typeof settings === "string" ? settings : JSON.stringify(settings));

  it("come from context and environment, with defaults", () => {
    expect(read({ roundSeconds: "10" }, { ST_SHARD_SIZE: "50", ST_PUBLIC_READ: "true" })).toMatchObject({
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
    [{ logRetentionDays: 31 }, {}, "logRetentionDays must be one of 1, 3, 5, 7, 14, 30"],
    [{ domainName: "status.example.com" }, {}, "certificateArn and domainName go together"],
    [{ dataApiUrl: "postgres://localhost" }, {}, "dataApiUrl must be an http or https URL"],
    [{ dnsServers: "resolver.example.com" }, {}, "dnsServers must be addresses separated by commas"],
    [{ publicUrl: "status.example.com" }, {}, "publicUrl must be an http or https URL"],
    [{}, { ST_ROUND_SECOND: "30" }, "unknown settings: ST_ROUND_SECOND"],
  ])("%j %j stop synth with one clear line", (context, environment, text) => {
    expect(() => read(context, environment)).toThrow(text);
  });

  it("are kept in a file for each stage; what is said beside it wins", () => {
    keep("team", { alarmEmail: "ops@example.com", roundSeconds: 60, grafana: true });
    expect(read({ stage: "team" })).toMatchObject({ alarmEmail: "ops@example.com", roundSeconds: 60, grafana: true });
    expect(read({ stage: "team", roundSeconds: "20" }, { ST_GRAFANA: "false" })).toMatchObject({ roundSeconds: 20, grafana: false });
    expect(read({})).toMatchObject({ roundSeconds: 30, grafana: false });
  });

  it.each([
    ["{", "settings.bad.json is not JSON"],
    ["[]", "settings.bad.json must hold one object"],
    [{ alarmMail: "ops@example.com" }, "unknown settings in settings.bad.json: alarmMail"],
    [{ stage: "prod" }, "settings.bad.json names another stage, prod"],
    [{ roundSeconds: 45 }, "setting roundSeconds must be one of"],
  ])("in a file that is %j stop with one clear line", (settings, text) => {
    keep("bad", settings);
    expect(() => read({ stage: "bad" })).toThrow(text);
  });

  it("stand in the service stack as they were chosen, so that a deploy can tell what it would drop", () => {
    const chosen = chosenSettings(
      read({ stage: "team", domainName: "a.example.com", certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c" }),
    );
    expect(Object.keys(chosen).sort()).toEqual(["alarmEmail", "certificateArn", "domainName", "grafana", "roundSeconds"]);
    expect(droppedSettings(chosen, { roundSeconds: 30, alarmEmail: "new@example.com", grafana: "false" })).toEqual([
      "domainName",
      "certificateArn",
    ]);
    expect(deployment.metadata).toEqual({
      Settings: { alarmEmail: "ops@example.com", emailIdentity: "example.com", probeRegions: "us-east-1" },
    });
  });
});

it("says in every stack that refers to the data stack what its outputs were: another value is an update, which resolves them", async () => {
  const { outputs } = await synthesized({ grafana: true });
  const stamped = Object.entries(outputs).filter(([, { DataStamp }]) => DataStamp?.Value === "0123456789abcdef");
  expect(stamped.map(([stack]) => stack).sort()).toEqual(["server-tracker-test-grafana", "server-tracker-test-service"]);
});

describe("the local stage", () => {
  it("leaves out what emulators do not have, by settings: the rest is what an account gets", async () => {
    const local = await synthesized({ stage: "local", dataApiUrl: "http://127.0.0.1:1", protectData: "false" });
    const types = ({ all }: Synthesized) => new Set(all.map(([, { Type }]) => Type));
    const onlyInAccount = [...types(deployment)].filter((type) => !types(local).has(type)).sort();
    expect(onlyInAccount.filter((type) => !type.startsWith("AWS::EC2::"))).toEqual([
      "AWS::RDS::DBCluster",
      "AWS::RDS::DBInstance",
      "AWS::RDS::DBSubnetGroup",
    ]);
    expect(local.ofType("AWS::StepFunctions::StateMachine")[0]?.[1].Properties["DefinitionString"]).toBe(
      deployment.ofType("AWS::StepFunctions::StateMachine")[0]?.[1].Properties["DefinitionString"],
    );
    expect(local.ofType("AWS::DynamoDB::GlobalTable")[0]?.[1].DeletionPolicy).toBe("Delete");
  });
});

it("gives the API a domain of its own where one is set", async () => {
  const own = await synthesized({
    domainName: "status.example.com",
    certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c",
  });
  expect(own.ofType("AWS::ApiGateway::DomainName")[0]?.[1].Properties).toMatchObject({
    DomainName: "status.example.com",
    SecurityPolicy: "TLS_1_2",
  });
});
