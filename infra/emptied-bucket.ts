/**
 * Empties a bucket before it goes with its stack. CDK's own function (`autoDeleteObjects`) has a managed policy, and does not wait for
 * writers of the bucket.
 */
import { CustomResource, Duration, Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { createFunction } from "./function.ts";

const EMPTIER = "empty-bucket";

/** Writers of the bucket depend on this, so that they are gone before it is emptied. */
export function emptyOnDeletion(bucket: Bucket, bundles: string): Construct {
  const stack = Stack.of(bucket);
  const emptier =
    (stack.node.tryFindChild(EMPTIER) as Function | undefined) ?? // only made here
    createFunction(stack, EMPTIER, { bundles });
  allow(emptier, ["s3:ListBucket"], bucket.bucketArn);
  allow(emptier, ["s3:DeleteObject"], bucket.arnForObjects("*"));
  const logicalId: string = stack.resolve((bucket.node.defaultChild as CfnBucket).logicalId); // an L2's default child is its L1
  if (emptier.role)
    acknowledge(
      emptier.role,
      "A bucket is emptied of whatever it holds",
      `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
    );
  return new CustomResource(bucket.node.scope ?? stack, "emptied", {
    resourceType: "Custom::EmptiedBucket",
    serviceToken: emptier.functionArn,
    serviceTimeout: Duration.minutes(6),
    properties: { BucketName: bucket.bucketName },
  });
}
