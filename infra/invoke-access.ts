/** Acknowledges that a role that may invoke a function may invoke its versions too: CDK's grant names both. */
import { Stack, type CfnElement } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { acknowledge } from "./acknowledge.ts";

export function acknowledgeVersions(role: IRole, invoked: Function): void {
  const resource = invoked.node.defaultChild as CfnElement; // an L2 function's default child is its L1
  const logicalId: string = Stack.of(invoked).resolve(resource.logicalId);
  acknowledge(
    role,
    "The wildcard stands for versions of this one function",
    `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>:*]`,
  );
}
