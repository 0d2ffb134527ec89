import { Aws, CfnOutput, DefaultStackSynthesizer, Duration, RemovalPolicy, Stack, Token, Validations } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import {
  PAGES,
  PINGS_BELOW_API,
  pageHeaders,
  SIGN_IN_FILE,
  type SignInSettings,
  STATUS_FOLDER,
  STATUS_FOLDER_BARE,
  statusPolicy,
} from "../../web/serving.ts";
import type { Settings } from "../settings.ts";
import { API_STAGE } from "./api.ts";
import type { StatusFiles } from "./status-files.ts";

export interface PageProps {
  readonly settings: Settings;
  /** Folder of the built page. */
  readonly folder: string;
  readonly api: RestApi;
  readonly statusFiles: StatusFiles | undefined;
  /** Origins that the page asks for tokens. */
  readonly tokenOrigins: readonly string[];
}

/** The owner's page: its files from a bucket that only CloudFront reads, and the API below `/api` at the same origin. */
export class Page extends Construct {
  /** Where people open it. */
  readonly url: string;
  private readonly distribution: Distribution;
  private readonly bucket: IBucket;
  private readonly stage: string;

  constructor(scope: Construct, id: string, { settings, folder, api, statusFiles, tokenOrigins }: PageProps) {
    super(scope, id);
    this.stage = settings.stage;
    const bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      // What stands in it is made by each deploy.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // CDK's own types say that a bucket is no IBucket under exactOptionalPropertyTypes.
    const destinationBucket = bucket as IBucket;
    const headers = this.responseHeaders("Headers", pageHeaders(tokenOrigins));
    const { pageDomainName: domainName, pageCertificateArn: certificateArn } = settings;
    const ofTheApi = {
      // Regional addresses of API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
      // By its names: its stage stands on the authorizer, and so on the login's client, which knows where the page is.
      origin: new HttpOrigin(`${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, { originPath: `/${API_STAGE}` }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      // Every answer is for one caller.
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
    const distribution = new Distribution(this, "Distribution", {
      comment: `Server Tracker ${settings.stage}`,
      defaultRootObject: "index.html",
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      ...(domainName !== undefined &&
        certificateArn !== undefined && {
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          domainNames: [domainName],
          certificate: Certificate.fromCertificateArn(this, "Certificate", certificateArn),
        }),
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(destinationBucket, { originAccessControl: this.accessControl("PageAccess") }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: headers,
        functionAssociations: [{ function: this.edge("ShowPage", SHOW_PAGE), eventType: FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: {
        ...(statusFiles && this.statusBehaviors(statusFiles)),
        // Where jobs of Healthchecks call.
        "/ping/*": ofTheApi,
        "/api/*": {
          ...ofTheApi,
          functionAssociations: [{ function: this.edge("StripApi", STRIP_API), eventType: FunctionEventType.VIEWER_REQUEST }],
        },
      },
    });
    // Files are named by their content and kept for good; what names them is asked for each time.
    const files = { destinationBucket, prune: false, memoryLimit: 256 };
    const assets = new BucketDeployment(this, "Assets", {
      ...files,
      sources: [Source.asset(folder, { exclude: ["index.html", "favicon.svg"] })],
      cacheControl: [CacheControl.fromString("public, max-age=31536000, immutable")],
    });
    const html = new BucketDeployment(this, "Html", {
      ...files,
      sources: [Source.asset(folder, { exclude: ["assets", "assets/**"] })],
      cacheControl: [CacheControl.fromString("no-cache")],
      distribution,
      distributionPaths: ["/index.html"],
    });
    html.node.addDependency(assets);
    [this.distribution, this.bucket] = [distribution, destinationBucket];
    this.url = `https://${domainName ?? distribution.distributionDomainName}`;
    new CfnOutput(this, "Url", { value: this.url, description: "The page: sign in there" });
    if (domainName !== undefined) {
      new CfnOutput(this, "DomainTarget", {
        value: distribution.distributionDomainName,
        description: `Point a CNAME or alias record of ${domainName} here`,
      });
    }
    acknowledge(bucket, distribution);
    acknowledgeUploader(bucket);
  }

  /** Tells the page how people sign in. */
  offer(signIn: SignInSettings): void {
    new BucketDeployment(this, "SignIn", {
      destinationBucket: this.bucket,
      prune: false,
      memoryLimit: 256,
      sources: [Source.jsonData(SIGN_IN_FILE.slice(1), signIn)],
      cacheControl: [CacheControl.fromString("no-cache")],
      distribution: this.distribution,
      distributionPaths: [SIGN_IN_FILE],
    });
  }

  /** Status pages: files that anybody may read, and other sites may show what is meant for it in a frame. */
  private statusBehaviors({ bucket }: StatusFiles): Record<string, BehaviorOptions> {
    // With the list, what is not there is 404 and not 403; only names below `status/` are ever asked for.
    const origin = S3BucketOrigin.withOriginAccessControl(bucket as IBucket, {
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
      originAccessControl: this.accessControl("StatusAccess"),
    });
    const show = { function: this.edge("ShowStatus", SHOW_STATUS), eventType: FunctionEventType.VIEWER_REQUEST };
    const behavior = (id: string, isEmbed: boolean): BehaviorOptions => ({
      origin,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      // By the files' own `cache-control`.
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: this.responseHeaders(id, { "content-security-policy": statusPolicy(isEmbed) }, { isPublic: true, isEmbed }),
      functionAssociations: [show],
    });
    return { "/status/*/embed/*": behavior("EmbedHeaders", true), "/status/*": behavior("StatusHeaders", false) };
  }

  private responseHeaders(
    id: string,
    { "content-security-policy": contentSecurityPolicy = "", "cross-origin-opener-policy": opener }: Readonly<Record<string, string>>,
    { isPublic = false, isEmbed = false } = {},
  ): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, id, {
      responseHeadersPolicyName: this.globalName(id),
      comment: `Server Tracker's ${id}`,
      ...(isPublic && {
        corsBehavior: {
          accessControlAllowCredentials: false,
          accessControlAllowHeaders: ["*"],
          accessControlAllowMethods: ["GET", "HEAD"],
          accessControlAllowOrigins: ["*"],
          originOverride: true,
        },
      }),
      ...(opener !== undefined && {
        customHeadersBehavior: { customHeaders: [{ header: "cross-origin-opener-policy", value: opener, override: true }] },
      }),
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        ...(!isEmbed && { frameOptions: { frameOption: HeadersFrameOption.DENY, override: true } }),
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
      },
    });
  }

  private accessControl(id: string): S3OriginAccessControl {
    return new S3OriginAccessControl(this, id, { originAccessControlName: this.globalName(id) });
  }

  /** CloudFront is everywhere, and so are its names: a stage may stand in several regions. At most 64 characters. */
  private globalName(id: string): string {
    return `server-tracker-${this.stage}-${Aws.REGION}-${id}`;
  }

  private edge(id: string, code: string): EdgeFunction {
    return new EdgeFunction(this, id, { code: FunctionCode.fromInline(code), runtime: FunctionRuntime.JS_2_0 });
  }
}

/** The page's own addresses are one file. */
const SHOW_PAGE = `function handler(event) {
  var request = event.request;
  if (${PAGES}.test(request.uri)) request.uri = "/index.html";
  return request;
}`;

/** A folder of a status page is its document; without the slash, it is sent to the one with it. */
const SHOW_STATUS = `function handler(event) {
  var request = event.request;
  if (${STATUS_FOLDER}.test(request.uri)) request.uri += "index.html";
  else if (${STATUS_FOLDER_BARE}.test(request.uri))
    return { statusCode: 301, statusDescription: "Moved Permanently", headers: { location: { value: request.uri + "/" } } };
  return request;
}`;

/** The API does not know that it stands below `/api`. */
const STRIP_API = `function handler(event) {
  var request = event.request;
  if (!${PINGS_BELOW_API}.test(request.uri)) request.uri = request.uri.slice("/api".length);
  return request;
}`;

function acknowledge(bucket: Bucket, distribution: Distribution): void {
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions::AwsSolutions-S1",
    reason: "The files are public by CloudFront; who reads them is of no interest.",
  });
  Validations.of(distribution).acknowledge(
    { id: "AwsSolutions::AwsSolutions-CFR1", reason: "The owner is the one who knows from where the page is opened." },
    { id: "AwsSolutions::AwsSolutions-CFR2", reason: "A web ACL costs more a month than the deployment; the API throttles." },
    { id: "AwsSolutions::AwsSolutions-CFR3", reason: "API Gateway logs every call; files without secrets need no log." },
    {
      id: "Annotation::@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk",
      reason: "The list is of the bucket that only `/status/*` asks: the bucket's root, where S3 would list it, is no address.",
    },
    {
      id: "AwsSolutions::AwsSolutions-CFR4",
      reason: "CloudFront's own name and certificate set its protocol; an own domain (pageDomainName) has TLS 1.2 at least.",
    },
  );
}

/** CDK's own function that unpacks the files, one for the stack: its role, runtime and queue are not ours to shape. */
function acknowledgeUploader(bucket: Bucket): void {
  const stack = Stack.of(bucket);
  const { account, region, node } = stack;
  const qualifier = stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnBucket); // what a Bucket is made of
  const uploader = node.children.find(({ node: child }) => child.id.startsWith("Custom::CDKBucketDeployment"));
  if (uploader === undefined) return;
  const actions = ["s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:Abort*", "s3:DeleteObject*"].map((action) => `Action::${action}`);
  const assets = `Resource::arn:<AWS::Partition>:s3:::cdk-${qualifier}-assets-${Token.isUnresolved(account) ? "<AWS::AccountId>" : account}-${Token.isUnresolved(region) ? "<AWS::Region>" : region}/*`;
  const wide = [...actions, assets, `Resource::<${bucketId}.Arn>/*`, "Resource::*"];
  const reason = "Made by CDK's BucketDeployment: it runs at a deploy, and reaches the assets and the page's bucket alone.";
  Validations.of(uploader).acknowledge(
    ...wide.map((what) => ({ id: `AwsSolutions::AwsSolutions-IAM5[${what}]`, reason })),
    {
      id: "AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
      reason,
    },
    { id: "AwsSolutions::AwsSolutions-L1", reason },
    { id: "Serverless::Serverless-LambdaDLQ", reason },
    { id: "Serverless::Serverless-LambdaLatestVersion", reason },
    { id: "Serverless::Serverless-LambdaTracing", reason },
  );
}
