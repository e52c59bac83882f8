/** The functions that the call workflow runs as tasks, and what every function that ends a call needs. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { peopleByOwner } from "../handlers/store/tables.ts";
import { allow } from "./allow.ts";
import type { Foundation } from "./foundation.ts";
import { allowCredentials, directPushEnvironment } from "./direct-push.ts";
import { createFunction } from "./function.ts";
import type { MediaInfra } from "./media.ts";
import type { PinpointApplication } from "./push-channels.ts";
import { allowIndex, allowItems } from "./tables.ts";

export function createFollowCall(scope: Construct, { bundles, tables, bus }: Foundation): Function {
  const created = createFunction(scope, "follow-call", {
    bundles,
    environment: { CALLS_TABLE: tables.calls.tableName, BUS_NAME: bus.eventBusName },
  });
  allowItems(created, tables.calls, "GetItem", "UpdateItem");
  bus.grantPutEventsTo(created);
  return created;
}

export function createIssueToken(scope: Construct, { bundles, tables, bus }: Foundation): Function {
  const created = createFunction(scope, "issue-token", {
    bundles,
    environment: { CALLS_TABLE: tables.calls.tableName, BUS_NAME: bus.eventBusName },
  });
  allowItems(created, tables.calls, "GetItem", "UpdateItem");
  bus.grantPutEventsTo(created);
  return created;
}

export function createSendPush(
  scope: Construct,
  { bundles, settings, tables, bus }: Foundation,
  { pinpoint, onFailure }: { readonly pinpoint: PinpointApplication | undefined; readonly onFailure: IQueue },
): Function {
  const created = createFunction(scope, "send-push", {
    bundles,
    onFailure,
    environment: {
      CALLS_TABLE: tables.calls.tableName,
      CLIENTS_TABLE: tables.clients.tableName,
      DEVICES_TABLE: tables.devices.tableName,
      PEOPLE_TABLE: tables.people.tableName,
      BUS_NAME: bus.eventBusName,
      PUSH: settings.push,
      ...(pinpoint && { PINPOINT_APP_ID: pinpoint.applicationId }),
      ...(settings.push === "direct" && directPushEnvironment(settings.pushCredentials)),
    },
  });
  allowItems(created, tables.calls, "GetItem", "UpdateItem");
  allowItems(created, tables.clients, "GetItem", "UpdateItem");
  allowItems(created, tables.devices, "GetItem", "Query", "UpdateItem", "DeleteItem", "PutItem");
  allowIndex(created, tables.people, peopleByOwner);
  bus.grantPutEventsTo(created);
  if (pinpoint) allowSending(created, pinpoint);
  if (settings.push === "direct") allowCredentials(created, settings.pushCredentials);
  return created;
}

function allowSending(grantee: Function, { applicationId }: PinpointApplication): void {
  const messages = Stack.of(grantee).formatArn({
    service: "mobiletargeting",
    resource: "apps",
    resourceName: `${applicationId}/messages`,
  });
  allow(grantee, ["mobiletargeting:SendMessages"], messages);
}

/** What ending a call needs beside the foundation. */
export interface Ending extends Foundation {
  readonly media: MediaInfra;
  /** Takes calls that are over, for a check of who is left in their room. */
  readonly ended: IQueue;
}

export function createCloseStage(scope: Construct, foundation: Ending, onFailure: IQueue): Function {
  const created = createFunction(scope, "close-stage", {
    bundles: foundation.bundles,
    environment: cleanUpEnvironment(foundation),
    onFailure,
  });
  allowCleanUp(created, foundation);
  return created;
}

/** Ending a call frees its slots, gives the room back, writes its history and publishes the end. */
export function cleanUpEnvironment({ settings, tables, bus, media, ended }: Ending): Record<string, string> {
  return {
    CALLS_TABLE: tables.calls.tableName,
    CLIENTS_TABLE: tables.clients.tableName,
    ...media.closing.environment,
    BUS_NAME: bus.eventBusName,
    CALL_HISTORY: settings.cleanUp.callHistory,
    ENDINGS_QUEUE_URL: ended.queueUrl,
    REMOVAL_GRACE_SECONDS: String(settings.removalGraceSeconds),
  };
}

export function allowCleanUp(grantee: Function, { tables, bus, media, ended }: Ending): void {
  for (const table of [tables.calls, tables.clients]) {
    allowItems(grantee, table, "GetItem", "UpdateItem");
  }
  media.closing.allow(grantee);
  // The history of each leg, taken back from clients that are gone.
  allowItems(grantee, tables.calls, "PutItem", "DeleteItem");
  bus.grantPutEventsTo(grantee);
  allow(grantee, ["sqs:SendMessage"], ended.queueArn);
}
