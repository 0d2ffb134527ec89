import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { stateClient } from "../functions/wiring/clients.ts";
import { openDataFolder, runningStateEngine } from "../local/data-folder.ts";
import { readLocalSettings } from "../local/settings.ts";
import { startEngine } from "../local/stand-ins/engines/start-engine.ts";
import { ensureStateTable, STATE_TABLE } from "../local/stand-ins/state-table.ts";
import { complain } from "../local/terminal.ts";

/** The state table of an installation, as a command of its operator uses it. */
export interface StateTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** To be called at the end. */
  readonly close: () => Promise<void>;
}

/**
 * @param stage of a deployment in AWS, by the caller's credentials and region; that of `npm start` (`DATA_DIR`) when left out
 * @throws {SettingError} @throws {Error} when there is no such deployment
 */
export const openStateTable = (stage: string | undefined): Promise<StateTable> =>
  stage === undefined ? localTable() : deployedTable(stage);

/** The table of `npm start`: through its engine while it runs, else through one of our own. */
async function localTable(): Promise<StateTable> {
  const { dataDir } = readLocalSettings();
  Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  const running = await runningStateEngine(dataDir);
  if (running !== undefined) {
    Object.assign(process.env, { AWS_ENDPOINT_URL_DYNAMODB: running.url, AWS_ACCESS_KEY_ID: running.accessKeyId });
    return { client: stateClient(), tableName: STATE_TABLE, close: async () => undefined };
  }
  const folder = await openDataFolder(dataDir);
  const engine = await startEngine("state-worker.ts", { dataDir: folder.state }, (error) => complain(error.message));
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = engine.url;
  await ensureStateTable(STATE_TABLE);
  return {
    client: stateClient(),
    tableName: STATE_TABLE,
    close: async () => {
      await engine.close();
      await folder.close();
    },
  };
}

/** The table of a deployment, by its stack's output. */
async function deployedTable(stage: string): Promise<StateTable> {
  const stack = `server-tracker-${stage}-data`;
  const client = new CloudFormationClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const tableName = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === "TableName")?.OutputValue;
  if (tableName === undefined) throw new Error(`stack ${stack} has no output TableName: is the stage deployed in this region?`);
  return { client: stateClient(), tableName, close: async () => undefined };
}
