import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createDataApi, createTransactionalDataApi, type SqlExecutor, type TransactionalSql } from "../../shared/log/data-api.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";
import { tracing } from "./tracing.ts";

export interface StateSettings {
  readonly TABLE_NAME: string;
}

export interface LogSettings {
  readonly LOG_RESOURCE_ARN: string;
  readonly LOG_SECRET_ARN: string;
  readonly LOG_DATABASE: string;
}

export const clock = systemClock;

/** The state store. Where it is, the SDK knows from `AWS_ENDPOINT_URL_DYNAMODB` or the region. */
export function stateClient(): DynamoDBDocumentClient {
  const client = tracing.traced(new DynamoDBClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS }));
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** The log, through the RDS Data API at `AWS_ENDPOINT_URL_RDS_DATA` or the region's. */
export function logExecutor(env: LogSettings): SqlExecutor {
  return createDataApi(tracing.traced(new RDSDataClient({ maxAttempts: 3 })), dataApiSettings(env), clock);
}

/** The same with transactions, for migrations. */
export function migrationExecutor(env: LogSettings): TransactionalSql {
  return createTransactionalDataApi(new RDSDataClient({ maxAttempts: 3 }), dataApiSettings(env), clock);
}

function dataApiSettings({ LOG_RESOURCE_ARN, LOG_SECRET_ARN, LOG_DATABASE }: LogSettings) {
  return { resourceArn: LOG_RESOURCE_ARN, secretArn: LOG_SECRET_ARN, database: LOG_DATABASE };
}
