/** What is found in a definition before it runs. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { createStepFunctions } from "../src/step-functions/create-step-functions.ts";
import { validateDefinition } from "../src/step-functions/definition/validate-definition.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.clock.dispose());

const UPDATE = "arn:aws:states:::aws-sdk:dynamodb:updateItem";

const task = (fields: Shape): Shape =>
  machineOf({ T: { Type: "Task", Resource: UPDATE, Arguments: {}, End: true, ...fields } });
const output = (expression: string): Shape =>
  machineOf({ P: { Type: "Pass", Output: { v: expression }, End: true } });

test.each<[string, Shape, string]>([
  ["a variable that nothing assigns", output("{% $orderId %}"), "'$orderId' is not assigned"],
  ["$eval", output("{% $eval('1') %}"), "$eval is not available"],
  ["a space before the expression", output(" {% 1 %}"), "must start with '{%'"],
  ["an end that is missing", output("{% 1 "), "must start with '{%'"],
  ["an expression that does not parse", output("{% 1 + %}"), "INVALID_JSONATA_EXPRESSION"],
  ["a name without $states", output("{% device.type %}"), "Reference to 'device' at the top level"],
  ["$states.result in a Pass", output("{% $states.result %}"), "$states.result is not available"],
  [
    "$states.errorOutput outside of Catch",
    task({ Output: "{% $states.errorOutput %}" }),
    "$states.errorOutput is not available",
  ],
  [
    "a task token where nothing waits for it",
    task({ Arguments: { t: "{% $states.context.Task.Token %}" } }),
    "Task.Token is not available",
  ],
  [
    "an unknown field of a retrier",
    task({ Retry: [{ ErrorEquals: ["A"], Interval: 1 }] }),
    "Field 'Interval' is not supported",
  ],
  ["an unknown field of a catcher", task({ Catch: [{ ErrorEquals: ["A"], Nxt: "T" }] }), "Field 'Nxt'"],
  ["a wrong jitter", task({ Retry: [{ ErrorEquals: ["A"], JitterStrategy: "HALF" }] }), "JitterStrategy"],
  [
    "States.ALL before another retrier",
    task({ Retry: [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["A"] }] }),
    "must be the last one",
  ],
  ["States.ALL beside a name", task({ Retry: [{ ErrorEquals: ["States.ALL", "A"] }] }), "must be alone"],
  [
    "a heartbeat as long as the timeout",
    task({ HeartbeatSeconds: 5, TimeoutSeconds: 5 }),
    "HeartbeatSeconds",
  ],
  [
    "a task token on the optimized DynamoDB",
    task({ Resource: "arn:aws:states:::dynamodb:updateItem.waitForTaskToken" }),
    "cannot wait for a task token",
  ],
  ["assigning $states", task({ Assign: { states: 1 } }), "'states' is reserved"],
])("%s is found", (_, definition, finding) => {
  expect(validateDefinition(definition)).toEqual([expect.stringContaining(finding)]);
});

test("a variable counts as assigned if some way to the state assigns it, a catcher's own way included", () => {
  const definition = machineOf({
    T: {
      Type: "Task",
      Resource: UPDATE,
      Arguments: {},
      Assign: { found: "{% $states.result.Item %}" },
      Catch: [{ ErrorEquals: ["States.ALL"], Assign: { reason: "x" }, Next: "Caught" }],
      Next: "Found",
    },
    Found: { Type: "Pass", Output: "{% $found %}", End: true },
    Caught: { Type: "Pass", Output: "{% [$reason, $found] %}", End: true },
  });
  expect(validateDefinition(definition)).toEqual([
    "The variable '$found' is not assigned before it is read at /States/Caught/Output",
  ]);
});

test("what an expression binds itself, and filters in it, are no findings", () => {
  const expression =
    "{% ($n := 2; $map($states.input.legs[status = 'joined'], function($leg, $i) { $leg.id })) %}";
  expect(validateDefinition(output(expression))).toEqual([]);
  expect(validateDefinition(output("{% $states.input.legs#$at.{'id': id, 'at': $at} %}"))).toEqual([]);
});

test("a branch reads outer variables and may not assign them", () => {
  const branch = {
    StartAt: "B",
    States: { B: { Type: "Pass", Assign: { call: 1 }, Output: "{% $call %}", End: true } },
  };
  const definition = machineOf({
    Set: { Type: "Pass", Assign: { call: 2 }, Next: "Both" },
    Both: { Type: "Parallel", Branches: [branch], End: true },
  });
  expect(validateDefinition(definition)).toEqual([
    "The variable 'call' belongs to an outer scope at /States/Both/Branches[0]/States/B/Assign",
  ]);
});

test.each<[string, unknown, string]>([
  ["a Map without a processor", machineOf({ M: { Type: "Map", End: true } }), "required: [ItemProcessor]"],
  [
    "an unknown resource",
    task({ Resource: "arn:aws:states:::sns:publish" }),
    "no resource 'arn:aws:states:::sns",
  ],
  ["a JSONPath task", { ...task({}), QueryLanguage: "JSONPath" }, "runs 'JSONata' only"],
  [
    "a field of JSONPath",
    task({ ResultPath: "$.x" }),
    "the field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage",
  ],
  ["a state without a type", machineOf({ P: { End: true } }), "These fields are required: [Type]"],
  ["a Task without a resource", machineOf({ T: { Type: "Task", End: true } }), "required: [Resource]"],
  ["a Choice without rules", machineOf({ C: { Type: "Choice" } }), "required: [Choices]"],
  ["a negative wait", machineOf({ W: { Type: "Wait", Seconds: -1, End: true } }), "'Seconds' must be an"],
  ["a wait in words", machineOf({ W: { Type: "Wait", Seconds: "5", End: true } }), "'Seconds' must be an"],
  ["an error that is no text", machineOf({ F: { Type: "Fail", Error: 5 } }), "'Error' must be a string"],
  [
    "a machine's timeout that is no number",
    { ...output("x"), TimeoutSeconds: "{% 5 %}" },
    "'TimeoutSeconds' must be an integer from 1 to 99999999 at /TimeoutSeconds",
  ],
  [
    "a Catch on a Pass",
    machineOf({ P: { Type: "Pass", Catch: [], End: true } }),
    "Field 'Catch' is not supported",
  ],
  [
    "a missing target",
    machineOf({ P: { Type: "Pass", Next: "Q" } }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Q at /States/P/Next",
  ],
  [
    "a state that no way leads to",
    machineOf({ P: { Type: "Pass", End: true }, Q: { Type: "Pass", End: true } }),
    'MISSING_TRANSITION_TARGET: State "Q" is not reachable. at /States/Q',
  ],
  [
    "a name used twice",
    machineOf({ P: { Type: "Parallel", End: true, Branches: [machineOf({ P: { Type: "Succeed" } })] } }),
    "DUPLICATE_STATE_NAME: Duplicate State name: P at /States/P/Branches[0]/States/P",
  ],
  ["a missing start", { ...output("x"), StartAt: "Q" }, "Missing 'StartAt' target: Q"],
  ["a state that goes nowhere", machineOf({ P: { Type: "Pass" } }), "Exactly one of 'Next' and 'End'"],
])("%s is refused at creation, by name", async (_, definition, message) => {
  await expect(world.create(definition)).rejects.toMatchObject({
    code: "InvalidDefinition",
    message: expect.stringContaining(message),
  });
});

test("the template's resource fills its substitutions and gives ARN, name and revision", async () => {
  const { resources } = createStepFunctions(world.localAws);
  const resource = resources["AWS::StepFunctions::StateMachine"];
  const properties = {
    StateMachineName: "call",
    RoleArn: "arn:aws:iam::000000000000:role/workflow",
    DefinitionString: JSON.stringify(output("${CallsTable}")),
  };
  const request = (substitutions: Shape) => ({
    logicalId: "Call",
    properties: { ...properties, DefinitionSubstitutions: substitutions },
    physicalName: () => "unused",
    assetPath: () => "unused",
  });
  expect(() => resource?.create(request({}))).toThrow("${CallsTable}");
  const created = await resource?.create(request({ CallsTable: "orders" }));
  const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:call";
  expect(created).toEqual({
    ref: arn,
    attributes: { Arn: arn, Name: "call", StateMachineRevisionId: expect.any(String) },
  });
});
