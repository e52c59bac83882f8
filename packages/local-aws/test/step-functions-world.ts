/** A local AWS with the local Step Functions and fakes of the services that its tasks call, in virtual time. */
import { virtualClock, type Clock } from "../src/clock.ts";
import {
  PERSON,
  openLocalAws,
  type AwsCall,
  type LocalAws,
  type RuntimeEvent,
  type Shape,
} from "../src/local-aws.ts";
import { createStepFunctions } from "../src/step-functions/create-step-functions.ts";

export interface World {
  readonly clock: Clock;
  readonly localAws: LocalAws;
  readonly runtimeEvents: RuntimeEvent[];
  /** Every call that a task has made. */
  readonly calls: AwsCall[];
  fake(service: string, operation: string, answer: (input: Shape) => Promise<Shape> | Shape): void;
  states(operation: string, input: Shape): Promise<Shape>;
  create(definition: unknown, name?: string): Promise<string>;
  /** Starts an execution of a new machine; the reply is its ARN. */
  start(definition: unknown, input?: unknown): Promise<string>;
  /** Moves time until the execution has ended. */
  end(executionArn: string): Promise<Shape>;
  run(definition: unknown, input?: unknown): Promise<Shape>;
  events(executionArn: string): Promise<Shape[]>;
}

export const ROLE = "arn:aws:iam::000000000000:role/workflow";

/** A JSONata machine whose first state is the first one given. */
export const machineOf = (states: Record<string, Shape>): Shape => ({
  QueryLanguage: "JSONata",
  StartAt: Object.keys(states)[0],
  States: states,
});

export function openWorld({ region = "us-east-1", quotas = true } = {}): World {
  const clock = virtualClock();
  const account = "000000000000";
  const localAws = openLocalAws({ clock, authorizer: { check() {} }, region, account, quotas });
  const { service } = createStepFunctions(localAws);
  const runtimeEvents: RuntimeEvent[] = [];
  const calls: AwsCall[] = [];
  const fakes = new Map<string, Record<string, (input: Shape) => Promise<Shape> | Shape>>();
  let machines = 0;
  localAws.register(service);
  localAws.observe((event) => runtimeEvents.push(event));

  const states = (operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service: "states", operation, input, caller: PERSON });

  async function create(definition: unknown, name = `machine-${(machines += 1)}`): Promise<string> {
    const input = { name, roleArn: ROLE, definition: JSON.stringify(definition) };
    return String((await states("CreateStateMachine", input))["stateMachineArn"]);
  }

  async function start(definition: unknown, input: unknown = {}): Promise<string> {
    const stateMachineArn = await create(definition);
    const reply = await states("StartExecution", { stateMachineArn, input: JSON.stringify(input) });
    return String(reply["executionArn"]);
  }

  async function end(executionArn: string): Promise<Shape> {
    // Asking through local AWS would spend the quota of DescribeExecution.
    const name = executionArn.split(":").at(-1);
    const isEnd = (each: RuntimeEvent): boolean => each.kind === "execution-ended" && each.execution === name;
    await clock.until(() => runtimeEvents.some(isEnd));
    return states("DescribeExecution", { executionArn });
  }

  function fake(name: string, operation: string, answer: (input: Shape) => Promise<Shape> | Shape): void {
    const answers = { ...fakes.get(name), [operation]: answer };
    fakes.set(name, answers);
    const operations = Object.entries(answers).map(([key, run]) => {
      const recorded = (input: Shape, call: AwsCall): Promise<Shape> | Shape => {
        calls.push(call);
        return run(input);
      };
      return [key, { permissions: () => [], run: recorded }] as const;
    });
    localAws.register({ name, operations: Object.fromEntries(operations) });
  }

  return {
    clock,
    localAws,
    runtimeEvents,
    calls,
    fake,
    states,
    create,
    start,
    end,
    run: async (definition, input) => end(await start(definition, input)),
    events: async (executionArn) => {
      const { events } = await states("GetExecutionHistory", { executionArn, maxResults: 1000 });
      return events as Shape[];
    },
  };
}
