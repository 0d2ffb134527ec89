import { beforeAll, expect, it } from "vitest";
import { FUNCTION_NAMES, functions } from "../../functions/index.ts";
import type { EnvironmentOf } from "../../infra/constructs/app-function.ts";
import { type DeployedFunction, deployedFunctions, synthesized } from "./deployment.ts";

/** Read by Node, the logger and the SDK, not by our code. */
const OTHERS = ["NODE_OPTIONS", "POWERTOOLS_SERVICE_NAME", "AWS_ENDPOINT_URL_RDS_DATA"];

let aurora: DeployedFunction[];
let external: DeployedFunction[];

beforeAll(async () => {
  const given = {
    allowedPorts: "80,443",
    userAgentUrl: "https://example.com/bot",
    publicUrl: "https://status.example.com",
    dnsServers: "1.1.1.1,[::1]:5353",
    probeRegions: "us-east-1,ap-southeast-1",
  };
  aurora = deployedFunctions(await synthesized(given));
  external = deployedFunctions(await synthesized({ ...given, allowedPrivateRanges: "10.0.0.0/8", dataApiUrl: "http://127.0.0.1:1" }));
});

it.each(FUNCTION_NAMES)("gives %s what its schema takes, and nothing that it does not know", (name) => {
  for (const deployment of [aurora, external]) {
    const environment = deployment.find((deployed) => deployed.name === name)?.environment ?? {};
    const ours = Object.entries(environment).filter(([variable]) => !OTHERS.includes(variable));
    expect(ours.filter(([variable]) => !(variable in functions[name].schema.shape))).toEqual([]);
    // References to other resources are text once they are deployed.
    const deployed = Object.fromEntries(
      ours.map(([variable, value]) => [variable, typeof value === "string" ? value : "https://resource.example"]),
    );
    // Fetched at run time from the secret whose ARN is given.
    const fetched = "FIELD_KEY_SECRET_ARN" in deployed ? { FIELD_KEY: "k".repeat(64) } : {};
    expect(functions[name].schema.safeParse({ ...deployed, ...fetched })).toMatchObject({ success: true });
  }
});

it("tells functions of the local stage where the Data API is", () => {
  const endpoints = (functions: DeployedFunction[]) =>
    functions.flatMap(({ name, environment }) => (environment["AWS_ENDPOINT_URL_RDS_DATA"] === undefined ? [] : [name])).sort();
  expect(endpoints(aurora)).toEqual([]);
  expect(endpoints(external)).toEqual([
    "api",
    "check-shard",
    "check-waiting",
    "conclude-round",
    "deliver-alerts",
    "maintain-log",
    "migrate",
    "publish-pages",
  ]);
});

it("does not compile when it forgets one: every key is a value, or left out by name", () => {
  const told: EnvironmentOf<"conclude-round"> = {
    TABLE_NAME: "table",
    LOG_RESOURCE_ARN: "arn",
    LOG_SECRET_ARN: "arn",
    LOG_DATABASE: "log",
    ECONOMY: undefined,
    ALLOWED_PRIVATE_RANGES: undefined,
    ALLOWED_PORTS: undefined,
    DNS_SERVERS: undefined,
    USER_AGENT_URL: undefined,
    SECRETS_PATH: "/path",
    STAGE: "test",
    ROUND_SECONDS: "30",
    FIELD_KEY_SECRET_ARN: "arn",
    PUBLIC_URL: undefined,
    API_URL: undefined,
    DASHBOARD: undefined,
  };
  const { PUBLIC_URL: _, ...rest } = told;
  // @ts-expect-error PUBLIC_URL is not named
  const forgotten: EnvironmentOf<"conclude-round"> = rest;
  expect(Object.keys(forgotten)).not.toContain("PUBLIC_URL");
});

it("links alerts to the deployment's address, which is its page's, else its own domain's, unless it is set, and asks the name servers that are set", async () => {
  const environmentOf = (deployment: DeployedFunction[], name: string) =>
    deployment.find((deployed) => deployed.name === name)?.environment;
  expect(environmentOf(aurora, "conclude-round")).toMatchObject({ PUBLIC_URL: "https://status.example.com" });
  expect(environmentOf(aurora, "check-shard")).toMatchObject({
    DNS_SERVERS: "1.1.1.1,[::1]:5353",
    // In a Region there is always something that answers while we see: without it, a real outage could pass for blindness.
    CONTROL_TARGETS: expect.stringMatching(/:443/),
  });
  const domain = { domainName: "own.example.com", certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/0b1c" };
  expect(environmentOf(deployedFunctions(await synthesized({ ...domain, page: "false" })), "conclude-round")).toMatchObject({
    PUBLIC_URL: "https://own.example.com",
  });
  expect(environmentOf(deployedFunctions(await synthesized({ page: "false" })), "conclude-round")).not.toHaveProperty("PUBLIC_URL");
});
