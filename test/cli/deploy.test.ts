import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { deployArguments, destroyArguments, readCall, serviceStackOf } from "../../cli/deploy/cdk-arguments.ts";
import { deployedSettings } from "../../cli/deploy/deployed-settings.ts";
import { listen } from "../../local/stand-ins/listen.ts";

const sources = (context: Record<string, string>) => ({ context, environment: {}, folder: "/nowhere" });
const DEPLOYED = { alarmEmail: "ops@example.com", grafana: true };

describe("a deploy", () => {
  const plan = (...args: string[]) => {
    const call = readCall(args);
    return deployArguments(call, sources(call.context), DEPLOYED);
  };

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

  it("names the stage's stack and refuses half an option", () => {
    expect(serviceStackOf(sources({ stage: "team", region: "eu-west-1" }))).toEqual({
      name: "server-tracker-team-service",
      region: "eu-west-1",
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

describe("what is deployed", () => {
  /** CloudFormation as it answers, at the socket. */
  async function cloudFormation(status: number, body: string): Promise<string[]> {
    const asked: string[] = [];
    const server = createServer(async (request, response) => {
      asked.push(await text(request));
      response.writeHead(status, { "content-type": "text/xml" }).end(body);
    });
    onTestFinished(() => void server.close());
    vi.stubEnv("AWS_ENDPOINT_URL_CLOUDFORMATION", await listen(server));
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "test");
    onTestFinished(() => void vi.unstubAllEnvs());
    return asked;
  }
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
});
