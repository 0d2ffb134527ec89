import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type * as z from "zod";
import type { apiEnv } from "../../shared/env/api-env.ts";
import { messageOf } from "../../shared/errors.ts";
import type { SqlExecutor } from "../../shared/log/data-api.ts";
import { createDataApiLogHistory } from "../../shared/log/data-api-log-history.ts";
import { createDataApiLogOverview } from "../../shared/log/data-api-log-overview.ts";
import { createDataApiLogPages } from "../../shared/log/data-api-log-pages.ts";
import { createDataApiLogReports } from "../../shared/log/data-api-log-reports.ts";
import { createDynamoKeptOverview } from "../../shared/log/dynamo-kept-overview.ts";
import { createDynamoRecentChecks } from "../../shared/log/dynamo-recent-checks.ts";
import type { LogRest } from "../../shared/log/log-rest.ts";
import type { LogWarning } from "../../shared/log/record.ts";
import { createQuietSql, createWakingSql } from "../../shared/log/resting-log.ts";
import { createRestingOverview } from "../../shared/log/resting-overview.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { ApiDeps } from "../api/route.ts";

interface LogReadDeps {
  readonly client: DynamoDBDocumentClient;
  readonly sql: SqlExecutor;
  readonly rest: LogRest | undefined;
  readonly clock: Clock;
  readonly logger: LogWarning;
}

/** How the API reads the log: as it is, or, where it sleeps, by waking it for who looks at history, and not for a glance. */
export function logReads(
  { client, sql, rest, clock, logger }: LogReadDeps,
  { TABLE_NAME, MAINTAIN_FUNCTION }: Pick<z.output<typeof apiEnv>, "TABLE_NAME" | "MAINTAIN_FUNCTION">,
): Pick<ApiDeps, "history" | "overview" | "reports" | "logPages" | "sleeping"> {
  if (rest === undefined) {
    return {
      history: createDataApiLogHistory(sql),
      overview: createDataApiLogOverview(sql),
      reports: createDataApiLogReports(sql),
      logPages: createDataApiLogPages(sql),
      sleeping: undefined,
    };
  }
  const wake = async (wokenAt: number) => {
    const { invokeLater } = await import("./invoke-later.ts");
    await invokeLater(MAINTAIN_FUNCTION, { wake: wokenAt }).catch((error: unknown) =>
      logger.warn("the log could not be woken: the next look tries again", { reason: messageOf(error) }),
    );
  };
  const waking = createWakingSql(sql, rest, wake);
  const quiet = createQuietSql(sql, rest, clock);
  const recent = createDynamoRecentChecks(client, TABLE_NAME);
  const { series, alerts } = createDataApiLogOverview(waking);
  const kept = createDynamoKeptOverview(client, TABLE_NAME);
  return {
    history: { ...createDataApiLogHistory(waking), ping: createDataApiLogHistory(quiet).ping },
    overview: createRestingOverview({ ...createDataApiLogOverview(quiet), series, alerts }, { kept, recent, clock }),
    reports: createDataApiLogReports(waking),
    logPages: createDataApiLogPages(quiet),
    sleeping: { rest, recent },
  };
}
