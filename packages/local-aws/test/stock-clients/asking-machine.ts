/** Step Functions on a free port, and a state machine whose executions wait for their task token. */
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Shape } from "../../src/local-aws.ts";
import { createStepFunctions } from "../../src/step-functions/create-step-functions.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

export const roleArn = "arn:aws:iam::000000000000:role/workflow";

export const machineOf = (States: Record<string, object>): string =>
  JSON.stringify({ QueryLanguage: "JSONata", StartAt: Object.keys(States)[0], States });

export const ask = {
  Type: "Task",
  Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  Arguments: {
    QueueUrl: "http://127.0.0.1:4566/000000000000/orders",
    MessageBody: "{% $states.context.Task.Token %}",
  },
  HeartbeatSeconds: 60,
  End: true,
};

export interface Asking {
  readonly aws: StockAws<ReturnType<typeof createStepFunctions>>;
  readonly sfn: SFNClient;
  /** A client that does not put `sync-` before the address. */
  readonly direct: SFNClient;
  /** Task tokens that nobody has answered yet. */
  readonly tokens: string[];
  create(definition?: string, name?: string): Promise<string>;
  /** Starts an execution and takes its token. */
  start(stateMachineArn: string, name?: string): Promise<{ executionArn: string; taskToken: string }>;
  describe(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  close(): Promise<void>;
}

export async function openAsking(options = {}): Promise<Asking> {
  const tokens: string[] = [];
  const aws = await openStockAws(createStepFunctions, options);
  const run = (input: Shape) => (tokens.push(input["MessageBody"] as string), { MessageId: "1" });
  aws.localAws.register({ name: "sqs", operations: { SendMessage: { permissions: () => [], run } } });
  // Status changes of executions go to EventBridge.
  const none = { permissions: () => [], run: () => ({}) };
  aws.localAws.register({ name: "events", operations: { PutServiceEvent: none } });
  const sfn = new SFNClient(aws.settings);
  const direct = new SFNClient({ ...aws.settings, disableHostPrefix: true });
  return {
    aws,
    sfn,
    direct,
    tokens,
    async create(definition = machineOf({ Ask: ask }), name = "order") {
      const made = await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition }));
      return made.stateMachineArn ?? "";
    },
    async start(stateMachineArn, name = "order-1") {
      const input = '{"payer":"bob"}';
      const started = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
      await aws.clock.until(() => tokens.length > 0);
      return { executionArn: started.executionArn ?? "", taskToken: tokens.shift() ?? "" };
    },
    describe: (executionArn) => sfn.send(new DescribeExecutionCommand({ executionArn })),
    async close() {
      for (const client of [sfn, direct]) client.destroy();
      await aws.close();
    },
  };
}
