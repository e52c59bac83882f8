/** Acknowledges a finding of cdk-nag or of the template validation on the one construct it concerns, with the reason. */
import { type CfnElement, Stack, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";

export function acknowledge(on: IConstruct, reason: string, ...findings: string[]): void {
  Validations.of(on).acknowledge(...findings.map((id) => ({ id, reason })));
}

/** A role that may invoke a function may invoke its versions too: CDK's grant names both. */
export function acknowledgeVersions(role: IRole, invoked: Function): void {
  const resource = invoked.node.defaultChild as CfnElement; // an L2 function's default child is its L1
  const logicalId: string = Stack.of(invoked).resolve(resource.logicalId);
  acknowledge(
    role,
    "The wildcard stands for versions of this one function",
    `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>:*]`,
  );
}
