import { Aws, CfnOutput, Duration, RemovalPolicy, Size, Validations } from "aws-cdk-lib";
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  RequestAuthorizer,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from "aws-cdk-lib/aws-apigateway";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { UNAUTHENTICATED_TITLE } from "../../functions/api/problem.ts";
import { CREDENTIALS_HINT } from "../../functions/api/router.ts";
import { routes } from "../../functions/api/routes/index.ts";
import type { Settings } from "../settings.ts";
import { ApiFunction } from "./api-function.ts";
import { Authorizer } from "./authorizer.ts";
import type { Parts } from "./parts.ts";

/** Requests a second for what anyone may read: 1.7 MB of Swagger UI, 28 KB of description. */
const DOCS_PER_SECOND = 5;
/** How jobs send pings. By other methods they may, a tenth as often: API Gateway counts each method of each path apart. */
const PING_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);

/**
 * Routes with a throttle of their own: jobs that call us go on while others are refused, and what anyone may read costs
 * no more than it must.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
function ownThrottles(perSecond: number): Record<string, MethodDeploymentOptions> {
  const of = (rate: number) => ({ throttlingRateLimit: rate, throttlingBurstLimit: 2 * rate });
  return Object.fromEntries(
    routes.flatMap(({ method, path, tag, access }) => {
      const isCall = tag === "Heartbeats";
      const isDocs = access === "public" && (path.startsWith("/docs") || path === "/openapi.json");
      const calls = PING_METHODS.has(method) ? perSecond : Math.ceil(perSecond / 10);
      return isCall || isDocs ? [[`${path}/${method}`, of(isCall ? calls : DOCS_PER_SECOND)]] : [];
    }),
  );
}

/** Name of the API's one stage. */
export const API_STAGE = "v1";

/** What says nothing of anybody may be read from anywhere. */
const ANY_ORIGIN = { "access-control-allow-origin": "'*'" };

function resourceAt({ root }: RestApi, path: string): IResource {
  return path
    .split("/")
    .filter(Boolean)
    .reduce<IResource>((parent, part) => parent.getResource(part) ?? parent.addResource(part), root);
}

/** The REST API: a method for each of the API's routes, private ones behind the authorizer. */
export class Api extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, parts: Parts) {
    super(scope, id);
    const { settings } = parts;
    const api = new ApiFunction(this, "Function", parts);
    const authorizer = new Authorizer(this, "Authorizer", parts);
    const accessLog = new LogGroup(this, "AccessLog", {
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }); // checked by CloudWatch
    const rest = new RestApi(this, "Rest", {
      restApiName: `server-tracker-${settings.stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      minCompressionSize: Size.kibibytes(1),
      cloudWatchRole: true,
      // The account has one role for the logs of all its APIs in a region: others go on with it when this one is gone.
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: API_STAGE,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        // Metrics by method, which nobody looks at, are $0.30 each: alarms read those of the API, which cost nothing.
        metricsEnabled: false,
        // A trace holds the whole address, and with it a heartbeat's key.
        tracingEnabled: false,
        throttlingRateLimit: settings.apiRequestsPerSecond,
        throttlingBurstLimit: 2 * settings.apiRequestsPerSecond,
        methodOptions: ownThrottles(settings.apiRequestsPerSecond),
      },
    });
    this.keepExecutionLog(rest, settings);
    rest.addGatewayResponse("Unauthorized", {
      type: ResponseType.UNAUTHORIZED,
      responseHeaders: {
        "www-authenticate": "'Bearer realm=\"server-tracker\"'",
        ...(settings.corsOrigins !== "" && ANY_ORIGIN),
      },
      templates: {
        "application/problem+json": JSON.stringify({
          type: "about:blank",
          title: UNAUTHENTICATED_TITLE,
          status: 401,
          detail: CREDENTIALS_HINT,
        }),
      },
    });
    const requestAuthorizer = new RequestAuthorizer(this, "RequestAuthorizer", {
      handler: authorizer.lambda,
      // Either header may hold the credential, and API Gateway would refuse a request that lacks one of
      // several identity sources: so no source, and no cache.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    // One permission for all methods: with one for each, the policy of the function would outgrow its 20,480 bytes
    // (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
    const integration = new LambdaIntegration(api.lambda, { scopePermissionToMethod: false });
    for (const { method, path, access } of routes) {
      const resource = resourceAt(rest, path);
      const added = resource.addMethod(
        method,
        integration,
        access === "public"
          ? { authorizationType: AuthorizationType.NONE }
          : { authorizer: requestAuthorizer, authorizationType: AuthorizationType.CUSTOM },
      );
      Validations.of(added).acknowledge({
        id: "AwsSolutions::AwsSolutions-COG4",
        reason: "Who is calling is told by our own authorizer, which knows API tokens beside JWTs.",
      });
      if (access === "public") {
        Validations.of(added).acknowledge({
          id: "AwsSolutions::AwsSolutions-APIG4",
          reason: "This route is public: it shows nothing of targets, or has a key in its path.",
        });
      }
    }
    if (settings.corsOrigins !== "") this.answerPreflights(rest, integration);
    this.api = rest;
    this.addAlarms(parts);
    const { domainName, certificateArn } = settings;
    if (domainName !== undefined && certificateArn !== undefined) this.addDomain(domainName, certificateArn);
    const url = domainName ? `https://${domainName}` : `https://${rest.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/v1`;
    new CfnOutput(this, "Url", { value: url, description: "Address of the API; its description is at /docs" });
    new CfnOutput(this, "Id", { value: rest.restApiId, description: "Id of the API, for emulators" });

    Validations.of(rest).acknowledge(
      {
        id: "AwsSolutions::AwsSolutions-APIG2",
        reason: "Every request is validated by zod in the function, which names the field and the fix.",
      },
      {
        id: "AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        reason: "API Gateway's own managed policy is how it writes logs.",
      },
    );
    Validations.of(rest.deploymentStage).acknowledge(
      {
        id: "AwsSolutions::AwsSolutions-APIG3",
        reason: "A web ACL costs more a month than the API; throttling is on, and an owner who wants one attaches it to the stage.",
      },
      { id: "Serverless::Serverless-APIGWXrayEnabled", reason: "Traces would hold heartbeat keys, which stand in addresses." },
    );
  }

  /** Browsers ask before they call from another origin; and what API Gateway refuses by itself they would not show either. */
  private answerPreflights(rest: RestApi, integration: LambdaIntegration): void {
    const own = new Set(routes.flatMap(({ method, path }) => (method === "OPTIONS" ? [path] : [])));
    const others = new Set(routes.map(({ path }) => path).filter((path) => !own.has(path)));
    for (const path of others) {
      const added = resourceAt(rest, path).addMethod("OPTIONS", integration, { authorizationType: AuthorizationType.NONE });
      Validations.of(added).acknowledge(
        { id: "AwsSolutions::AwsSolutions-APIG4", reason: "A preflight has no credentials, and says nothing but who may ask." },
        { id: "AwsSolutions::AwsSolutions-COG4", reason: "A preflight has no credentials, and says nothing but who may ask." },
      );
    }
    for (const [id, type] of [
      ["Refused", ResponseType.DEFAULT_4XX],
      ["Failed", ResponseType.DEFAULT_5XX],
    ] as const)
      rest.addGatewayResponse(id, { type, responseHeaders: ANY_ORIGIN });
  }

  /** API Gateway makes this group by itself, and keeps it for ever, where nobody made it before. */
  private keepExecutionLog({ restApiId, deploymentStage }: RestApi, { logRetentionDays }: Settings): void {
    const log = new LogGroup(this, "ExecutionLog", {
      logGroupName: `API-Gateway-Execution-Logs_${restApiId}/${API_STAGE}`,
      retention: logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }); // checked by CloudWatch
    deploymentStage.node.addDependency(log);
  }

  private addAlarms({ alarms }: Parts): void {
    // Errors that the function answers itself never show in Lambda's own metric.
    alarms.add("api-failing", {
      // Jobs that call once in a while are refused once in a while.
      metric: this.api.metricServerError({ period: Duration.minutes(15), statistic: Stats.SUM }),
      threshold: 5,
      evaluationPeriods: 1,
      severity: "ticket",
      says: "The API answers 5xx.",
      runbook: "api-failing",
    });
  }

  private addDomain(domainName: string, certificateArn: string): void {
    const domain = this.api.addDomainName("Domain", {
      domainName,
      certificate: Certificate.fromCertificateArn(this, "Certificate", certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
      endpointType: EndpointType.REGIONAL,
    });
    new CfnOutput(this, "DomainTarget", {
      value: domain.domainNameAliasDomainName,
      description: `Point a CNAME or alias record of ${domainName} here`,
    });
  }
}
