/** What runs every minute: the sweep, which repairs calls, and the keeper of the stage pool. */
import { Duration, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { allow } from "./allow.ts";
import { allowCleanUp, cleanUpEnvironment } from "./call-tasks.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import type { FunctionName } from "./function-sizes.ts";
import { acknowledgeVersions } from "./invoke-access.ts";
import { allowStages } from "./stage-access.ts";
import { allowIndex, allowItems, callsBySweepTime, stagesByPool } from "./tables.ts";
import type { DeadLetters } from "./watched.ts";

export interface SchedulesProps extends Foundation {
  readonly stateMachine: StateMachine;
  /** Takes calls whose legs may be gone. */
  readonly doubts: Queue;
}

export class Schedules extends Construct {
  readonly deadLetters: DeadLetters[] = [];

  constructor(scope: Construct, id: string, { stateMachine, doubts, ...foundation }: SchedulesProps) {
    super(scope, id);
    this.#addSweepCalls(foundation, stateMachine);
    this.#addKeepStages(foundation, doubts);
  }

  #addSweepCalls(foundation: Foundation, stateMachine: StateMachine): void {
    const deadLetterQueue = this.#createDeadLetterQueue("sweep-calls");
    const sweepCalls = createFunction(this, "sweep-calls", {
      bundles: foundation.bundles,
      environment: {
        ...cleanUpEnvironment(foundation),
        CALL_WORKFLOW_ARN: stateMachine.stateMachineArn,
      },
      onFailure: deadLetterQueue,
    });
    allowCleanUp(sweepCalls, foundation);
    allowIndex(sweepCalls, foundation.tables.calls, callsBySweepTime);
    stateMachine.grantStartExecution(sweepCalls);
    this.#everyMinute("sweep-calls", sweepCalls, deadLetterQueue);
  }

  #addKeepStages({ bundles, settings, tables }: Foundation, doubts: Queue): void {
    const deadLetterQueue = this.#createDeadLetterQueue("keep-stages");
    const keepStages = createFunction(this, "keep-stages", {
      bundles,
      environment: {
        CALLS_TABLE: tables.calls.tableName,
        STAGES_TABLE: tables.stages.tableName,
        DOUBTS_QUEUE_URL: doubts.queueUrl,
        STAGE_POOL_TARGET: String(settings.stagePoolTarget),
        STAGE_POOL_SHARDS: String(settings.stagePoolShards),
        STAGE_EMPTY_PROOF: settings.stageEmptyProof,
        STACK_NAME: Stack.of(this).stackName,
      },
      onFailure: deadLetterQueue,
    });
    allowItems(keepStages, tables.stages, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
    allowIndex(keepStages, tables.stages, stagesByPool);
    allowItems(keepStages, tables.calls, "GetItem");
    allowStages(
      keepStages,
      "CreateStage",
      "DeleteStage",
      "GetStage",
      "ListParticipants",
      "DisconnectParticipant",
      "TagResource",
    );
    allow(keepStages, ["ivs:ListStages"], "*");
    allow(keepStages, ["sqs:SendMessage"], doubts.queueArn);
    this.#everyMinute("keep-stages", keepStages, deadLetterQueue);
  }

  #createDeadLetterQueue(functionName: FunctionName): Queue {
    const queue = createDeadLetterQueue(this, functionName);
    this.deadLetters.push({ functionName, queue });
    return queue;
  }

  #everyMinute(name: FunctionName, target: Function, deadLetterQueue: Queue): void {
    const role = new Role(this, `${name}-schedule-role`, {
      // Only schedules of this account: the role's ARN alone must not be enough for somebody else's.
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    new Schedule(this, `${name}-schedule`, {
      scheduleName: `ringmaster-${name}`,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(target, {
        role,
        deadLetterQueue,
        // The next run does what a late one would have done.
        maxEventAge: Duration.minutes(1),
        retryAttempts: 2,
      }),
    });
    acknowledgeVersions(role, target);
  }
}
