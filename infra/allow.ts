/** Grants exactly the actions named, where the grants of CDK would give more (or add a wildcard over indexes). */
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";

export function allow(grantee: IGrantable, actions: readonly string[], ...resourceArns: string[]): void {
  Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns }).assertSuccess();
}
