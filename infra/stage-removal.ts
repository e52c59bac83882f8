/**
 * Ended means off the stage: the remover, and the queue that wakes it. `screen-hints` and `verify-legs` find out whom to
 * remove (leg-watch.ts). The due-list and the remover's lease are items of the table of calls.
 */
import type { Function } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { callsByRemoval } from "../handlers/store/tables.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { createHintQueue, grantSending, readQueue } from "./hint-queue.ts";
import type { MediaInfra } from "./media.ts";
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

  createRemover({ bundles, tables, bus }: Foundation, media: MediaInfra, doubts: Queue): Function {
    const remover = createFunction(this, "remove-participants", {
      bundles,
      // It only names the bus: moving a call to another room publishes nothing.
      environment: { BUS_NAME: bus.eventBusName },
      onFailure: this.failed,
    });
    // Also the lease, and the call whose room is replaced while it goes on.
    tables.grant(remover, "calls", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem");
    tables.grantIndex(remover, "calls", callsByRemoval);
    media.grantRemovals(remover);
    grantSending(remover, "DOUBTS_QUEUE_URL", doubts);
    grantSending(remover, "REMOVALS_QUEUE_URL", this.wakes);
    readQueue(remover, this.wakes, { batchSize: 10, maxConcurrency: REMOVERS });
    return remover;
  }
}
