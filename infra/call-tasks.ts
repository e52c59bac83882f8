/** The functions that the call workflow runs as tasks, and what every function that ends a call needs. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { peopleByOwner } from "../handlers/store/tables.ts";
import { grantPublishing } from "./bus.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { grantSending } from "./hint-queue.ts";
import type { MediaInfra } from "./media.ts";
import { grantPinpoint, type PinpointApplication } from "./pinpoint.ts";
import { grantPushCredentials } from "./push-credentials.ts";

export function createFollowCall(scope: Construct, { bundles, tables, bus }: Foundation): Function {
  const created = createFunction(scope, "follow-call", { bundles });
  tables.grant(created, "calls", "GetItem", "UpdateItem");
  grantPublishing(created, bus);
  return created;
}

export function createIssueToken(scope: Construct, { bundles, tables, bus }: Foundation): Function {
  const created = createFunction(scope, "issue-token", { bundles });
  tables.grant(created, "calls", "GetItem", "UpdateItem");
  grantPublishing(created, bus);
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
    environment: { PUSH: settings.push },
  });
  tables.grant(created, "calls", "GetItem", "UpdateItem");
  tables.grant(created, "clients", "GetItem", "UpdateItem");
  tables.grant(created, "devices", "GetItem", "Query", "UpdateItem", "DeleteItem", "PutItem");
  tables.grantIndex(created, "people", peopleByOwner);
  grantPublishing(created, bus);
  if (pinpoint) grantPinpoint(created, pinpoint);
  if (settings.push === "direct") grantPushCredentials(created, settings.pushCredentials);
  return created;
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
    environment: endingSettings(foundation),
    onFailure,
  });
  grantEnding(created, foundation);
  return created;
}

export const endingSettings = ({ settings }: Foundation) => ({
  CALL_HISTORY: settings.cleanUp.callHistory,
  REMOVAL_GRACE_SECONDS: String(settings.removalGraceSeconds),
});

/** Ending a call frees its slots, gives the room back, writes its history and publishes the end. */
export function grantEnding(grantee: Function, { tables, bus, media, ended }: Ending): void {
  for (const table of ["calls", "clients"] as const) tables.grant(grantee, table, "GetItem", "UpdateItem");
  media.grantClosing(grantee);
  // The history of each leg, taken back from clients that are gone.
  tables.grant(grantee, "calls", "PutItem", "DeleteItem");
  grantPublishing(grantee, bus);
  grantSending(grantee, "ENDINGS_QUEUE_URL", ended);
}
