import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Alarms } from "./constructs/alarms.ts";
import { Api } from "./constructs/api.ts";
import { LogMaintenance } from "./constructs/log-maintenance.ts";
import { RoundLoop } from "./constructs/round-loop.ts";
import { Secrets } from "./constructs/secrets.ts";
import type { DataStack } from "./data-stack.ts";
import type { Settings } from "./settings.ts";

/** What runs: the API, the round loop, the log's maintenance, and alarms about them. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings; data: DataStack }) {
    super(scope, id, props);
    const { settings, data } = props;
    const shared = {
      settings,
      state: data.state,
      log: data.log,
      secrets: new Secrets(this, "Secrets", settings),
      alarms: new Alarms(this, "Alarms", settings),
    };
    new Api(this, "Api", shared);
    new RoundLoop(this, "RoundLoop", shared);
    new LogMaintenance(this, "LogMaintenance", shared);
    new CfnOutput(this, "SecretsPath", {
      value: shared.secrets.path,
      description: "Put API_KEY, DISCORD_WEBHOOK_URL, … here, as SecureStrings",
    });
  }
}
