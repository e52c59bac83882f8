/** The permissions of each role: exactly those in the design. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  ofType,
  permissionsOf,
  permissionsOfRole,
  readable,
  templateWith,
  type TemplateJson,
} from "./synthesis.ts";

let template: TemplateJson;
beforeAll(async () => {
  template = await templateWith({ fcmSecret: "team/fcm" });
});

const on = (resource: string, service: string, ...actions: string[]) =>
  actions.map((action) => `${service}:${action} on ${resource}`);
const items = (table: string, ...actions: string[]) => on(table, "dynamodb", ...actions);
const stages = (...actions: string[]) => on("arn::ivs:::stage/*", "ivs", ...actions);
const readQueue = (queue: string) =>
  on(queue, "sqs", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes");
const publish = on("Bus", "events", "PutEvents");

const operations = (...actions: string[]) => on("CleanUpBucket/operations/*", "s3", ...actions);

const cleanUp = [
  // Writes the rows of the history, and deletes those of deleted clients.
  ...items("CallsTable", "GetItem", "UpdateItem", "PutItem", "DeleteItem"),
  ...items("ClientsTable", "GetItem", "UpdateItem"),
  ...items("StagesTable", "GetItem", "UpdateItem"),
  ...publish,
  ...on("LegsEnded", "sqs", "SendMessage"),
];

const expected: Record<string, string[]> = {
  RestEntrypoint: [
    ...items("OwnersTable", "GetItem", "UpdateItem"),
    ...items("ClientsTable", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
    ...items("DevicesTable", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
    ...items("CallsTable", "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem"),
    ...items("StagesTable", "GetItem", "UpdateItem"),
    ...items("StagesTable/index/by-pool", "Query"),
    // Reads the caller's name for pushes.
    ...items("PeopleTable/index/by-owner", "Query"),
    ...publish,
    ...on("SigningKeySecret", "secretsmanager", "GetSecretValue"),
    ...stages("CreateParticipantToken"),
    ...operations("GetObject", "PutObject"),
    ...on("CleanUpBucket", "s3", "ListBucket"),
    ...on("CleanUpWorkflow", "states", "StartExecution"),
    ...on("arn::states:::execution:clean-up:*", "states", "DescribeExecution"),
  ],
  DriveCall: [
    ...items("CallsTable", "GetItem"),
    ...on("CallWorkflow", "states", "StartExecution", "SendTaskSuccess", "SendTaskFailure"),
  ],
  FollowCall: [...items("CallsTable", "GetItem", "UpdateItem"), ...publish],
  SendPush: [
    ...items("CallsTable", "GetItem", "UpdateItem"),
    ...items("ClientsTable", "GetItem", "UpdateItem"),
    ...items("DevicesTable", "GetItem", "Query", "UpdateItem", "DeleteItem", "PutItem"),
    ...items("PeopleTable/index/by-owner", "Query"),
    ...publish,
    ...on("arn::mobiletargeting:::apps/PushApp/messages", "mobiletargeting", "SendMessages"),
  ],
  IssueToken: [...items("CallsTable", "GetItem", "UpdateItem"), ...publish],
  CloseStage: cleanUp,
  ScreenHints: [
    ...items("CallsTable", "Query", "UpdateItem", "PutItem"),
    ...["ParticipantsPublished", "ParticipantsUnpublished", "CallsAnswered", "LegsEnded"].flatMap(readQueue),
    ...["LegsInDoubt", "ParticipantsUnpublished", "Removals"].flatMap((queue) =>
      on(queue, "sqs", "SendMessage"),
    ),
  ],
  VerifyLegs: [
    ...items("CallsTable", "GetItem", "Query", "UpdateItem", "PutItem"),
    ...publish,
    ...stages("GetStage", "ListParticipants"),
    ...readQueue("LegsInDoubt"),
    ...on("LegsInDoubt", "sqs", "SendMessage"),
    ...on("Removals", "sqs", "SendMessage"),
  ],
  RemoveParticipants: [
    ...items("CallsTable", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
    ...items("CallsTable/index/by-removal", "Query"),
    ...items("StagesTable", "GetItem", "UpdateItem", "DeleteItem"),
    ...items("StagesTable/index/by-pool", "Query"),
    ...stages("DisconnectParticipant", "DeleteStage"),
    ...readQueue("Removals"),
    ...on("Removals", "sqs", "SendMessage"),
    ...on("LegsInDoubt", "sqs", "SendMessage"),
  ],
  SweepCalls: [
    ...cleanUp,
    ...items("CallsTable/index/by-sweep-time", "Query"),
    ...on("CallWorkflow", "states", "StartExecution", "SendTaskSuccess", "SendTaskFailure"),
  ],
  KeepStages: [
    ...items("StagesTable", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem"),
    ...["by-pool", "by-due"].flatMap((index) => items(`StagesTable/index/${index}`, "Query")),
    ...items("CallsTable", "GetItem"),
    ...stages("CreateStage", "DeleteStage", "GetStage", "ListParticipants", "TagResource"),
    ...stages("ListStages"),
    ...publish,
    ...on("LegsInDoubt", "sqs", "SendMessage"),
  ],
  ListClients: [
    ...items("ClientsTable/index/by-last-seen", "Query"),
    ...operations("GetObject", "PutObject"),
    ...on("CleanUpBucket/deletions/*", "s3", "GetObject"),
    ...on("CleanUpBucket", "s3", "ListBucket"),
  ],
  DeleteClients: [
    ...items("ClientsTable", "GetItem", "BatchGetItem", "DeleteItem"),
    ...items("DevicesTable", "Query", "BatchGetItem", "DeleteItem"),
    ...items("CallsTable", "GetItem", "UpdateItem", "Query", "BatchWriteItem"),
    ...items("OwnersTable", "BatchGetItem", "UpdateItem"),
    ...items("PeopleTable", "UpdateItem"),
    ...items("PeopleTable/index/by-client", "Query"),
    ...publish,
  ],
  ReportCleanUp: [
    ...items("CallsTable", "GetItem"),
    ...on("CleanUpBucket/results/*", "s3", "GetObject"),
    ...operations("PutObject"),
    ...on("CleanUpBucket", "s3", "ListBucket"),
  ],
  HealState: [
    ...items("ClientsTable", "GetItem", "UpdateItem", "Scan"),
    ...items("DevicesTable", "Query", "DeleteItem", "Scan"),
    ...items("CallsTable", "GetItem"),
  ],
  FillStages: [
    ...items("StagesTable", "PutItem"),
    ...items("StagesTable/index/by-due", "Query"),
    ...stages("CreateStage", "TagResource"),
  ],
  DeleteStages: [...items("StagesTable", "UpdateItem"), ...stages("DeleteStage", "ListStages")],
  MakeSigningKey: [
    ...on("*", "ivs", "ListPublicKeys"),
    ...on("arn::ivs:::public-key/*", "ivs", "ImportPublicKey", "DeletePublicKey"),
    ...on("SigningKeySecret", "secretsmanager", "PutSecretValue", "GetSecretValue"),
  ],
};

/** The resource of this stack whose name a variable holds. */
function namedResource(value: unknown): string[] {
  if (typeof value === "string") return [];
  const name = readable(value);
  return name in template.Resources ? [name] : [];
}

const everyFunction =
  /^(xray:Put(TraceSegments|TelemetryRecords) on \*|logs:(CreateLogStream|PutLogEvents) on )/;
const ownFailures = /^sqs:SendMessage on \w+failed\w+$/;

describe("functions", () => {
  test.each(Object.keys(expected))("%s has exactly the permissions that its work needs", (name) => {
    const work = permissionsOf(template, name).filter(
      (permission) => !everyFunction.test(permission) && !ownFailures.test(permission),
    );
    expect(work).toEqual(expected[name]?.toSorted());
  });

  test("are all in the table above", () => {
    const functions = ofType(template, "AWS::Lambda::Function").map(([id]) => id);
    expect(functions.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test("have the name of each resource that they may use in their environment, and no other", () => {
    const received = /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes) /;
    for (const [id, { Properties }] of ofType(template, "AWS::Lambda::Function")) {
      const { Variables } = Properties["Environment"] as { Variables: Record<string, unknown> };
      const told = Object.values(Variables).flatMap(namedResource);
      const usable = permissionsOf(template, id)
        .filter((one) => ![everyFunction, ownFailures, received].some((pattern) => pattern.test(one)))
        .flatMap((permission) => permission.split(/ on |[/:]/))
        .filter((part) => part in template.Resources);
      // The remover moves a call to another room without an event.
      const silent = id === "RemoveParticipants" ? ["Bus"] : [];
      expect([id, new Set(told)]).toEqual([id, new Set([...usable, ...silent])]);
    }
  });

  test("write to their own log group only", () => {
    for (const [id, { Properties }] of ofType(template, "AWS::Lambda::Function")) {
      const { LogGroup } = Properties["LoggingConfig"] as { LogGroup: { Ref: string } };
      const logs = permissionsOf(template, id).filter((permission) => permission.startsWith("logs:"));
      expect(logs).toEqual(on(LogGroup.Ref, "logs", "CreateLogStream", "PutLogEvents"));
    }
  });

  test("that push without Pinpoint read exactly the credentials that the settings name", async () => {
    const direct = await templateWith({ push: "direct", fcmSecret: "team/fcm", apnsSecret: "team/apns" });
    const work = permissionsOf(direct, "SendPush").filter(
      (permission) => !everyFunction.test(permission) && !ownFailures.test(permission),
    );
    const credentials = ["team/fcm", "team/apns"].flatMap((name) =>
      on(`arn::secretsmanager:::secret:${name}-??????`, "secretsmanager", "GetSecretValue"),
    );
    const others = expected["SendPush"]?.filter((permission) => !permission.startsWith("mobiletargeting:"));
    expect(work).toEqual([...(others ?? []), ...credentials].toSorted());
    expect(ofType(direct, "AWS::Pinpoint::App")).toEqual([]);
    const Variables = {
      PUSH: "direct",
      FCM_SECRET: "team/fcm",
      APNS_SECRET: "team/apns",
      APNS_SANDBOX: "false",
    };
    expect(direct.Resources["SendPush"]?.Properties).toMatchObject({ Environment: { Variables } });
  });

  test("empty exactly the buckets that are deleted with the stack", async () => {
    const tryOut = await templateWith({ retain: false });
    const work = permissionsOf(tryOut, "EmptyBucket").filter((permission) => !everyFunction.test(permission));
    expect(work).toEqual(
      [...on("CleanUpBucket", "s3", "ListBucket"), ...on("CleanUpBucket/*", "s3", "DeleteObject")].toSorted(),
    );
    expect(template.Resources).not.toHaveProperty("EmptyBucket");
  });

  test("send no push if push is off", async () => {
    const without = await templateWith({ push: "none" });
    expect(permissionsOf(without, "SendPush").join()).not.toContain("mobiletargeting");
    expect(ofType(without, "AWS::Pinpoint::App")).toEqual([]);
  });
});

test("the workflow runs its four tasks, writes the call and publishes", () => {
  const role = Object.keys(template.Resources).find((id) => id.startsWith("callworkflowcallRole")) ?? "none";
  const work = permissionsOfRole(template, role).filter((permission) => !/^(xray|logs):/.test(permission));
  const tasks = ["SendPush", "IssueToken", "FollowCall", "CloseStage"];
  expect(work).toEqual(
    [
      ...tasks.flatMap((task) => [task, `${task}:*`].flatMap((arn) => on(arn, "lambda", "InvokeFunction"))),
      ...items("CallsTable", "UpdateItem"),
      ...publish,
    ].toSorted(),
  );
});

describe("the GraphQL API", () => {
  const rolesOf = (service: string): string[] =>
    ofType(template, "AWS::IAM::Role").flatMap(([id, { Properties }]) =>
      JSON.stringify(Properties["AssumeRolePolicyDocument"]).includes(service) ? [id] : [],
    );

  test("reads and writes people, reads owners and calls, writes its log, and does nothing else", () => {
    const may = rolesOf("appsync.amazonaws.com").flatMap((role) => permissionsOfRole(template, role));
    const log = may.filter((permission) => permission.startsWith("logs:"));
    expect(log.map((permission) => permission.split(" ")[0])).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]);
    expect(may.filter((permission) => !log.includes(permission)).toSorted()).toEqual(
      [
        ...items("PeopleTable", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan", "BatchGetItem"),
        ...items("PeopleTable/index/by-first-name", "Query"),
        ...items("PeopleTable/index/by-last-name", "Query"),
        ...items("PeopleTable/index/by-owner", "Query"),
        ...items("OwnersTable", "GetItem", "BatchGetItem", "PutItem", "DeleteItem"),
        ...items("ClientsTable", "GetItem", "BatchGetItem"),
        ...items("CallsTable", "GetItem", "Query"),
      ].toSorted(),
    );
  });

  test("cannot read stages, or devices with their push tokens", () => {
    const may = rolesOf("appsync.amazonaws.com")
      .flatMap((role) => permissionsOfRole(template, role))
      .join();
    expect(may).toContain("PeopleTable");
    expect(may).not.toMatch(/DevicesTable|StagesTable| on \*/);
  });

  test("writes an owner's row only together with the Person, and reads it alone", () => {
    const rolesOn = (table: string) =>
      rolesOf("appsync.amazonaws.com")
        .map((role) => permissionsOfRole(template, role).filter((one) => one.endsWith(` on ${table}`)))
        .filter((permissions) => permissions.length > 0);
    expect(new Set(rolesOn("OwnersTable"))).toEqual(
      new Set([
        items("OwnersTable", "BatchGetItem", "GetItem"),
        items("OwnersTable", "DeleteItem", "PutItem"),
      ]),
    );
    expect(rolesOn("ClientsTable")).toEqual([items("ClientsTable", "BatchGetItem", "GetItem")]);
  });

  test("gives its resolvers the tables for transactions and batch reads", () => {
    expect(template.Resources["GraphqlApi"]?.Properties["EnvironmentVariables"]).toEqual({
      PEOPLE_TABLE: { Ref: "PeopleTable" },
      OWNERS_TABLE: { Ref: "OwnersTable" },
      CLIENTS_TABLE: { Ref: "ClientsTable" },
    });
  });

  test("admits people of the user pool through the app's client, services through IAM, and no API key", () => {
    expect(template.Resources["GraphqlApi"]?.Properties).toMatchObject({
      AuthenticationType: "AMAZON_COGNITO_USER_POOLS",
      UserPoolConfig: { AppIdClientRegex: { Ref: "AppClient" }, UserPoolId: { Ref: "UserPool" } },
      AdditionalAuthenticationProviders: [{ AuthenticationType: "AWS_IAM" }],
    });
    expect(ofType(template, "AWS::AppSync::ApiKey")).toEqual([]);
  });

  test("has limits and traces, and logs no names and no tokens", () => {
    expect(template.Resources["GraphqlApi"]?.Properties).toMatchObject({
      // The query for the whole schema is 15 deep.
      QueryDepthLimit: 16,
      ResolverCountLimit: 10,
      XrayEnabled: true,
      LogConfig: { FieldLogLevel: "ERROR", ExcludeVerboseContent: true },
    });
  });
});

test("the clean-up runs its three tasks, reads lists, writes results, starts and counts batches, and publishes", () => {
  const role = Object.keys(template.Resources).find((id) => id.startsWith("cleanupRole")) ?? "none";
  const work = permissionsOfRole(template, role).filter((permission) => !/^(xray|logs):/.test(permission));
  const tasks = ["ListClients", "DeleteClients", "ReportCleanUp"];
  const results = ["PutObject", "GetObject", "ListMultipartUploadParts", "AbortMultipartUpload"];
  const children = ["DescribeExecution", "StopExecution", "RedriveExecution"];
  expect(work).toEqual(
    [
      ...tasks.flatMap((task) => [task, `${task}:*`].flatMap((arn) => on(arn, "lambda", "InvokeFunction"))),
      ...operations("GetObject"),
      ...on("CleanUpBucket/deletions/*", "s3", "GetObject"),
      ...on("CleanUpBucket/results/*", "s3", ...results),
      ...on("arn::states:::stateMachine:clean-up", "states", "StartExecution"),
      ...on("arn::states:::execution:clean-up/*", "states", ...children),
      ...items("CallsTable", "UpdateItem"),
      ...publish,
    ].toSorted(),
  );
});

test("no role has a managed policy", () => {
  for (const [, { Properties }] of ofType(template, "AWS::IAM::Role")) {
    expect(Properties["ManagedPolicyArns"]).toBeUndefined();
  }
});
