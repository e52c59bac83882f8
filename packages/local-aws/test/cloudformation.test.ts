import { afterEach, beforeEach, expect, test } from "vitest";
import type { Template } from "../src/cloudformation/assembly.ts";
import { createCustomResources } from "../src/cloudformation/custom-resource.ts";
import { createStacks } from "../src/cloudformation/stacks.ts";
import { virtualClock, type Clock } from "../src/clock.ts";
import { openLocalAws, PERSON, type LocalAws, type Shape } from "../src/local-aws.ts";
import type { ResourceTypes } from "../src/resource.ts";

let clock: Clock;
let localAws: LocalAws;
let made: { id: string; properties: Shape }[];

beforeEach(() => {
  clock = virtualClock();
  made = [];
  const authorizer = { check() {} };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
});

afterEach(() => clock.dispose());

const types: ResourceTypes = {
  "Test::Thing": {
    honoured: ["Name", "Value"],
    ignored: ["Tags"],
    create({ logicalId: id, properties }) {
      made.push({ id, properties });
      return { ref: `ref-of-${id}`, attributes: { Arn: `arn:${id}` } };
    },
  },
};

async function deployTemplate(template: Template) {
  const customResources = createCustomResources(localAws);
  localAws.register(customResources.service);
  const assembly = { stackName: "Orders", template, assetPath: (key: string) => key };
  const stacks = createStacks({ localAws, assembly, types, customResources });
  await stacks.start();
  return stacks.first;
}

const thing = (Value?: unknown, more: object = {}) => ({
  Type: "Test::Thing",
  Properties: Value === undefined ? {} : { Value },
  ...more,
});

async function valueOf(Value: unknown, template: Partial<Template> = {}): Promise<unknown> {
  await deployTemplate({ ...template, Resources: { A: thing(), B: thing(Value) } });
  return made.find(({ id }) => id === "B")?.properties["Value"];
}

test.each([
  [{ Ref: "A" }, "ref-of-A"],
  [{ "Fn::GetAtt": ["A", "Arn"] }, "arn:A"],
  [
    { "Fn::Join": [":", ["a", { Ref: "AWS::Region" }, { Ref: "AWS::AccountId" }]] },
    "a:us-east-1:000000000000",
  ],
  [{ "Fn::Sub": "${A}/${A.Arn}/${!Kept}/${AWS::Partition}" }, "ref-of-A/arn:A/${Kept}/aws"],
  [{ "Fn::Sub": ["${Mine}-${A}", { Mine: { Ref: "AWS::StackName" } }] }, "Orders-ref-of-A"],
  [{ "Fn::Select": [1, { "Fn::Split": ["-", { Ref: "A" }] }] }, "of"],
  [["x", { Ref: "AWS::NoValue" }], ["x"]],
  [{ Condition: { StringEquals: { a: "b" } } }, { Condition: { StringEquals: { a: "b" } } }],
])("the value %j becomes %j", async (value, expected) => {
  expect(await valueOf(value)).toEqual(expected);
});

test("conditions choose values and leave out resources", async () => {
  const Conditions = {
    here: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] },
    elsewhere: { "Fn::Not": [{ Condition: "here" }] },
  };
  expect(await valueOf({ "Fn::If": ["elsewhere", { Ref: "Nowhere" }, "near"] }, { Conditions })).toBe("near");
  made = [];
  const Resources = {
    A: thing(undefined, { Condition: "elsewhere" }),
    B: thing(undefined, { Condition: "here" }),
  };
  await deployTemplate({ Conditions, Resources });
  expect(made.map(({ id }) => id)).toEqual(["B"]);
});

test("resources are created after what they refer to or depend on", async () => {
  await deployTemplate({
    Resources: {
      A: thing({ deep: [{ "Fn::Sub": "${B.Arn}" }] }),
      B: thing(undefined, { DependsOn: ["C"] }),
      C: thing(),
    },
  });
  expect(made.map(({ id }) => id)).toEqual(["C", "B", "A"]);
});

test("a circle of references is an error that shows it", async () => {
  const circle = deployTemplate({ Resources: { A: thing({ Ref: "B" }), B: thing({ Ref: "A" }) } });
  await expect(circle).rejects.toThrow("Circular dependency between resources: A → B → A");
});

test("what is not known is named: types, properties, functions, attributes", async () => {
  const failing = (resource: object) => deployTemplate({ Resources: { A: thing(), B: resource as never } });
  await expect(failing({ Type: "AWS::EC2::VPC" })).rejects.toThrow(
    "B (AWS::EC2::VPC): this type is not part of the local runtime",
  );
  await expect(failing({ Type: "Test::Thing", Properties: { Colour: "red", Tags: [] } })).rejects.toThrow(
    "B (Test::Thing): property Colour is not part",
  );
  await expect(failing(thing({ "Fn::ImportValue": "x" }))).rejects.toThrow("Fn::ImportValue is not part");
  await expect(failing(thing({ "Fn::GetAtt": ["A", "Color"] }))).rejects.toThrow("Fn::GetAtt A.Color");
  await expect(failing(thing({ Ref: "Nowhere" }))).rejects.toThrow("Ref to Nowhere");
});

const CUSTOM: Template["Resources"] = {
  Key: { Type: "Custom::SigningKey", Properties: { ServiceToken: "arn:fn", Size: 384 } },
  After: thing({ "Fn::GetAtt": ["Key", "Kid"] }),
};

/** A function that waits, then answers as its `answer` says. */
function fakeFunction(answer: Shape | undefined, reply: Shape = {}): Shape[] {
  const events: Shape[] = [];
  const run = async ({ Payload }: Shape) => {
    const event = Payload as Shape;
    events.push(event);
    await new Promise<void>((resolve) => clock.after(2000, resolve));
    const RequestId = new URL(event["ResponseURL"] as string).pathname.slice(1);
    const input = { RequestId, Answer: answer };
    if (answer) {
      await localAws.call({
        service: "cloudformation",
        operation: "AnswerCustomResource",
        input,
        caller: PERSON,
      });
    }
    return reply;
  };
  localAws.register({ name: "lambda", operations: { Invoke: { permissions: () => [], run, waits: true } } });
  return events;
}

test("a custom resource is made by its function, whose answer gives its id and attributes", async () => {
  const events = fakeFunction({ Status: "SUCCESS", PhysicalResourceId: "key-1", Data: { Kid: "kid-1" } });
  const stack = await deployTemplate({ Resources: CUSTOM, Outputs: { KeyId: { Value: { Ref: "Key" } } } });
  expect(events[0]).toMatchObject({
    RequestType: "Create",
    LogicalResourceId: "Key",
    ResourceType: "Custom::SigningKey",
    ResourceProperties: { ServiceToken: "arn:fn", Size: "384" },
  });
  expect(made[0]?.properties["Value"]).toBe("kid-1");
  expect(stack.outputs).toEqual({ KeyId: "key-1" });
});

test("a custom resource whose function fails, says FAILED or says nothing stops the deployment", async () => {
  fakeFunction({ Status: "FAILED", Reason: "no more keys" });
  await expect(deployTemplate({ Resources: CUSTOM })).rejects.toThrow(
    /^Key \(Custom::SigningKey\): Received response status \[FAILED\] from custom resource\. Message returned: no more keys \(RequestId: /,
  );
  fakeFunction(undefined, { FunctionError: "Unhandled", Payload: { errorMessage: "boom" } });
  await expect(deployTemplate({ Resources: CUSTOM })).rejects.toThrow("boom");
  fakeFunction(undefined);
  await expect(deployTemplate({ Resources: CUSTOM })).rejects.toThrow("without an answer");
});
