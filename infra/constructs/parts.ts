import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Alarms } from "./alarms.ts";
import type { Deployment } from "./app-function.ts";
import type { FieldKey } from "./field-key.ts";
import type { Identity } from "./identity.ts";
import type { LogDatabase } from "./log-database.ts";
import type { Secrets } from "./secrets.ts";
import type { StateTable } from "./state-table.ts";
import type { StatusFiles } from "./status-files.ts";

/** What the constructs of the service stack are made from. */
export interface Parts extends Deployment {
  readonly state: StateTable;
  readonly log: LogDatabase;
  readonly secrets: Secrets;
  readonly fieldKey: FieldKey;
  readonly identity: Identity;
  readonly alarms: Alarms;
  /** Keeps the log, and wakes it where it sleeps. */
  readonly keeper: IFunction;
  /** Where status pages go, if anybody can see them there. */
  readonly statusFiles: StatusFiles | undefined;
  /** Where the page is, if there is one. */
  readonly pageUrl?: string | undefined;
}
