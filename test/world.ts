/** A whole stack in virtual time, and phones to make calls with. */
import { inject } from "vitest";
import { type Clock, virtualClock } from "../local/clock.ts";
import { type AwsCall, type Happening, PERSON, type Shape } from "../local/door.ts";
import type { Participant } from "../local/ivs-realtime/media-plane.ts";
import { createPeople, signIn, type Username } from "../local/people.ts";
import { type Runtime, startRuntime } from "../local/runtime.ts";

type Told = Happening & { readonly atMs: number };

export interface World extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Everything that happened, in order. */
  readonly happened: Told[];
  phone(owner: Username, deviceToken?: string): Promise<Phone>;
  /** Calls an AWS operation as a person with the CLI. */
  aws(service: string, operation: string, input: Shape): Promise<Shape>;
  /** The states that the call's execution entered. */
  states(callId: string): Promise<string[]>;
  /** Waits until the call's execution has ended; its status. */
  ended(callId: string): Promise<string>;
  /** The call's item as it is stored. */
  item(callId: string): Promise<Record<string, Record<string, unknown>>>;
  events(detailType: string): Record<string, unknown>[];
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A phone of a person who is signed in; `register` has been done. */
export interface Phone {
  readonly clientId: string;
  readonly accessToken: string;
  readonly deviceToken: string;
  /** What was pushed to it: the types, oldest first. */
  pushes(): string[];
  send(body: Shape): Promise<Reply>;
  /** Joins the stage with the participant token of a reply, and publishes. */
  joins(reply: Reply): Promise<Participant>;
}

export async function startWorld(options: { assembly?: string; quotas?: boolean } = {}): Promise<World> {
  const clock = virtualClock();
  const happened: Told[] = [];
  try {
    const runtime = await startRuntime({ assembly: inject("assembly"), ...options, clock });
    await createPeople(runtime);
    runtime.door.observe((happening) => void happened.push(happening));
    // The pool is filled by the first run of keep-stages.
    await clock.advance(5_000);
    return world(runtime, clock, happened);
  } catch (error) {
    clock.dispose();
    throw error;
  }
}

function world(runtime: Runtime, clock: Clock, happened: Told[]): World {
  const aws = (service: string, operation: string, input: Shape): Promise<Shape> =>
    runtime.door.call({ service, operation, input, caller: PERSON } satisfies AwsCall);
  const executionArn = (callId: string): string =>
    `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  return {
    runtime,
    clock,
    happened,
    aws,
    async states(callId) {
      const { events } = await aws("states", "GetExecutionHistory", {
        executionArn: executionArn(callId),
        maxResults: 1000,
      });
      type Entered = { stateEnteredEventDetails?: { name: string } };
      return (events as Entered[]).flatMap(
        ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
      );
    },
    async ended(callId) {
      const operation = { executionArn: executionArn(callId) };
      const status = async (): Promise<unknown> =>
        // Events take a moment: the execution may not have begun.
        (await aws("states", "DescribeExecution", operation).catch(() => ({ status: "RUNNING" })))["status"];
      await clock.until(async () => (await status()) !== "RUNNING");
      return String(await status());
    },
    async item(callId) {
      const Key = { pk: { S: callId }, sk: { S: "call" } };
      const { Item } = await aws("dynamodb", "GetItem", { TableName: runtime.physicalId("CallsTable"), Key });
      return Item as Record<string, Record<string, unknown>>;
    },
    events: (detailType) =>
      happened.flatMap((one) =>
        one.kind === "event" && one.detailType === detailType ? [one.detail as Record<string, unknown>] : [],
      ),
    phone: (owner, deviceToken = `${owner}-phone`) => phone(runtime, owner, deviceToken),
    async [Symbol.asyncDispose]() {
      runtime.stop();
      clock.dispose();
    },
  };
}

async function phone(runtime: Runtime, owner: Username, deviceToken: string): Promise<Phone> {
  const accessToken = await signIn(runtime, owner);
  const send = (body: Shape): Promise<Reply> => request(runtime, accessToken, JSON.stringify(body));
  const registered = await send({ action: "register", notifyType: "GCM", deviceToken });
  if (registered.status !== 200) throw new Error(`register: ${JSON.stringify(registered)}`);
  return {
    clientId: String(registered.body["id"]),
    accessToken,
    deviceToken,
    send,
    async joins({ body }) {
      const participant = await runtime.ivs.join(String(body["token"]));
      runtime.ivs.publish(participant);
      return participant;
    },
    pushes: () => runtime.pinpoint.inbox.read(deviceToken).map(({ data }) => data["type"] ?? "?"),
  };
}

/** Any request to the API, as a phone would send it. */
export async function request(
  runtime: Runtime,
  accessToken: string | undefined,
  body: string,
  { method = "POST", path = "/" } = {},
): Promise<Reply> {
  const reply = await runtime.http({
    method,
    path,
    query: "",
    headers: {
      "content-type": "application/json",
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    },
    ...(method !== "GET" && { body: Buffer.from(body) }),
    sourceIp: "127.0.0.1",
  });
  return { status: reply.status, body: JSON.parse(String(reply.body)) as Record<string, unknown> };
}
