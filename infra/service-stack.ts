import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SIGN_IN_PATH } from "../web/serving.ts";
import { Alarms } from "./constructs/alarms.ts";
import { Api } from "./constructs/api.ts";
import type { Deployment } from "./constructs/app-function.ts";
import { HealthDashboard } from "./constructs/health-dashboard.ts";
import { keepHelperLogs } from "./constructs/helper-logs.ts";
import type { Identity } from "./constructs/identity.ts";
import { LogMaintenance } from "./constructs/log-maintenance.ts";
import { Page } from "./constructs/page.ts";
import { PageClient } from "./constructs/page-client.ts";
import { RoundLoop } from "./constructs/round-loop.ts";
import { Secrets } from "./constructs/secrets.ts";
import { StatusFiles } from "./constructs/status-files.ts";
import type { DataStack } from "./data-stack.ts";
import type { Settings } from "./settings.ts";

/** What runs: the API, the round loop, the log's maintenance, and alarms about them. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundles, data, ...props }: StackProps & Deployment & { data: DataStack }) {
    super(scope, id, props);
    const shared = {
      settings,
      bundles,
      state: data.state,
      log: data.log,
      fieldKey: data.fieldKey,
      identity: data.identity,
      secrets: new Secrets(this, "Secrets", settings),
      alarms: new Alarms(this, "Alarms", settings),
      // Where there is no page nobody serves them; of an emulator, whoever tries it does.
      statusFiles: settings.page || settings.dataApiUrl !== undefined ? new StatusFiles(this, "StatusFiles", settings) : undefined,
    };
    const { lambda: keeper } = new LogMaintenance(this, "LogMaintenance", shared);
    const parts = { ...shared, keeper };
    const { api } = new Api(this, "Api", parts);
    const page =
      settings.page && bundles.page !== undefined
        ? new Page(this, "Page", {
            settings,
            folder: bundles.page,
            api,
            statusFiles: shared.statusFiles,
            tokenOrigins: data.identity.tokenOrigins,
          })
        : undefined;
    this.letPeopleIn(data.identity, page, settings);
    const loop = new RoundLoop(this, "RoundLoop", { ...parts, pageUrl: page?.url });
    if (settings.dashboard) new HealthDashboard(this, "Dashboard", { settings, api, loop, log: data.log });
    new CfnOutput(this, "SecretsPath", {
      value: shared.secrets.path,
      description: "Put DISCORD_WEBHOOK_URL, API_KEY, … here, as SecureStrings",
    });
    keepHelperLogs(this, settings);
  }

  /** Where the page is, or is hosted by its owner, people sign in on it. */
  private letPeopleIn(identity: Identity, page: Page | undefined, { loginCallbackUrls }: Settings): void {
    const elsewhere = loginCallbackUrls.split(",").filter((url) => url !== "");
    const callbackUrls = page === undefined ? elsewhere : [page.url + SIGN_IN_PATH, ...elsewhere];
    let signIn = identity.ownSignIn;
    if (identity.cognito !== undefined && callbackUrls.length > 0) {
      const client = new PageClient(this, "PageClient", identity.cognito, callbackUrls);
      identity.addClient(client.signIn.clientId);
      signIn = client.signIn;
    }
    if (signIn !== undefined) page?.offer(signIn);
  }
}
