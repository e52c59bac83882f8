/**
 * What runs by itself. Every minute: the sweep, which repairs calls, the remover, in case its wake-up was lost, and what the media
 * provider runs. Every night: healing.
 */
import { Duration, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { callsBySweepTime } from "../handlers/store/tables.ts";
import { type Ending, endingSettings, grantEnding } from "./call-tasks.ts";
import { grantWaking } from "./call-workflow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import type { FunctionName } from "./function-sizes.ts";
import { acknowledgeVersions } from "./acknowledge.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters } from "./watched.ts";

export interface SchedulesProps extends Ending {
  readonly stateMachine: StateMachine;
  readonly remover: { readonly function: Function; readonly failed: Queue };
  /** Takes calls whose legs may be gone. */
  readonly doubts: Queue;
}

export class Schedules extends Construct {
  readonly deadLetters: DeadLetters[] = [];

  constructor(
    scope: Construct,
    id: string,
    { stateMachine, doubts, remover, ...foundation }: SchedulesProps,
  ) {
    super(scope, id);
    this.#addSweepCalls(foundation, stateMachine);
    this.#schedule("remove-participants", remover.function, remover.failed);
    for (const own of foundation.media.schedules) {
      const failed = this.#createDeadLetterQueue(own.name);
      this.#schedule(own.name, own.create(this, { failed, doubts }), failed);
    }
    this.#addHealState(foundation);
  }

  #addSweepCalls(foundation: Ending, stateMachine: StateMachine): void {
    const deadLetterQueue = this.#createDeadLetterQueue("sweep-calls");
    const sweepCalls = createFunction(this, "sweep-calls", {
      bundles: foundation.bundles,
      environment: endingSettings(foundation),
      onFailure: deadLetterQueue,
    });
    grantEnding(sweepCalls, foundation);
    foundation.tables.grantIndex(sweepCalls, "calls", callsBySweepTime);
    grantWaking(sweepCalls, stateMachine);
    this.#schedule("sweep-calls", sweepCalls, deadLetterQueue);
  }

  #addHealState({ bundles, tables }: Foundation): void {
    const deadLetterQueue = this.#createDeadLetterQueue("heal-state");
    const healState = createFunction(this, "heal-state", { bundles, onFailure: deadLetterQueue });
    tables.grant(healState, "clients", "GetItem", "UpdateItem", "Scan");
    tables.grant(healState, "devices", "Query", "DeleteItem", "Scan");
    tables.grant(healState, "calls", "GetItem");
    const nightly = ScheduleExpression.cron({ hour: "4", minute: "30" });
    this.#schedule("heal-state", healState, deadLetterQueue, nightly);
  }

  #createDeadLetterQueue(functionName: FunctionName): Queue {
    const queue = createDeadLetterQueue(this, functionName);
    this.deadLetters.push({ functionName, queue });
    return queue;
  }

  #schedule(
    name: FunctionName,
    target: Function,
    deadLetterQueue: Queue,
    schedule = ScheduleExpression.rate(Duration.minutes(1)),
  ): void {
    const role = new Role(this, `${name}-schedule-role`, {
      // Only schedules of this account: knowing the role's ARN must not let another account use it.
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    new Schedule(this, `${name}-schedule`, {
      scheduleName: physicalName(this, `ringmaster-${name}`),
      schedule,
      target: new LambdaInvoke(target, {
        role,
        deadLetterQueue,
        // The next run makes up for a late one.
        maxEventAge: Duration.minutes(1),
        retryAttempts: 2,
      }),
    });
    acknowledgeVersions(role, target);
  }
}
