import { beforeAll, expect, it } from "vitest";
import type * as z from "zod";
import { FUNCTION_NAMES, type FunctionName } from "../../infra/bundle.ts";
import { apiEnv, concludeRoundEnv } from "../../shared/channel-env.ts";
import { authorizerEnv, checkShardEnv, maintainLogEnv, migrateEnv, planRoundEnv } from "../../shared/env.ts";
import { type DeployedFunction, deployedFunctions, synthesized } from "./deployment.ts";

const SCHEMAS: Readonly<Record<FunctionName, z.ZodObject>> = {
  "plan-round": planRoundEnv,
  "check-shard": checkShardEnv,
  "conclude-round": concludeRoundEnv,
  "maintain-log": maintainLogEnv,
  migrate: migrateEnv,
  api: apiEnv,
  authorizer: authorizerEnv,
};

/** Read by Node, the logger and the SDK, not by our code. */
const OTHERS = ["NODE_OPTIONS", "POWERTOOLS_SERVICE_NAME", "AWS_ENDPOINT_URL_RDS_DATA"];

let aurora: DeployedFunction[];
let external: DeployedFunction[];

beforeAll(async () => {
  const given = { allowedPrivateRanges: "10.0.0.0/8", allowedPorts: "80,443", userAgentUrl: "https://example.com/bot" };
  aurora = deployedFunctions(await synthesized(given));
  external = deployedFunctions(await synthesized({ ...given, dataApiUrl: "http://127.0.0.1:1" }));
});

it.each(FUNCTION_NAMES)("gives %s what its schema takes, and nothing that it does not know", (name) => {
  for (const deployment of [aurora, external]) {
    const environment = deployment.find((deployed) => deployed.name === name)?.environment ?? {};
    const ours = Object.entries(environment).filter(([variable]) => !OTHERS.includes(variable));
    expect(ours.filter(([variable]) => !(variable in SCHEMAS[name].shape))).toEqual([]);
    // References to other resources are text once they are deployed.
    const deployed = Object.fromEntries(
      ours.map(([variable, value]) => [variable, typeof value === "string" ? value : "https://resource.example"]),
    );
    // Fetched at run time from the secret whose ARN is given.
    const fetched = "FIELD_KEY_SECRET_ARN" in deployed ? { FIELD_KEY: "k".repeat(64) } : {};
    expect(SCHEMAS[name].safeParse({ ...deployed, ...fetched })).toMatchObject({ success: true });
  }
});

it("tells functions of the local stage where the Data API is", () => {
  const endpoints = (functions: DeployedFunction[]) =>
    functions.flatMap(({ name, environment }) => (environment["AWS_ENDPOINT_URL_RDS_DATA"] === undefined ? [] : [name])).sort();
  expect(endpoints(aurora)).toEqual([]);
  expect(endpoints(external)).toEqual(["api", "check-shard", "conclude-round", "maintain-log", "migrate"]);
});
