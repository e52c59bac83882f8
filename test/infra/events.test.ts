/** The targets of each event, and the dead-letter queue of each target. */
import { Match, Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import {
  getAtt,
  ofType,
  permissionsOf,
  permissionsOfRole,
  templateWith,
  type TemplateJson,
} from "./synthesis.ts";

let json: TemplateJson;
let template: Template;
beforeAll(async () => {
  json = await templateWith();
  template = Template.fromJSON({ ...json });
});
/** Throws the difference if the template has no such resource. */
const resource = (type: string, properties: object) => () => template.hasResourceProperties(type, properties);

const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });

interface Target {
  readonly Arn: unknown;
  readonly DeadLetterConfig?: { readonly Arn: unknown };
}

/** Everything that sends events to functions and queues: rules and schedules. */
function targets(): Target[] {
  const ofRules = ofType(json, "AWS::Events::Rule").flatMap(
    ([, { Properties }]) => Properties["Targets"] as Target[],
  );
  const ofSchedules = ofType(json, "AWS::Scheduler::Schedule").map(
    ([, { Properties }]) => Properties["Target"] as Target,
  );
  return [...ofRules, ...ofSchedules];
}

const isFunction = ({ Arn }: Target): boolean => {
  const named = (Arn as { "Fn::GetAtt"?: [string] })["Fn::GetAtt"];
  return named !== undefined && json.Resources[named[0]]?.Type === "AWS::Lambda::Function";
};

test("every event that starts or wakes a call's workflow reaches drive-call", () => {
  expect(
    resource("AWS::Events::Rule", {
      EventBusName: { Ref: "Bus" },
      EventPattern: {
        source: ["ringmaster"],
        "detail-type": [
          "CallInitiated",
          "CallAnswered",
          "CallDeclined",
          "CallCancelled",
          "LegInvited",
          "LegJoined",
          "LegEnded",
        ],
        // One of several events of a change is enough.
        detail: { wakes: [{ exists: false }] },
      },
      Targets: [Match.objectLike({ Arn: arnOf("DriveCall") })],
    }),
  ).not.toThrow();
});

test("a list that an operator puts into the bucket starts the clean-up", () => {
  expect(
    resource("AWS::Events::Rule", {
      EventBusName: Match.absent(),
      EventPattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: [{ Ref: "CleanUpBucket" }] }, object: { key: [{ prefix: "deletions/" }] } },
      },
      Targets: [Match.objectLike({ Arn: { Ref: "CleanUpWorkflow" } })],
    }),
  ).not.toThrow();
});

test("StagePoolLow wakes the keeper of the pool", () => {
  expect(
    resource("AWS::Events::Rule", {
      EventPattern: { source: ["ringmaster"], "detail-type": ["StagePoolLow"] },
      Targets: [Match.objectLike({ Arn: arnOf("KeepStages") })],
    }),
  ).not.toThrow();
});

test("every night the clean-up starts for stale clients, in the stack's own time zone", async () => {
  const Target = Match.objectLike({
    Arn: { Ref: "CleanUpWorkflow" },
    Input: '{"stale":true,"dryRun":false}',
  });
  const nightly = { Name: "ringmaster-clean-up", ScheduleExpression: "cron(30 3 * * ? *)", Target };
  expect(resource("AWS::Scheduler::Schedule", nightly)).not.toThrow();
  const off = await templateWith({ cleanUpNightly: "false" });
  expect(
    ofType(off, "AWS::Scheduler::Schedule").map(([, { Properties }]) => Properties["Name"]),
  ).not.toContain("ringmaster-clean-up");
  const elsewhere = await templateWith({ cleanUpTimeZone: "Europe/Berlin", cleanUpDryRun: "true" });
  const [, berlin] =
    ofType(elsewhere, "AWS::Scheduler::Schedule").find(
      ([, { Properties }]) => Properties["Name"] === "ringmaster-clean-up",
    ) ?? [];
  expect(berlin?.Properties).toMatchObject({
    ScheduleExpressionTimezone: "Europe/Berlin",
    Target: { Input: '{"stale":true,"dryRun":true}' },
  });
});

test("an execution that failed, timed out or was stopped reaches close-stage", () => {
  expect(
    resource("AWS::Events::Rule", {
      EventBusName: Match.absent(),
      EventPattern: {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          status: ["FAILED", "TIMED_OUT", "ABORTED"],
          stateMachineArn: [{ Ref: "CallWorkflow" }],
        },
      },
      Targets: [Match.objectLike({ Arn: arnOf("CloseStage") })],
    }),
  ).not.toThrow();
});

test.each(["SweepCalls", "KeepStages", "RemoveParticipants"])("%s runs every minute", (name) => {
  expect(
    resource("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      Target: Match.objectLike({ Arn: arnOf(name) }),
    }),
  ).not.toThrow();
});

describe("an event about a participant or a leg", () => {
  const stageUpdate = (what: string) => ({
    EventBusName: Match.absent(),
    EventPattern: {
      source: ["aws.ivs"],
      "detail-type": ["IVS Stage Update"],
      detail: { event_name: [`Participant ${what}`] },
    },
  });

  test.each([
    ["a participant that begins to publish", stageUpdate("Published"), "ParticipantsPublished"],
    ["a participant that stops publishing", stageUpdate("Unpublished"), "ParticipantsPublished"],
    [
      "a leg that has left a call that goes on",
      {
        EventBusName: { Ref: "Bus" },
        EventPattern: {
          "detail-type": ["LegUpdated"],
          detail: { status: ["calling", "ringing", "answered"], legStatus: ["left"] },
        },
      },
      "LegsEnded",
    ],
    [
      "a leg that another phone has taken over",
      { EventBusName: { Ref: "Bus" }, EventPattern: { "detail-type": ["LegMoved"] } },
      "LegsEnded",
    ],
    [
      "an answer",
      { EventBusName: { Ref: "Bus" }, EventPattern: { "detail-type": ["CallAnswered", "LegJoined"] } },
      "CallsAnswered",
    ],
  ])("%s reaches its queue", (_what, rule, queue) => {
    expect(
      resource("AWS::Events::Rule", { ...rule, Targets: [Match.objectLike({ Arn: arnOf(queue) })] }),
    ).not.toThrow();
  });

  test.each([
    ["ParticipantsPublished", "ScreenHints", 0],
    ["ParticipantsUnpublished", "ScreenHints", 20],
    ["CallsAnswered", "ScreenHints", 30],
    ["LegsEnded", "ScreenHints", 0],
    ["Removals", "RemoveParticipants", 0],
    ["LegsInDoubt", "VerifyLegs", 0],
  ])("%s is read by %s, after %i seconds", (queue, reader, DelaySeconds) => {
    expect(json.Resources[queue]?.Properties).toMatchObject({ DelaySeconds });
    expect(
      resource("AWS::Lambda::EventSourceMapping", {
        EventSourceArn: arnOf(queue),
        FunctionName: { Ref: reader },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      }),
    ).not.toThrow();
  });

  test.each(["LegsInDoubt", "Removals"])("is read by two runs at most: %s", (queue) => {
    expect(
      resource("AWS::Lambda::EventSourceMapping", {
        EventSourceArn: arnOf(queue),
        ScalingConfig: { MaximumConcurrency: 2 },
      }),
    ).not.toThrow();
  });

  test("goes to the dead-letter queue of its reader if it cannot be handled", () => {
    const queues = ofType(json, "AWS::Lambda::EventSourceMapping").map(
      ([, { Properties }]) => getAtt(Properties["EventSourceArn"])[0],
    );
    expect(queues).toHaveLength(6);
    for (const queue of queues) {
      const redrive = json.Resources[queue]?.Properties["RedrivePolicy"] as { deadLetterTargetArn: unknown };
      expect(getAtt(redrive.deadLetterTargetArn)[0]).toMatch(/failed/);
    }
  });
});

test.each([
  ["tell-phones", "LegUpdated", "publishCallUpdate"],
  ["tell-owners", "ClientUpdated", "publishClientUpdate"],
])(
  "by %s, %s reaches phones through the GraphQL API, with a role that may only publish",
  (name, event, mutation) => {
    const [, { Properties }] =
      ofType(json, "AWS::Events::Rule").find(([, rule]) => rule.Properties["Name"] === name) ?? never();
    expect(Properties["EventPattern"]).toEqual({ source: ["ringmaster"], "detail-type": [event] });
    const [target] = Properties["Targets"] as (Target & Record<string, unknown>)[];
    expect(target).toMatchObject({
      Arn: { "Fn::GetAtt": ["GraphqlApi", "GraphQLEndpointArn"] },
      AppSyncParameters: { GraphQLOperation: expect.stringContaining(`${mutation}(input: $input)`) },
      InputTransformer: { InputPathsMap: { detail: "$.detail" }, InputTemplate: '{"input":<detail>}' },
    });
    expect(permissionsOfRole(json, getAtt(target?.["RoleArn"])[0])).toEqual([
      "appsync:GraphQL on GraphqlApi/types/Mutation/fields/publishCallUpdate",
      "appsync:GraphQL on GraphqlApi/types/Mutation/fields/publishClientUpdate",
    ]);
  },
);

function never(): never {
  throw new Error("the template has no such rule");
}

describe("an event that cannot be handled", () => {
  test("goes from its rule or schedule to a dead-letter queue", () => {
    expect(targets()).toHaveLength(18);
    for (const { DeadLetterConfig } of targets()) {
      const [queue] = getAtt(DeadLetterConfig?.Arn);
      expect(json.Resources[queue]?.Type).toBe("AWS::SQS::Queue");
    }
  });

  test("goes from its function to the same queue, to which the function may write", () => {
    const toFunctions = targets().filter(isFunction);
    expect(toFunctions).toHaveLength(8);
    for (const { Arn, DeadLetterConfig } of toFunctions) {
      const [functionId] = getAtt(Arn);
      expect(
        resource("AWS::Lambda::EventInvokeConfig", {
          FunctionName: { Ref: functionId },
          DestinationConfig: { OnFailure: { Destination: DeadLetterConfig?.Arn } },
        }),
      ).not.toThrow();
      const [queue] = getAtt(DeadLetterConfig?.Arn);
      expect(permissionsOf(json, functionId)).toContain(`sqs:SendMessage on ${queue}`);
    }
  });

  test("is put into the queue by the rule that failed", () => {
    for (const [ruleId, { Properties }] of ofType(json, "AWS::Events::Rule")) {
      const [target] = Properties["Targets"] as Target[];
      const [queue] = getAtt(target?.DeadLetterConfig?.Arn);
      expect(
        resource("AWS::SQS::QueuePolicy", {
          Queues: [{ Ref: queue }],
          PolicyDocument: {
            Statement: Match.arrayWith([
              Match.objectLike({
                Effect: "Allow",
                Action: "sqs:SendMessage",
                Principal: { Service: "events.amazonaws.com" },
                Condition: { ArnEquals: { "aws:SourceArn": arnOf(ruleId) } },
              }),
            ]),
          },
        }),
      ).not.toThrow();
    }
  });
});

test("every event goes to a log with two weeks of retention, which only this rule may write to", () => {
  const [[ruleId, { Properties }] = never()] = ofType(json, "AWS::Events::Rule").filter(
    ([, rule]) => rule.Properties["Name"] === "log-events",
  );
  expect(Properties).toMatchObject({
    EventBusName: { Ref: "Bus" },
    EventPattern: { source: ["ringmaster"] },
  });
  const [[logId] = never()] = ofType(json, "AWS::Logs::LogGroup").filter(
    ([, group]) => group.Properties["LogGroupName"] === "/aws/events/ringmaster",
  );
  expect(json.Resources[logId]?.Properties["RetentionInDays"]).toBe(14);
  const [[, policy] = never()] = ofType(json, "AWS::Logs::ResourcePolicy").filter(
    ([, one]) => one.Properties["PolicyName"] === "ringmaster-event-log",
  );
  const text = JSON.stringify(policy.Properties["PolicyDocument"]);
  expect(text).toContain("logs:PutLogEvents");
  expect(text).toContain("ArnEquals");
  const named = [...text.matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)].map(([, id]) => id);
  expect(new Set(named)).toEqual(new Set([logId, ruleId]));
});

test("the bus archives a month of events", () => {
  expect(
    resource("AWS::Events::Archive", {
      SourceArn: arnOf("Bus"),
      RetentionDays: 30,
      EventPattern: { source: ["ringmaster"] },
    }),
  ).not.toThrow();
});
