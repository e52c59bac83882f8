/** What a function may do with IVS stages: they come and go, so their ARNs cannot be named. */
import { Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";

export type StageAction =
  | "CreateStage"
  | "DeleteStage"
  | "GetStage"
  | "TagResource"
  | "CreateParticipantToken"
  | "ListParticipants"
  | "DisconnectParticipant";

/** Of the whole account: the list is told apart by the tag of each stage. */
export function allowListingStages(grantee: Function): void {
  allow(grantee, ["ivs:ListStages"], stagesOf(grantee));
}

export function allowStages(grantee: Function, ...actions: StageAction[]): void {
  allow(
    grantee,
    actions.map((action) => `ivs:${action}`),
    stagesOf(grantee),
  );
  if (!grantee.role) return;
  acknowledge(
    grantee.role,
    "Stages are made at run time, and IVS chooses their ids",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ivs:<AWS::Region>:<AWS::AccountId>:stage/*]",
  );
}

const stagesOf = (grantee: Function): string =>
  Stack.of(grantee).formatArn({ service: "ivs", resource: "stage", resourceName: "*" });
