/** The functions that the clean-up runs as tasks, and what each may do. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { clientsByLastSeen, peopleByClient } from "../handlers/store/tables.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { grantPublishing } from "./bus.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction, setVariable } from "./function.ts";

/** Lists that operators put here are deletions. */
export const UPLOADS = "deletions/";

export function createListClients(
  scope: Construct,
  { bundles, settings, tables }: Foundation,
  bucket: Bucket,
): Function {
  const created = createFunction(scope, "list-clients", {
    bundles,
    environment: { STALE_DAYS: String(settings.cleanUp.staleDays) },
  });
  tables.grantIndex(created, "clients", clientsByLastSeen);
  grantObjects(created, bucket, "operations/*", "s3:GetObject", "s3:PutObject");
  grantObjects(created, bucket, `${UPLOADS}*`, "s3:GetObject");
  return created;
}

export function createDeleteClients(
  scope: Construct,
  { bundles, settings, tables, bus }: Foundation,
): Function {
  const created = createFunction(scope, "delete-clients", {
    bundles,
    environment: { CALL_HISTORY: settings.cleanUp.callHistory },
  });
  tables.grantIndex(created, "people", peopleByClient);
  tables.grant(created, "people", "UpdateItem");
  tables.grant(created, "owners", "BatchGetItem", "UpdateItem");
  tables.grant(created, "clients", "GetItem", "BatchGetItem", "DeleteItem");
  tables.grant(created, "devices", "Query", "BatchGetItem", "DeleteItem");
  tables.grant(created, "calls", "GetItem", "UpdateItem", "Query", "BatchWriteItem");
  grantPublishing(created, bus);
  return created;
}

export function createReportCleanUp(
  scope: Construct,
  { bundles, tables }: Foundation,
  bucket: Bucket,
): Function {
  const created = createFunction(scope, "report-clean-up", { bundles });
  // What a run that was stopped had counted.
  tables.grant(created, "calls", "GetItem");
  grantObjects(created, bucket, "results/*", "s3:GetObject");
  allow(created, ["s3:PutObject"], bucket.arnForObjects("operations/*"));
  acknowledgeObjects(created, "operations/*");
  return created;
}

/**
 * Tells a function the bucket's name, and allows it these actions on objects. Without the right to list, S3 answers "forbidden" for
 * an object that does not exist.
 */
export function grantObjects(grantee: Function, bucket: Bucket, objects: string, ...actions: string[]): void {
  setVariable(grantee, "CLEAN_UP_BUCKET", bucket.bucketName);
  allow(grantee, actions, bucket.arnForObjects(objects));
  allow(grantee, ["s3:ListBucket"], bucket.bucketArn);
  acknowledgeObjects(grantee, objects);
}

function acknowledgeObjects({ role }: Function, objects: string): void {
  if (!role) return;
  acknowledge(
    role,
    "Each operation has objects of its own",
    `AwsSolutions-IAM5[Resource::<CleanUpBucket.Arn>/${objects}]`,
  );
}
