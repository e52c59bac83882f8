/** The state machine of a call, its tasks, and the rule that cleans up after an execution that failed. */
import { RemovalPolicy } from "aws-cdk-lib";
import { EventField, type IEventBus, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { CallEnded } from "../events/call-progress.ts";
import type { EndReason } from "../events/end-reason.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { callWorkflow } from "../workflows/call.ts";
import { acknowledge, acknowledgeVersions } from "./acknowledge.ts";
import {
  createCloseStage,
  createFollowCall,
  createIssueToken,
  createSendPush,
  type Ending,
} from "./call-tasks.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { setVariable } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";
import type { PinpointApplication } from "./pinpoint.ts";
import { allowItems } from "./tables.ts";
import type { DeadLetters } from "./watched.ts";

export interface CallWorkflowProps extends Ending {
  readonly pinpoint: PinpointApplication | undefined;
}

/** Tells a function which state machine runs calls, and lets it start executions and end their waits. */
export function grantWaking(grantee: Function, stateMachine: StateMachine): void {
  setVariable(grantee, "CALL_WORKFLOW_ARN", stateMachine.stateMachineArn);
  stateMachine.grant(grantee, "states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure");
}

export const workflowLogGroupOf = (scope: Construct): string =>
  `/aws/vendedlogs/states/${physicalName(scope, "ringmaster-call")}`;

interface Tasks {
  readonly SendPush: Function;
  readonly IssueToken: Function;
  readonly FollowCall: Function;
  readonly CloseStage: Function;
}

export class CallWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly deadLetters: readonly DeadLetters[];

  constructor(scope: Construct, id: string, { pinpoint, ...foundation }: CallWorkflowProps) {
    super(scope, id);
    const closeStageFailed = createDeadLetterQueue(this, "close-stage");
    const sendPushFailed = createDeadLetterQueue(this, "send-push");
    this.deadLetters = [
      { functionName: "close-stage", queue: closeStageFailed },
      { functionName: "send-push", queue: sendPushFailed },
    ];
    const tasks: Tasks = {
      SendPush: createSendPush(this, foundation, { pinpoint, onFailure: sendPushFailed }),
      IssueToken: createIssueToken(this, foundation),
      FollowCall: createFollowCall(this, foundation),
      CloseStage: createCloseStage(this, foundation, closeStageFailed),
    };
    this.stateMachine = this.#createStateMachine(foundation, tasks);
    this.#grant(foundation, tasks);
    this.#cleanUpAfterFailure(tasks.CloseStage, closeStageFailed);
    this.#silencePhones(foundation.bus, tasks.SendPush, sendPushFailed);
  }

  #createStateMachine({ tables }: Foundation, tasks: Tasks): StateMachine {
    const stateMachine = new StateMachine(this, "call", {
      stateMachineName: physicalName(this, "call"),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(callWorkflow())),
      definitionSubstitutions: {
        ...Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, task.functionArn])),
        CallsTable: tables.calls.tableName,
      },
      tracingEnabled: true,
      logs: {
        destination: this.#createLogGroup(),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
      // A deployment updates it in place, and never ends running calls. One left from a deleted stack would block the name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    fixLogicalId(stateMachine, "CallWorkflow");
    return stateMachine;
  }

  #createLogGroup(): LogGroup {
    return new LogGroup(this, "log", {
      logGroupName: workflowLogGroupOf(this),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #grant({ tables, bus }: Foundation, tasks: Tasks): void {
    for (const task of Object.values(tasks) as Function[]) {
      task.grantInvoke(this.stateMachine);
      acknowledgeVersions(this.stateMachine.role, task);
    }
    allowItems(this.stateMachine, tables.calls, "UpdateItem");
    // Executions of the earlier release publish events themselves.
    bus.grantPutEventsTo(this.stateMachine);
    acknowledge(
      this.stateMachine.role,
      "X-Ray and log delivery have no resources to name",
      "AwsSolutions-IAM5[Resource::*]",
    );
  }

  /** ASL cannot promise a last state: a stopped or broken execution ends without its own clean-up. */
  #cleanUpAfterFailure(closeStage: Function, deadLetterQueue: Queue): void {
    new Rule(this, "execution-failed", {
      ruleName: physicalName(this, "ringmaster-execution-failed"),
      description: "Cleans up after a call whose workflow failed, timed out or was stopped",
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: {
          status: ["FAILED", "TIMED_OUT", "ABORTED"],
          stateMachineArn: [this.stateMachine.stateMachineArn],
        },
      },
      targets: [new LambdaFunction(closeStage, { deadLetterQueue })],
    });
  }

  /** A failed call has no workflow that tells its phones to stop ringing, so this rule does. It repeats no push. */
  #silencePhones(bus: IEventBus, sendPush: Function, deadLetterQueue: Queue): void {
    const event = RuleTargetInput.fromObject({ callId: EventField.fromPath("$.detail.callId") });
    new Rule(this, "call-failed", {
      ruleName: physicalName(this, "ringmaster-call-failed"),
      description: "Stops the phones that still ring for a failed call",
      eventBus: bus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [CallEnded.name],
        detail: { endReason: ["failed" satisfies EndReason] },
      },
      targets: [new LambdaFunction(sendPush, { event, deadLetterQueue })],
    });
  }
}
