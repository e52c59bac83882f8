/**
 * The stack of the model: the functions as they are deployed, cut off from AWS at the SDK's `send`, over services in memory. One
 * seed decides how long everything takes and what goes wrong.
 */
import { callKey } from "../../handlers/store/tables.ts";
import type { FunctionName } from "../../infra/function-sizes.ts";
import { newStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { randomFrom, bytesFrom } from "../../bench/random.ts";
import { drawFractionsFrom } from "../../packages/local-aws/src/step-functions/randomness.ts";
import { edge } from "../../handlers/edge/handler.ts";
import { openModelAws } from "./model-aws.ts";
import { type BusEvent, deliveries } from "./events-and-queues.ts";
import type { Item } from "./expressions.ts";
import type { Faults } from "./faults.ts";
import { functionRuns, type Handlers, type Outcome } from "./function-runs.ts";
import { type MemoryDynamodb, memoryDynamodb, type Written } from "./memory-dynamodb.ts";
import { type MemoryIvs, memoryIvs, type Participant } from "./memory-ivs.ts";
import { type ArrivedPush, memoryPinpoint } from "./memory-pinpoint.ts";
import { signingKeySecret } from "./signing.ts";
import { TABLES } from "./table-definitions.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";
import { type WorkflowEngine, workflowEngine } from "./workflow-engine.ts";

/** What happens in the stack, for the timeline, the people and the checkers. */
export interface StackObserver {
  onWrite?(written: Written): void;
  onEvent?(event: BusEvent): void;
  onState?(execution: string, state: string): void;
  onExecutionEnd?(execution: string, status: string): void;
  onPushSent?(push: ArrivedPush): void;
  onPush?(push: ArrivedPush): void;
  onJoin?(participant: Participant): void;
  onOutcome?(name: FunctionName, outcome: Outcome): void;
  onDeadLetter?(name: FunctionName, why: Outcome, what: unknown): void;
}

export interface StackOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly faults: Faults;
  readonly handlers: Handlers;
  readonly observer: StackObserver;
  readonly definition?: object | undefined;
}

export interface HttpReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Sender {
  readonly sub: string;
  readonly session: string;
  readonly operator?: boolean;
}

export interface ModelStack extends Disposable {
  readonly time: VirtualTime;
  readonly dynamodb: MemoryDynamodb;
  readonly ivs: MemoryIvs;
  readonly workflow: WorkflowEngine;
  /** Sends a push as Pinpoint would. */
  push(token: string, data: ArrivedPush["data"]): void;
  /** A command in the apps' envelope. 500 if the function dies, 503 if it takes too long. */
  readonly request: (sender: Sender, body: object) => Promise<HttpReply>;
}

/** Stages that the pool has when a run begins: as many as the stack is deployed with. */
const STAGES = 100;
const SCHEDULED = ["sweep-calls", "remove-participants", "keep-stages"] as const;

export function openStack({
  seed,
  startMs,
  faults,
  handlers,
  observer,
  definition,
}: StackOptions): ModelStack {
  const random = randomFrom(seed);
  const time = virtualTime(startMs);
  const runs = functionRuns({
    time,
    faults,
    random,
    handlers,
    onOutcome: (...told) => observer.onOutcome?.(...told),
  });
  const later = deliveries({
    time,
    faults,
    random,
    runs,
    onEvent: (event) => observer.onEvent?.(event),
    onDeadLetter: (...told) => observer.onDeadLetter?.(...told),
  });
  const dynamodb = memoryDynamodb({
    tables: TABLES,
    follow: (refresh) =>
      void time.at(
        time.now() + (faults.meets("index lags") ? 2_000 + random() * 20_000 : 5 + random() * 40),
        refresh,
      ),
    onWrite: (written) => observer.onWrite?.(written),
  });
  const ivs = memoryIvs({
    time,
    stackName: String(process.env["STACK_NAME"]),
    tell: ({ name, participantId, atMs }) => reportMedia({ name, participantId, atMs }),
    onJoin: (participant) => observer.onJoin?.(participant),
  });
  const pinpoint = memoryPinpoint({
    time,
    faults,
    random,
    onSent: (push) => observer.onPushSent?.(push),
    deliver: (push) => observer.onPush?.(push),
  });
  const workflow = workflowEngine({
    time,
    faults,
    random,
    runs,
    dynamodb: (operation, input) => dynamodb.run(operation, input),
    machineArn: String(process.env["CALL_WORKFLOW_ARN"]),
    callsTable: String(process.env["CALLS_TABLE"]),
    onState: (...told) => observer.onState?.(...told),
    onEnd: (...told) => observer.onExecutionEnd?.(...told),
    onStatusChange: (event) => cleanUpAfterFailure(event as BusEvent),
    definition,
  });
  const aws = openModelAws({
    time,
    faults,
    random,
    runs,
    services: {
      dynamodb: (operation, input) => dynamodb.run(operation, input),
      events: (_operation, input) => later.putEvents(input),
      sqs: (_operation, input) => later.sendMessageBatch(input),
      states: workflow.run,
      pinpoint: (operation, input) => pinpoint.run(operation, input),
      ivs: (operation, input) => ivs.run(operation, input),
      secrets: () => ({ SecretString: signingKeySecret }),
    },
  });
  const restoreEdge = replaceEdge(time, random);
  const fractions = drawFractionsFrom(random);

  function reportMedia(told: { name: string; participantId: string; atMs: number }): void {
    if (faults.meets("media event lost")) return;
    const times = faults.meets("media event delivered twice") ? 2 : 1;
    const moment = new Date(told.atMs).toISOString();
    for (let copy = 0; copy < times; copy += 1) {
      const lateMs = faults.meets("media event late") ? random() * 180_000 : 200 + random() * 2_000;
      const detail = { event_name: told.name, participant_id: told.participantId, event_time: moment };
      time.at(time.now() + lateMs, () =>
        later.send("published", { source: "aws.ivs", "detail-type": "IVS Stage Update", detail }),
      );
    }
  }

  function cleanUpAfterFailure(event: BusEvent): void {
    const failed = ["FAILED", "TIMED_OUT", "ABORTED"].includes(String(event.detail["status"]));
    if (failed) time.at(time.now() + 50, () => later.invokeLater("close-stage", event));
  }

  fillPool(ivs, dynamodb, startMs);
  for (const name of SCHEDULED) later.schedule(name);
  let requests = 0;
  return {
    time,
    dynamodb,
    ivs,
    workflow,
    push: (token, data) => observer.onPushSent?.({ token, data, sentAtMs: time.now() }),
    async request(sender, body) {
      const outcome = await runs.invoke("rest-entrypoint", httpEvent(sender, body, `request-${requests++}`));
      if (outcome.kind === "failed")
        return { status: outcome.errorType === "Sandbox.Timedout" ? 503 : 500, body: {} };
      const { statusCode, body: text } = outcome.reply as { statusCode: number; body: string };
      return { status: statusCode, body: JSON.parse(text) as HttpReply["body"] };
    },
    [Symbol.dispose]() {
      restoreEdge();
      fractions[Symbol.dispose]();
      aws[Symbol.dispose]();
      time[Symbol.dispose]();
    },
  };
}

const httpEvent = ({ sub, session, operator = false }: Sender, body: object, requestId: string) => ({
  routeKey: "POST /",
  body: JSON.stringify(body),
  headers: {},
  requestContext: {
    requestId,
    authorizer: {
      jwt: {
        claims: {
          sub,
          username: `name-of-${sub}`,
          token_use: "access",
          origin_jti: session,
          ...(operator && { "cognito:groups": "[operators]" }),
        },
      },
    },
  },
});

/** The functions' own edge: they hold the object, and read the time of the process, which is replaced as well. */
function replaceEdge({ sleep }: VirtualTime, random: () => number): () => void {
  const { random: ownRandom, pause } = edge;
  Object.assign(edge, { random: bytesFrom(random), pause: sleep });
  return () => void Object.assign(edge, { random: ownRandom, pause });
}

function fillPool(ivs: MemoryIvs, dynamodb: MemoryDynamodb, nowMs: number): void {
  for (let made = 0; made < STAGES; made += 1) {
    const { stage } = ivs.run("CreateStage", {}) as {
      stage: { arn: string; endpoints: { events: string; whip: string } };
    };
    const { arn, endpoints } = stage;
    const record = newStage({ arn, endpoints, stageId: arn.slice(arn.lastIndexOf("/") + 1) }, nowMs);
    const Item = { ...record, pool: "free", due: "free" };
    dynamodb.run("Put", { TableName: process.env["STAGES_TABLE"], Item });
  }
}

export const callItem = (dynamodb: MemoryDynamodb, callId: string): Item | undefined =>
  dynamodb.item(String(process.env["CALLS_TABLE"]), callKey(callId));
