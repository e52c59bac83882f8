/** Secrets that the account has, which settings name. */
import { Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { allow } from "./allow.ts";

/** Lets a function read it. */
export function allowNamedSecret(grantee: Function, name: string): void {
  // Secrets Manager ends every ARN with six random characters, which a name does not contain.
  const resource = `secret:${name}-??????`;
  const arn = Stack.of(grantee).formatArn({ service: "secretsmanager", resource });
  allow(grantee, ["secretsmanager:GetSecretValue"], arn);
}
