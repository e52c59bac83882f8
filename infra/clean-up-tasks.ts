/** The functions that the clean-up runs as tasks, and what each may do. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { clientsByLastSeen, peopleByClient } from "../handlers/store/tables.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { allowIndex, allowItems } from "./tables.ts";

/** Lists that operators put here are deletions. */
export const UPLOADS = "deletions/";

export function createListClients(
  scope: Construct,
  { bundles, settings, tables }: Foundation,
  bucket: Bucket,
): Function {
  const created = createFunction(scope, "list-clients", {
    bundles,
    environment: {
      CLIENTS_TABLE: tables.clients.tableName,
      CLEAN_UP_BUCKET: bucket.bucketName,
      STALE_DAYS: String(settings.cleanUp.staleDays),
    },
  });
  allowIndex(created, tables.clients, clientsByLastSeen);
  allowBucket(created, bucket, "operations/*", "s3:GetObject", "s3:PutObject");
  allowBucket(created, bucket, `${UPLOADS}*`, "s3:GetObject");
  return created;
}

export function createDeleteClients(
  scope: Construct,
  { bundles, settings, tables, bus }: Foundation,
): Function {
  const created = createFunction(scope, "delete-clients", {
    bundles,
    environment: {
      CLIENTS_TABLE: tables.clients.tableName,
      DEVICES_TABLE: tables.devices.tableName,
      CALLS_TABLE: tables.calls.tableName,
      OWNERS_TABLE: tables.owners.tableName,
      PEOPLE_TABLE: tables.people.tableName,
      BUS_NAME: bus.eventBusName,
      CALL_HISTORY: settings.cleanUp.callHistory,
    },
  });
  allowIndex(created, tables.people, peopleByClient);
  allowItems(created, tables.people, "UpdateItem");
  allowItems(created, tables.owners, "BatchGetItem", "UpdateItem");
  allowItems(created, tables.clients, "GetItem", "BatchGetItem", "DeleteItem");
  allowItems(created, tables.devices, "Query", "BatchGetItem", "DeleteItem");
  allowItems(created, tables.calls, "GetItem", "UpdateItem", "Query", "BatchWriteItem");
  bus.grantPutEventsTo(created);
  return created;
}

export function createReportCleanUp(
  scope: Construct,
  { bundles, tables }: Foundation,
  bucket: Bucket,
): Function {
  const created = createFunction(scope, "report-clean-up", {
    bundles,
    environment: { CALLS_TABLE: tables.calls.tableName, CLEAN_UP_BUCKET: bucket.bucketName },
  });
  // What a run that was stopped had counted.
  allowItems(created, tables.calls, "GetItem");
  allowBucket(created, bucket, "results/*", "s3:GetObject");
  allow(created, ["s3:PutObject"], bucket.arnForObjects("operations/*"));
  acknowledgeObjects(created, "operations/*");
  return created;
}

/** Without the right to list, S3 answers "forbidden" for an object that does not exist. */
export function allowBucket(grantee: Function, bucket: Bucket, objects: string, ...actions: string[]): void {
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
