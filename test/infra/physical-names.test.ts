/** Physical names: those of the default stack never change, and a second stack in the account and Region has others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { nameIn } from "../../infra/names.ts";
import { type Resource, templateWith, type TemplateJson } from "./synthesis.ts";

/** A new resource adds its line. A changed line would replace a resource in every deployment. */
const LIST = readFileSync(join(import.meta.dirname, "physical-names.txt"), "utf8")
  .trimEnd()
  .split("\n");
const EVERYTHING = { site: true, fcmSecret: "team/fcm", apnsSecret: "team/apns", apnsSandbox: true };

/** Types whose names are unique in an account and Region, or in CloudFront, and the property with the name. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  "AWS::ApiGatewayV2::Api": ["Name"],
  "AWS::AppSync::GraphQLApi": ["Name"],
  "AWS::CloudFront::Function": ["Name"],
  "AWS::CloudFront::OriginAccessControl": ["OriginAccessControlConfig", "Name"],
  "AWS::CloudFront::ResponseHeadersPolicy": ["ResponseHeadersPolicyConfig", "Name"],
  "AWS::CloudWatch::Alarm": ["AlarmName"],
  "AWS::CloudWatch::CompositeAlarm": ["AlarmName"],
  "AWS::CloudWatch::Dashboard": ["DashboardName"],
  "AWS::Events::EventBus": ["Name"],
  "AWS::Events::Rule": ["Name"],
  "AWS::Lambda::Function": ["FunctionName"],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::Logs::QueryDefinition": ["Name"],
  "AWS::Logs::ResourcePolicy": ["PolicyName"],
  "AWS::Pinpoint::App": ["Name"],
  "AWS::SQS::Queue": ["QueueName"],
  "AWS::Scheduler::Schedule": ["Name"],
  "AWS::StepFunctions::StateMachine": ["StateMachineName"],
};
/** AWS makes up the names of these types from the stack's name, or they have another resource's name. */
const UNNAMED =
  /^(AWS::(CDK|IAM|ApiGatewayV2::(?!Api$)|AppSync::(?!GraphQLApi$)|CloudFront::Distribution|Cognito|DynamoDB|Events::Archive|Lambda::(?!Function$)|Pinpoint::\w+Channel|S3|SQS::QueuePolicy|SecretsManager)|Custom::)/;

/** An id that AWS makes up makes a name unique. */
const HAS_ID = /"Fn::GetAtt"|"Ref":"(?!AWS::)/;

function nameOf({ Type, Properties }: Resource): string | undefined {
  const path = NAMED[Type];
  if (!path) {
    expect(Type).toMatch(UNNAMED);
    return undefined;
  }
  const name = path.reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], Properties);
  if (name === undefined || HAS_ID.test(JSON.stringify(name))) return undefined;
  return typeof name === "string" ? name : JSON.stringify(name);
}

const namesIn = ({ Resources }: TemplateJson): string[] =>
  Object.entries(Resources).flatMap(([id, resource]) => {
    const name = nameOf(resource);
    return name === undefined ? [] : [`${resource.Type} ${name} ${id}`];
  });

/** Without the logical ids, which belong to the stack. */
const claimed = (template: TemplateJson): Set<string> =>
  new Set(namesIn(template).map((line) => line.slice(0, line.lastIndexOf(" "))));

let template: TemplateJson;
beforeAll(async () => {
  template = await templateWith(EVERYTHING);
});

test("the names of the default stack are those of every release before", () => {
  expect(namesIn(template).toSorted()).toEqual(LIST);
});

test.each(["second", "ringmaster"])(
  "a stack named %s has none of the default stack's names",
  async (stackName) => {
    const other = claimed(await templateWith({ ...EVERYTHING, stackName }));
    expect(other.size).toBe(claimed(template).size);
    expect([...other].filter((name) => claimed(template).has(name))).toEqual([]);
    for (const name of other) expect(name).toContain(stackName);
  },
);

describe("the names of a stack with the longest name", () => {
  const stackName = "a".repeat(24);
  const LONGEST: Readonly<Record<string, number>> = {
    "AWS::Lambda::Function": 64,
    "AWS::Events::Rule": 64,
    "AWS::Scheduler::Schedule": 64,
    "AWS::SQS::Queue": 80,
    "AWS::StepFunctions::StateMachine": 80,
  };

  test("are not longer than AWS allows", async () => {
    const tooLong = [...claimed(await templateWith({ stackName }))].filter((line) => {
      const [type = "", name = ""] = line.split(" ");
      return name.length > (LONGEST[type] ?? 128);
    });
    expect(tooLong).toEqual([]);
  });
});

test("the metrics and tags of a stack contain its name", async () => {
  const other = await templateWith({ stackName: "second" });
  const text = JSON.stringify(other);
  expect(text).toContain('"Namespace":"second"');
  expect(text).not.toMatch(/"Namespace":"Ringmaster"|[^-]ringmaster-send-push/);
  expect(other.Resources["RestEntrypoint"]?.Properties["Environment"]).toMatchObject({
    Variables: { STACK_NAME: "second", POWERTOOLS_METRICS_NAMESPACE: "second" },
  });
  expect(nameIn("second", "call")).toBe("second-call");
});

test("no output is exported, because an export's name is unique in the Region", () => {
  for (const output of Object.values(template.Outputs)) expect(output).not.toHaveProperty("Export");
});
