import { readFileSync } from "node:fs";
import { parseAst } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { FUNCTION_NAMES, type FunctionName } from "../../functions/index.ts";
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
  "client-lambda": "lambda",
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

/** Commands that a file of ours imports from the SDK's clients: `client-ssm/GetParametersByPath`. */
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
const IMPLIED = (calls: readonly string[]) => (calls.some((call) => call.startsWith("rds-data:")) ? ["secretsmanager:GetSecretValue"] : []);

/** What code in a bundle could call and its function never does. */
const NEVER_CALLED: Partial<Record<FunctionName, readonly string[]>> = {
  // It lists channels; conclude-round sends.
  api: ["ses:SendEmail"],
};

const SERVICES = /^(dynamodb|rds-data|secretsmanager|ssm|ses|lambda):/;

describe.each(FUNCTION_NAMES)("the role of %s", (name) => {
  it("allows each SDK call that its code can make, and no other", () => {
    const calls = callable(name).filter((call) => !NEVER_CALLED[name]?.includes(call));
    // It names rounds, and calls nobody.
    expect(calls.length > 0).toBe(name !== "name-rounds");
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
  lambda: /DeliverAlertsFunction/,
  ses: /:identity\/example\.com|identity\/example\.com/,
};

it("would notice a call that a role forgets: the commands it derives are what the sources say", () => {
  expect(callable("plan-round")).toEqual(["dynamodb:GetItem", "dynamodb:Query"]);
  expect(callable("migrate")).toEqual([
    "dynamodb:UpdateItem",
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ]);
});
