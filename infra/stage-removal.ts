/**
 * Ended means off the stage: the remover, and the queue that wakes it. `screen-hints` and `verify-legs` find out whom to
 * remove (leg-watch.ts). The due-list and the remover's lease are items of the table of calls.
 */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { callsByRemoval } from "../handlers/store/tables.ts";
import { allow } from "./allow.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { createHintQueue, readQueue } from "./hint-queue.ts";
import type { MediaInfra } from "./media.ts";
import { allowIndex, allowItems } from "./tables.ts";
import type { DeadLetters } from "./watched.ts";

/** The least that an event source can be limited to. One run has the lease; another finds it taken and comes back. */
const REMOVERS = 2;

export class StageRemoval extends Construct {
  /** Wakes the remover. */
  readonly wakes: Queue;
  readonly failed: Queue;
  readonly deadLetters: DeadLetters[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.failed = createDeadLetterQueue(this, "remove-participants");
    this.deadLetters = [{ functionName: "remove-participants", queue: this.failed }];
    this.wakes = createHintQueue(this, {
      name: "removals",
      logicalId: "Removals",
      reader: "remove-participants",
      failed: this.failed,
    });
  }

  createRemover({ bundles, tables, bus }: Foundation, { removals }: MediaInfra, doubts: Queue): Function {
    const remover = createFunction(this, "remove-participants", {
      bundles,
      environment: {
        CALLS_TABLE: tables.calls.tableName,
        BUS_NAME: bus.eventBusName,
        DOUBTS_QUEUE_URL: doubts.queueUrl,
        REMOVALS_QUEUE_URL: this.wakes.queueUrl,
        ...removals.environment,
      },
      onFailure: this.failed,
    });
    // Also the lease, and the call whose room is replaced while it goes on.
    allowItems(remover, tables.calls, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
    allowIndex(remover, tables.calls, callsByRemoval);
    removals.allow(remover);
    allow(remover, ["sqs:SendMessage"], doubts.queueArn);
    allow(remover, ["sqs:SendMessage"], this.wakes.queueArn);
    readQueue(remover, this.wakes, { batchSize: 10, maxConcurrency: REMOVERS });
    return remover;
  }
}
