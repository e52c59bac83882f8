/**
 * Legs that vanish or are over. The media provider's events about participants, every answer and every end go through queues to
 * `screen-hints`; doubtful ones go on to `verify-legs`, which asks the provider. The queues delay them, to give a phone time to come
 * back, join, or leave.
 */
import { Duration } from "aws-cdk-lib";
import { type EventPattern, type IEventBus, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { CallStatus, LegStatus } from "../calls/call.ts";
import { UNPUBLISHED_GRACE_SECONDS, JOIN_SECONDS } from "../calls/limits.ts";
import { CallAnswered } from "../events/call-progress.ts";
import { LegJoined, LegMoved, LegUpdated } from "../events/legs.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { grantPublishing } from "./bus.ts";
import { createDeadLetterQueue } from "./dead-letter-queue.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { createHintQueue, grantSending, readQueue } from "./hint-queue.ts";
import type { MediaInfra } from "./media.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters } from "./watched.ts";

export interface LegWatchProps extends Foundation {
  readonly media: MediaInfra;
  /** Wakes the remover. */
  readonly wakes: Queue;
}

export class LegWatch extends Construct {
  /** Calls whose room needs a check. */
  readonly doubts: Queue;
  /** Calls that are over, and legs of calls that go on. */
  readonly ended: Queue;
  readonly deadLetters: DeadLetters[];

  constructor(scope: Construct, id: string, { wakes, media, ...foundation }: LegWatchProps) {
    super(scope, id);
    const failed = createDeadLetterQueue(this, "screen-hints");
    const unverified = createDeadLetterQueue(this, "verify-legs");
    this.deadLetters = [
      { functionName: "screen-hints", queue: failed },
      { functionName: "verify-legs", queue: unverified },
    ];
    this.doubts = createHintQueue(this, {
      name: "legs-in-doubt",
      logicalId: "LegsInDoubt",
      reader: "verify-legs",
      failed: unverified,
    });
    this.ended = createHintQueue(this, {
      name: "legs-ended",
      logicalId: "LegsEnded",
      reader: "screen-hints",
      failed,
    });
    this.#screen(foundation, media, { wakes, failed });
    this.#verify(foundation, media, wakes);
  }

  #screen(
    { bundles, settings, tables, bus }: Foundation,
    { events }: MediaInfra,
    { wakes, failed }: Readonly<Record<"wakes" | "failed", Queue>>,
  ): void {
    const hints = { reader: "screen-hints", failed } as const;
    const published = createHintQueue(this, {
      name: "participants-published",
      logicalId: "ParticipantsPublished",
      ...hints,
    });
    const unpublished = createHintQueue(this, {
      name: "participants-unpublished",
      logicalId: "ParticipantsUnpublished",
      delaySeconds: UNPUBLISHED_GRACE_SECONDS,
      ...hints,
    });
    const answered = createHintQueue(this, {
      name: "calls-answered",
      logicalId: "CallsAnswered",
      delaySeconds: JOIN_SECONDS,
      ...hints,
    });
    const screenHints = createFunction(this, "screen-hints", {
      bundles,
      environment: { REMOVAL_GRACE_SECONDS: String(settings.removalGraceSeconds) },
    });
    tables.grant(screenHints, "calls", "Query", "UpdateItem", "PutItem");
    grantSending(screenHints, "DOUBTS_QUEUE_URL", this.doubts);
    grantSending(screenHints, "BLINKS_QUEUE_URL", unpublished);
    grantSending(screenHints, "REMOVALS_QUEUE_URL", wakes);
    // Both at once: `screen-hints` passes hints that may be a blink on to the delayed queue.
    this.#route({ name: "participant-published", to: published, failed, pattern: events.published });
    this.#route({
      name: "participant-unpublished",
      to: published,
      failed,
      pattern: events.unpublished,
    });
    const pattern = { source: [EVENT_SOURCE], detailType: [CallAnswered.name, LegJoined.name] };
    this.#route({ name: "call-answered", to: answered, failed, bus, pattern });
    this.#route({ name: "leg-over", to: this.ended, failed, bus, pattern: legOver });
    this.#route({ name: "leg-moved", to: this.ended, failed, bus, pattern: legMoved });
    for (const queue of [published, unpublished, answered, this.ended]) {
      readQueue(screenHints, queue, {
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(1),
        maxConcurrency: settings.hintReaders,
      });
    }
  }

  #verify({ bundles, tables, bus }: Foundation, media: MediaInfra, wakes: Queue): void {
    const verifyLegs = createFunction(this, "verify-legs", { bundles });
    tables.grant(verifyLegs, "calls", "GetItem", "Query", "UpdateItem", "PutItem");
    grantPublishing(verifyLegs, bus);
    media.grantChecks(verifyLegs);
    grantSending(verifyLegs, "DOUBTS_QUEUE_URL", this.doubts);
    grantSending(verifyLegs, "REMOVALS_QUEUE_URL", wakes);
    readQueue(verifyLegs, this.doubts, { batchSize: 10, maxConcurrency: media.checkConcurrency });
  }

  #route({ name, bus, pattern, to, failed }: Route): void {
    new Rule(this, name, {
      ruleName: physicalName(this, `ringmaster-${name}`),
      description: "Passes on hints that a participant joined or left a call's stage",
      ...(bus && { eventBus: bus }),
      eventPattern: pattern,
      targets: [new SqsQueue(to, { deadLetterQueue: failed, maxEventAge: Duration.hours(1) })],
    });
  }
}

interface Route {
  readonly name: string;
  /** The default bus without it. */
  readonly bus?: IEventBus;
  readonly pattern: EventPattern;
  readonly to: Queue;
  readonly failed: Queue;
}

/** Every change of such a call repeats it, which makes up for a lost one. */
const legOver: Route["pattern"] = {
  source: [EVENT_SOURCE],
  detailType: [LegUpdated.name],
  detail: {
    status: ["calling", "ringing", "answered"] satisfies CallStatus[],
    legStatus: ["left"] satisfies LegStatus[],
  },
};

/** The earlier phone's place on the stage is over. If the command that moved the leg is repeated, so is this event. */
const legMoved: Route["pattern"] = { source: [EVENT_SOURCE], detailType: [LegMoved.name] };
