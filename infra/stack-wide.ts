/** Settings that concern resources of a kind wherever they are: roles, log groups, tables, queues, secrets. */
import { Aspects, type IAspect, Stack } from "aws-cdk-lib";
import { CfnGlobalTable } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { IConstruct } from "constructs";
import type { DeploymentSettings } from "./deployment-settings.ts";

export function applyStackWide(stack: Stack, settings: DeploymentSettings): void {
  const { permissionsBoundary, kmsKeyArn, logRetentionDays } = settings;
  if (permissionsBoundary) {
    const arn = arnOfPolicy(stack, permissionsBoundary);
    PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, "boundary", arn));
  }
  if (logRetentionDays !== undefined)
    Aspects.of(stack).add(each(CfnLogGroup, (log) => (log.retentionInDays = logRetentionDays)));
  if (kmsKeyArn) encrypt(stack, kmsKeyArn);
}

const arnOfPolicy = (stack: Stack, nameOrArn: string): string =>
  nameOrArn.startsWith("arn:")
    ? nameOrArn
    : stack.formatArn({ service: "iam", region: "", resource: "policy", resourceName: nameOrArn });

/** The bucket of lists (clean-up.ts) takes the key when it is made. */
function encrypt(stack: Stack, kmsKeyArn: string): void {
  const aspects = Aspects.of(stack);
  aspects.add(each(CfnLogGroup, (log) => (log.kmsKeyId = kmsKeyArn)));
  aspects.add(each(CfnSecret, (secret) => (secret.kmsKeyId = kmsKeyArn)));
  aspects.add(
    each(CfnGlobalTable, (table) => {
      table.sseSpecification = { sseEnabled: true, sseType: "KMS" };
      // CDK's own way needs to know the Region.
      table.addPropertyOverride("Replicas.0.SSESpecification", { KMSMasterKeyId: kmsKeyArn });
    }),
  );
  aspects.add(
    each(CfnQueue, (queue) => {
      queue.kmsMasterKeyId = kmsKeyArn;
      queue.sqsManagedSseEnabled = undefined;
    }),
  );
}

const each = <Resource extends IConstruct>(
  kind: abstract new (...args: never[]) => Resource,
  apply: (resource: Resource) => void,
): IAspect => ({
  visit(node) {
    if (node instanceof kind) apply(node);
  },
});
