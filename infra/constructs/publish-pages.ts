import { Duration, Validations } from "aws-cdk-lib";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { isEconomical, publicUrlOf } from "../settings.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Writes the files of status pages at the end of a round. */
export class PublishPages extends AppFunction<"publish-pages"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, statusFiles, pageUrl, alarms }: Parts) {
    super(scope, id, {
      name: "publish-pages",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.writer.environment,
        PUBLIC_URL: publicUrlOf(settings, pageUrl),
        STATUS_URL: pageUrl,
        PAGES_BUCKET: statusFiles?.bucket.bucketName,
      },
      description: "Writes the files of status pages",
      timeout: Duration.seconds(30),
      memoryMb: 512,
    });
    state.grant(this.lambda, {
      target: ["Query"],
      "status-page": ["Query", "UpdateItem", "DeleteItem"],
      incident: ["Query"],
      maintenance: ["Query"],
      ...(isEconomical(settings) && { "log-rest": ["GetItem"] }),
    });
    log.writer.grant(this.lambda);
    alarms.addForFunction("publish-pages", this.lambda, "ticket");
    if (statusFiles === undefined) return;
    statusFiles.grantPublishing(this.lambda);
    const bucketId = this.lambda.stack.getLogicalId(statusFiles.bucket.node.defaultChild as CfnBucket); // what a Bucket is made of
    Validations.of(this).acknowledge(
      ...["status", "published"].map((prefix) => ({
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}/*]`,
        reason: "Files of pages have names that owners choose; the bucket holds nothing else.",
      })),
    );
  }
}
