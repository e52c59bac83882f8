/** The parts of a deployment: tables that keep data, a workflow with a lasting identity, and settings that arrive. */
import { Match, Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { ofType, templateWith, type TemplateJson } from "./synthesis.ts";

let json: TemplateJson;
let template: Template;
beforeAll(async () => {
  json = await templateWith();
  template = Template.fromJSON({ ...json });
});
/** Throws the difference if the template has no such resource. */
const resource = (type: string, properties: object) => () => template.hasResourceProperties(type, properties);

const keys = (...names: string[]) =>
  names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" }));

function variablesOf(of: TemplateJson, functionId: string): Record<string, unknown> {
  const environment = of.Resources[functionId]?.Properties["Environment"] as
    | { Variables: Record<string, unknown> }
    | undefined;
  return environment?.Variables ?? {};
}

describe("tables", () => {
  test.each([
    ["OwnersTable", keys("owner"), undefined],
    ["ClientsTable", keys("clientId"), [["by-last-seen", keys("seenShard", "seenOnMs"), "KEYS_ONLY"]]],
    ["DevicesTable", keys("pk", "sk"), undefined],
    [
      "CallsTable",
      keys("pk", "sk"),
      [
        ["by-sweep-time", keys("openShard", "sweepAtMs"), "KEYS_ONLY"],
        ["by-removal", keys("removalQueue", "dueAtMs"), "KEYS_ONLY"],
      ],
    ],
    [
      "StagesTable",
      keys("stageId"),
      [
        ["by-pool", keys("pool", "stageId"), "ALL"],
        ["by-due", keys("due", "dueAtMs"), "KEYS_ONLY"],
      ],
    ],
  ] as const)("%s has its keys and its indexes", (id, primary, indexes) => {
    const { Properties } = json.Resources[id] ?? {};
    expect(Properties?.["KeySchema"]).toEqual(primary);
    expect(Properties?.["GlobalSecondaryIndexes"]).toEqual(
      indexes?.map(([IndexName, KeySchema, ProjectionType]) => ({
        IndexName,
        KeySchema,
        Projection: { ProjectionType },
      })),
    );
  });

  test("PeopleTable has its key and indexes on each name, on the client and on the owner", () => {
    const { Properties } = json.Resources["PeopleTable"] ?? {};
    expect(Properties?.["KeySchema"]).toEqual(keys("id"));
    const indexes = (Properties?.["GlobalSecondaryIndexes"] ?? []) as unknown[];
    const [byFirstName, byLastName, byClient, byOwner] = indexes;
    const names = { ProjectionType: "INCLUDE", NonKeyAttributes: ["firstName", "lastName"] };
    expect(byClient).toEqual({ IndexName: "by-client", KeySchema: keys("clientId"), Projection: names });
    expect(byOwner).toEqual({
      IndexName: "by-owner",
      KeySchema: keys("owner", "createdAt"),
      Projection: names,
    });
    expect([byFirstName, byLastName]).toEqual(
      [
        ["by-first-name", "firstNameKey"],
        ["by-last-name", "lastNameKey"],
      ].map(([IndexName, key = ""]) => ({
        IndexName,
        KeySchema: keys("directory", key),
        Projection: { ProjectionType: "ALL" },
      })),
    );
  });

  test("can be restored to any second, expire their items, outlive the stack, and are deleted if its creation fails", () => {
    const tables = ofType(json, "AWS::DynamoDB::GlobalTable");
    expect(tables).toHaveLength(6);
    for (const [, { Properties, DeletionPolicy, UpdateReplacePolicy }] of tables) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
      expect(Properties).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        TimeToLiveSpecification: { AttributeName: "expiresAtSeconds", Enabled: true },
        Replicas: [
          {
            DeletionProtectionEnabled: false,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      });
    }
  });

  test("are deleted with the stack if retain is false", async () => {
    const tryOut = await templateWith({ retain: "false" });
    for (const [, table] of ofType(tryOut, "AWS::DynamoDB::GlobalTable")) {
      expect(table.DeletionPolicy).toBe("Delete");
      expect(JSON.stringify(table.Properties)).toContain('"DeletionProtectionEnabled":false');
    }
  });

  test("are protected with deletionProtection, like the user pool", async () => {
    const guarded = await templateWith({ deletionProtection: "true" });
    for (const [, table] of ofType(guarded, "AWS::DynamoDB::GlobalTable"))
      expect(table.Properties).toMatchObject({ Replicas: [{ DeletionProtectionEnabled: true }] });
    expect(guarded.Resources["UserPool"]?.Properties).toMatchObject({ DeletionProtection: "ACTIVE" });
  });
});

test("no state machine outlives the stack, because its name would block the next deployment", () => {
  const machines = ofType(json, "AWS::StepFunctions::StateMachine");
  expect(machines.map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual(["Delete", "Delete"]);
});

describe("the call workflow", () => {
  test("is a standard workflow that deployments never replace", () => {
    const { Properties } = json.Resources["CallWorkflow"] ?? {};
    expect(Properties).toMatchObject({ StateMachineName: "call", StateMachineType: "STANDARD" });
  });

  test("logs every step without data, and is traced", () => {
    expect(
      resource("AWS::StepFunctions::StateMachine", {
        LoggingConfiguration: Match.objectLike({ Level: "ALL", IncludeExecutionData: false }),
        TracingConfiguration: { Enabled: true },
      }),
    ).not.toThrow();
  });

  test("has a value for every placeholder of its definition", () => {
    const { DefinitionString, DefinitionSubstitutions } = (json.Resources["CallWorkflow"]?.Properties ??
      {}) as { DefinitionString: string; DefinitionSubstitutions: Record<string, unknown> };
    const blanks = new Set([...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => String(name)));
    expect([...blanks].toSorted()).toEqual(Object.keys(DefinitionSubstitutions).toSorted());
  });
});

describe("functions", () => {
  test("all run on arm64 and Node 24, are traced, and keep their logs for a month", () => {
    const functions = ofType(json, "AWS::Lambda::Function");
    expect(functions).toHaveLength(18);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({
        Architectures: ["arm64"],
        Runtime: "nodejs24.x",
        TracingConfig: { Mode: "Active" },
        LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" },
      });
      const { LogGroup } = Properties["LoggingConfig"] as { LogGroup: { Ref: string } };
      expect(json.Resources[LogGroup.Ref]?.Properties["RetentionInDays"]).toBe(30);
    }
  });

  test("reserve no concurrency, because a small account has 10 in all", () => {
    const functions = ofType(json, "AWS::Lambda::Function");
    const reserving = functions.filter(([, { Properties }]) => "ReservedConcurrentExecutions" in Properties);
    expect(reserving.map(([id]) => id)).toEqual([]);
  });

  test("that read queues have a limit of two runs each with that setting", async () => {
    const small = await templateWith({ hintReaders: 2 });
    const readers = ofType(small, "AWS::Lambda::EventSourceMapping").map(([, { Properties }]) => Properties);
    expect(readers).toHaveLength(6);
    for (const reader of readers) expect(reader).toMatchObject({ ScalingConfig: { MaximumConcurrency: 2 } });
  });

  test("get the settings of the context", async () => {
    const chosen = await templateWith({
      ringSeconds: "30",
      maxCallSeconds: 3600,
      tokenSeconds: 90,
      minStages: "200",
      maxStages: 900,
    });
    expect(variablesOf(chosen, "RestEntrypoint")).toMatchObject({
      RING_SECONDS: "30",
      MAX_CALL_SECONDS: "3600",
      TOKEN_SECONDS: "90",
      STACK_NAME: "Ringmaster",
    });
    expect(variablesOf(chosen, "KeepStages")).toMatchObject({
      MIN_STAGES: "200",
      MAX_STAGES: "900",
    });
    expect(variablesOf(chosen, "FillStages")).toMatchObject({ MIN_STAGES: "200" });
  });

  test("know the Pinpoint application only if there is one", async () => {
    const named = await templateWith({ fcmSecret: "team/fcm" });
    expect(variablesOf(named, "SendPush")).toMatchObject({
      PUSH: "pinpoint",
      PINPOINT_APP_ID: { Ref: "PushApp" },
    });
    const without = variablesOf(await templateWith({ push: "none" }), "SendPush");
    expect(without["PUSH"]).toBe("none");
    expect(without).not.toHaveProperty("PINPOINT_APP_ID");
  });
});

test("the signing key's custom resource has no property that an update could change", () => {
  expect(json.Resources["SigningKey"]).toMatchObject({
    Type: "Custom::SigningKey",
    Properties: {
      ServiceToken: { "Fn::GetAtt": ["MakeSigningKey", "Arn"] },
      SecretArn: { Ref: "SigningKeySecret" },
    },
  });
  expect(Object.keys(json.Resources["SigningKey"]?.Properties ?? {}).toSorted()).toEqual([
    "SecretArn",
    "ServiceTimeout",
    "ServiceToken",
  ]);
});

test("the secret's value is not in the template", () => {
  expect(json.Resources["SigningKeySecret"]?.Properties).not.toHaveProperty("SecretString");
});

test("the outputs contain the addresses of the deployment", () => {
  expect(Object.keys(json.Outputs).toSorted()).toEqual([
    "AlarmName",
    "ApiUrl",
    "BusName",
    "CallWorkflowArn",
    "CleanUpBucketName",
    "CleanUpWorkflowArn",
    "EventLogGroupName",
    "GraphqlUrl",
    "MaxStages",
    "Region",
    "UserPoolClientId",
    "UserPoolId",
  ]);
  for (const { Description } of Object.values(json.Outputs)) expect(Description).toBeTruthy();
});
