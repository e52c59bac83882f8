/**
 * The same people, plans, faults and rules on the whole system: the real template and its bundles in the local runtime, with the
 * unchanged SDK, its serialization and its retries. It takes a hundred times as long as the model.
 */
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { isOfFunction } from "../../packages/local-aws/src/faults.ts";
import type { AwsCall, Shape } from "../../packages/local-aws/src/local-aws.ts";
import { randomFrom } from "../../bench/random.ts";
import { BROKEN, pause, THROTTLED } from "../scenarios/faults.ts";
import type { Phone, World } from "../world.ts";
import { functionEnvironment } from "../function-environment.ts";
import { checkersOf } from "./checkers.ts";
import type { Violation } from "./checking.ts";
import type { BusEvent } from "./events-and-queues.ts";
import type { Item } from "./expressions.ts";
import { drawFaults, type FaultLevel, type Faults, type Met } from "./faults.ts";
import { type CallOutcome, outcomesOf } from "./outcomes.ts";
import { openPeople, type PlayedStack } from "./people.ts";
import { planOf } from "./plan.ts";
import type { ModelStack, Sender } from "./stack.ts";
import { callsOf, historyRowsOf } from "./stored.ts";
import { timeline } from "./timeline.ts";

export interface SystemRunOptions {
  readonly world: World;
  readonly seed: number;
  readonly calls: number;
  readonly faults: FaultLevel;
  readonly calm?: boolean;
  /** After the last act, with everything in order again. */
  readonly healsWithinMs: number;
}

export interface SystemReport {
  readonly outcomes: readonly CallOutcome[];
  readonly violations: readonly Violation[];
  readonly met: readonly Met[];
}

export async function runOnSystem(options: SystemRunOptions): Promise<SystemReport> {
  const { world, seed, calls, calm = false } = options;
  const { clock, runtime } = world;
  let healed = true;
  const drawn = drawFaults({ seed, level: options.faults });
  const faults: Faults = { ...drawn, meets: (...asked) => !healed && drawn.meets(...asked) };
  const people = openPeople({ stack: playedStack(world, seed), seed, faults });
  const facade = { snapshot: new Map<string, Item[]>() };
  const checkers = checkersOf({
    told: timeline(clock.now()),
    awsWorks: options.faults === "none" || options.faults === "phones",
    stack: () => asStack(world, facade.snapshot),
    asked: () => people.asked,
  });
  const events: BusEvent[] = [];
  const states: { execution: string; state: string }[] = [];
  const stopObserving = runtime.localAws.observe((one) => {
    if (one.kind === "state-entered") states.push(one);
    if (one.kind === "state-entered") checkers.observer.onState(one.execution, one.state);
    if (one.kind !== "event" || one.source !== "ringmaster") return;
    const event = { source: one.source, "detail-type": one.detailType, detail: one.detail as Shape };
    events.push(event);
    checkers.observer.onEvent(event);
    people.hear(event);
  });
  const removeFaults = interfere(world, faults, randomFrom(seed ^ 0x7feb352d));
  const plan = planOf({ seed, calls, calm });
  await people.register();
  healed = false;
  people.plan(plan.acts, clock.now());
  await clock.advance(plan.endMs + 10_000);
  healed = true;
  removeFaults();
  people.goHome();
  await clock.advance(options.healsWithinMs);
  stopObserving();
  facade.snapshot = await snapshotOf(world, new Set(people.clientIds));
  const stored = asStack(world, facade.snapshot);
  const violations = await checkers.conclude(people);
  const { callIdOf } = people;
  const seen = { events, states, callIdOf, planned: calls };
  const outcomes = outcomesOf({ ...seen, calls: callsOf(stored), historyRows: historyRowsOf(stored) });
  return { outcomes, violations, met: drawn.met };
}

/** People of one run are not those of another: the world may be the same. */
function playedStack(world: World, seed: number): PlayedStack {
  const { clock, runtime } = world;
  const phones = new Map<string, Phone>();
  const suffix = Buffer.from(`-${seed}`).toString("hex");

  async function register({ sub, session }: Sender, body: Shape) {
    const { notifyType, deviceToken, deviceId } = body as Record<string, string>;
    const named = { deviceToken: `${deviceToken}${suffix}`, deviceId, notifyType, signsIn: true };
    const known = phones.get(session);
    if (known) return known.send({ action: "register", ...named });
    const phone = await world.phone(`${sub}-of-${seed}`, named as { deviceToken: string });
    phones.set(session, phone);
    return { status: 200, body: { id: phone.clientId } };
  }

  return {
    now: () => clock.now(),
    at: (atMs, task) => void clock.after(Math.max(0, atMs - clock.now()), task),
    async request(sender, body) {
      const given = body as Shape;
      if (given["action"] === "register") return register(sender, given);
      const phone = sender.operator
        ? await world.phone("olivia", "olivia-phone")
        : phones.get(sender.session);
      if (!phone) throw new Error(`${sender.session} is not registered`);
      return phone.send(given);
    },
    async join(token) {
      try {
        const participant = await runtime.ivs.join(token);
        runtime.ivs.publish(participant);
        return { leave: () => runtime.ivs.leave(participant), vanish: () => runtime.ivs.vanish(participant) };
      } catch {
        return undefined;
      }
    },
  };
}

const CALLS_OF_FUNCTIONS = [
  ["dynamodb", "GetItem"],
  ["dynamodb", "PutItem"],
  ["dynamodb", "UpdateItem"],
  ["dynamodb", "DeleteItem"],
  ["dynamodb", "Query"],
  ["dynamodb", "BatchGetItem"],
  ["dynamodb", "TransactWriteItems"],
  ["events", "PutEvents"],
  ["states", "StartExecution"],
  ["states", "SendTaskSuccess"],
  ["states", "SendTaskFailure"],
  ["sqs", "SendMessageBatch"],
  ["mobiletargeting", "SendMessages"],
  ["ivs", "GetStage"],
  ["ivs", "ListStages"],
  ["ivs", "ListParticipants"],
  ["ivs", "DisconnectParticipant"],
  ["ivs", "DeleteStage"],
] as const;

/** The faults of `model-aws.ts` on the local runtime. */
function interfere({ clock, runtime }: World, faults: Faults, random: () => number): () => void {
  const removals = CALLS_OF_FUNCTIONS.map(([service, operation]) =>
    runtime.localAws.interfere({
      service,
      operation,
      times: Number.POSITIVE_INFINITY,
      where: ({ caller }) => isOfFunction(caller),
      async fault(run, crash, call) {
        const where = `${functionOf(call)} ${operation}`;
        if (faults.meets("function dies before an AWS call", where)) return crash();
        if (faults.meets("function hangs at an AWS call", where)) return new Promise(() => undefined);
        if (faults.meets("AWS call throttled", where)) throw THROTTLED;
        if (faults.meets("AWS call fails", where)) throw BROKEN;
        if (faults.meets("AWS call slow", where)) await pause(clock, random() * 2_500);
        const reply = await run();
        // The SDK gives up after its own timeout, and asks again.
        if (faults.meets("reply lost after success", where)) return new Promise(() => undefined);
        return faults.meets("function dies after an AWS call", where) ? crash() : reply;
      },
    }),
  );
  return () => removals.forEach((remove) => remove());
}

const functionOf = ({ caller }: AwsCall): string =>
  caller.kind === "role" ? (caller.functionName ?? "a role").replace("ringmaster-", "") : caller.kind;

const TABLES = {
  [functionEnvironment.CALLS_TABLE]: "CallsTable",
  [functionEnvironment.CLIENTS_TABLE]: "ClientsTable",
  [functionEnvironment.STAGES_TABLE]: "StagesTable",
} as const;

/** Of this run's people: others may have played in the world before. */
async function snapshotOf(world: World, clientIds: ReadonlySet<unknown>): Promise<Map<string, Item[]>> {
  const isOurs = ({ callerId, clientId = callerId }: Item): boolean =>
    clientId === undefined || clientIds.has(clientId);
  const tables = Object.entries(TABLES).map(async ([name, logicalId]) => {
    const items: Item[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const page = await world.aws("dynamodb", "Scan", {
        TableName: world.runtime.physicalId(logicalId),
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      items.push(...(page["Items"] as never[]).map((item) => unmarshall(item)).filter(isOurs));
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
    return [name, items] as const;
  });
  return new Map(await Promise.all(tables));
}

/** What the checkers read once all is over. */
function asStack(world: World, snapshot: ReadonlyMap<string, Item[]>): ModelStack {
  const { clock, runtime } = world;
  const items = (table: string): Item[] => snapshot.get(table) ?? [];
  const stateMachineArn = runtime.outputs["CallWorkflowArn"] ?? "";
  const readable = {
    time: { now: () => clock.now() },
    dynamodb: {
      items,
      item: (table: string, key: Item) =>
        items(table).find((item) => Object.entries(key).every(([name, value]) => item[name] === value)),
    },
    ivs: {
      connected: (arn: string) =>
        runtime.ivs.participantsOf(arn).map((one) => ({ ...one, callId: one.participantId.slice(0, 36) })),
    },
    workflow: {
      executions: async () =>
        (await world.aws("states", "ListExecutions", { stateMachineArn, maxResults: 1000 }))["executions"],
      history: (name: string) =>
        world
          .aws("states", "GetExecutionHistory", {
            executionArn: `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`,
            maxResults: 1000,
          })
          .then(({ events }) => withoutTokens(events as Shape[])),
    },
  };
  // Checkers that conclude read nothing else.
  return readable as unknown as ModelStack;
}

/** AWS itself writes a wait's arguments, the task token among them. */
const withoutTokens = (events: readonly Shape[]): Shape[] =>
  events.filter(({ type }) => type !== "TaskScheduled");
