import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { FUNCTION_NAMES, type FunctionName } from "../../infra/bundle.ts";
import { type DeployedFunction, deployedFunctions, type Synthesized, synthesized } from "./deployment.ts";

let deployment: Synthesized;
let functions: Map<string, DeployedFunction>;

beforeAll(async () => {
  deployment = await synthesized();
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
  "client-secrets-manager": "secretsmanager",
};

/**
 * The actions that a function's code can call: commands that our files in its bundle import, as far as
 * tree-shaking left them in the bundle.
 */
function callable(name: FunctionName): string[] {
  const sources = deployment.bundles.sources(name);
  const own = sources.filter((file) => /^(functions|shared)\//.test(file)).map((file) => readFileSync(file, "utf8"));
  const imported = new Set(
    own.flatMap((text) =>
      [...text.matchAll(/import \{([^}]+)\} from "@aws-sdk\/([\w-]+)"/g)].flatMap(([, names = "", client]) =>
        names
          .split(",")
          .map((part) => part.trim())
          .filter((part) => !part.startsWith("type "))
          .flatMap((part) => (/^(\w+)Command$/.test(part) ? [`${client}/${part.replace(/Command$/, "")}`] : [])),
      ),
    ),
  );
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
      return client === "lib-dynamodb" ? (DOCUMENT_COMMANDS[command] ?? call) : `${IAM_PREFIXES[client] ?? client}:${command}`;
    })
    .sort();
}

/** What the Data API does with the caller's rights. */
const IMPLIED = (calls: readonly string[]) => (calls.some((call) => call.startsWith("rds-data:")) ? ["secretsmanager:GetSecretValue"] : []);

/** What code in a bundle could call and its function never does. */
const NEVER_CALLED: Partial<Record<FunctionName, readonly string[]>> = {
  // It lists channels; conclude-round sends.
  api: ["ses:SendEmail"],
};

const SERVICES = /^(dynamodb|rds-data|secretsmanager|ssm|ses):/;

describe.each(FUNCTION_NAMES)("the role of %s", (name) => {
  it("allows each SDK call that its code can make, and no other", () => {
    const calls = callable(name).filter((call) => !NEVER_CALLED[name]?.includes(call));
    expect(calls.length).toBeGreaterThan(0);
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
  secretsmanager: /LogCluster.*MasterUserSecret|FieldKeySecret|GrafanaReaderSecret/,
  ssm: /:parameter\/server-tracker\/test/,
  ses: /:identity\/example\.com/,
};

it("would notice a call that a role forgets: the commands it derives are what the sources say", () => {
  expect(callable("plan-round")).toEqual(["dynamodb:Query"]);
  expect(callable("migrate")).toEqual([
    "dynamodb:UpdateItem",
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ]);
});
