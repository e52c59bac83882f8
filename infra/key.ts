/** The customer's key that a deployment names. The key's own policy says who may use it (docs/deploying.md). */
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

const ID = "key";

export const keyOf = (scope: Construct, arn: string): IKey =>
  (scope.node.tryFindChild(ID) as IKey | undefined) ?? Key.fromKeyArn(scope, ID, arn); // only made here
