import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/** Files of status pages, below `status/`; what the publisher knows of them stands beside, where CloudFront does not look. */
export class StatusFiles extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { page }: Settings) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      // All of it is written again within five minutes.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: page,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(7), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions::AwsSolutions-S1",
      reason: "What stands in it is for the public; who reads it is of no interest.",
    });
  }

  /** Lets the publisher read, write and remove files, and be told that one is not there: without the list, S3 answers 403. */
  grantPublishing(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [this.bucket.bucketArn] });
    for (const prefix of ["status", "published"]) {
      Grant.addToPrincipal({
        grantee,
        actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        resourceArns: [this.bucket.arnForObjects(`${prefix}/*`)],
      });
    }
  }
}
