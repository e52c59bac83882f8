/** A whole stack in virtual time, and phones to make calls with. */
import "./stack-sources.ts";
import { inject } from "vitest";
import { type Clock, virtualClock } from "../packages/local-aws/src/clock.ts";
import { type AwsCall, type RuntimeEvent, PERSON, type Shape } from "../packages/local-aws/src/local-aws.ts";
import type { Participant } from "../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { directPushEnvironment } from "../local/direct-push.ts";
import { createPeople, PEOPLE } from "../local/people.ts";
import type { PushMessage } from "../packages/local-aws/src/push-networks/push-networks.ts";
import { type Reply, request as send } from "../local/phones.ts";
import { expectListed } from "./listed-problems.ts";
import { type Runtime, type RuntimeOptions, startRuntime } from "../packages/local-aws/src/runtime.ts";

export type { Reply };

/** As a phone would send it. No command gives a problem that the API does not promise of it. */
export const request: typeof send = async (...sent) => {
  const reply = await send(...sent);
  expectListed(sent, reply);
  return reply;
};

type Told = RuntimeEvent & { readonly atMs: number };

export interface World extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Everything that happened, in order. */
  readonly happened: Told[];
  /** A person who does not exist yet is created. */
  phone(owner: string, options?: string | PhoneOptions): Promise<Phone>;
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

/** A phone is named by its token alone, or says more. */
export interface PhoneOptions {
  readonly deviceToken?: string;
  /** The phone names itself, at registration and in what it does in calls. */
  readonly deviceId?: string;
  readonly notifyType?: string;
  /** Adds the phone to this client. */
  readonly clientId?: string;
  /** Makes the person a further client. */
  readonly anotherClient?: boolean;
  /** The phone signs in for itself. Else all phones of a person use the tokens of one sign-in. */
  readonly signsIn?: boolean;
}

/** A phone of a person who is signed in; `register` has been done. */
export interface Phone {
  readonly owner: string;
  readonly clientId: string;
  readonly deviceId?: string;
  /** Of when it registered. What the phone sends carries one that is still good. */
  readonly accessToken: string;
  readonly deviceToken: string;
  /** What was pushed to it: the types, oldest first. */
  pushes(): string[];
  messages(): PushMessage[];
  send(body: Shape, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Joins the stage with the participant token of a reply, and publishes. */
  joins(reply: Reply): Promise<Participant>;
}

const FIRST_MORNING_MS = Date.UTC(2026, 0, 1, 9);
const DAY_MS = 24 * 3_600_000;
let worlds = 0;

export type WorldOptions = Pick<RuntimeOptions, "quotas" | "store" | "warmFunctions"> & {
  readonly assembly?: string;
  /** Goes on at this time, with the people that the store has. */
  readonly after?: Pick<Clock, "now">;
};

/** Each world of a process begins at nine o'clock of the next day: functions stay loaded, and all that they keep has run out. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { after, ...ofRuntime } = options;
  const clock = virtualClock(after?.now() ?? FIRST_MORNING_MS + worlds * DAY_MS);
  worlds += 1;
  const happened: Told[] = [];
  try {
    const runtime = await startRuntime({
      assembly: inject("assembly"),
      functionEnvironment: directPushEnvironment,
      warmFunctions: true,
      ...ofRuntime,
      clock,
      lazyFunctions: true,
    });
    if (!after) await createPeople(runtime);
    runtime.localAws.observe((event) => void happened.push(event));
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
    runtime.localAws.call({ service, operation, input, caller: PERSON } satisfies AwsCall);
  const executionArn = (callId: string): string =>
    `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  const tokens = accessTokens(runtime, clock);
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
    phone: async (owner, options = {}) =>
      phone(runtime, tokens, owner, typeof options === "string" ? { deviceToken: options } : options),
    async [Symbol.asyncDispose]() {
      runtime.stop();
      clock.dispose();
    },
  };
}

async function phone(
  runtime: Runtime,
  tokens: AccessTokens,
  owner: string,
  options: PhoneOptions,
): Promise<Phone> {
  const { deviceToken = `${owner}-phone`, notifyType = "GCM", deviceId, clientId, anotherClient } = options;
  const session = options.signsIn ? deviceToken : "";
  const accessToken = await tokens.of(owner, session);
  const named = deviceId === undefined ? {} : { deviceId };
  const send: Phone["send"] = async (body, headers) => {
    const acts = NAMED_ACTIONS.has(String(body["action"]));
    return request(
      runtime,
      await tokens.of(owner, session),
      JSON.stringify({ ...(acts && named), ...body }),
      {
        headers,
      },
    );
  };
  const registration = {
    action: "register",
    notifyType,
    deviceToken,
    ...named,
    ...(clientId && { clientId }),
    ...(anotherClient && { anotherClient }),
  };
  const registered = await send(registration);
  if (registered.status !== 200) throw new Error(`register: ${JSON.stringify(registered)}`);
  const messages = (): PushMessage[] => runtime.pinpoint.inbox.read(deviceToken);
  return {
    owner,
    clientId: String(registered.body["id"]),
    ...named,
    accessToken,
    deviceToken,
    send,
    messages,
    pushes: () => messages().map(({ data }) => data["type"] ?? "?"),
    async joins({ body }) {
      const participant = await runtime.ivs.join(String(body["token"]));
      runtime.ivs.publish(participant);
      return participant;
    },
  };
}

/** In these a phone says which one it is. */
const NAMED_ACTIONS = new Set([
  "initiateCall",
  "answerCall",
  "declineCall",
  "ackRinging",
  "rejoinCall",
  "endCall",
]);

/** They are good for a quarter of an hour. */
const TOKEN_USED_MS = 600_000;

interface AccessTokens {
  /** `session` tells sign-ins of one person apart. */
  of(owner: string, session?: string): Promise<string>;
}

/** Who has just signed in need not again. Afterwards a phone refreshes: it is the same sign-in for as long as it lives. */
function accessTokens(runtime: Runtime, clock: Clock): AccessTokens {
  const known = new Map<string, { readonly tokens: Promise<Tokens>; readonly usedUntilMs: number }>();
  return {
    async of(owner, session = "") {
      const key = `${owner} ${session}`;
      const last = known.get(key);
      if (last && clock.now() < last.usedUntilMs) return (await last.tokens).access;
      const tokens = last ? refresh(runtime, last.tokens) : signIn(runtime, owner);
      known.set(key, { tokens, usedUntilMs: clock.now() + TOKEN_USED_MS });
      tokens.catch(() => known.delete(key));
      return (await tokens).access;
    },
  };
}

interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

async function refresh(runtime: Runtime, before: Promise<Tokens>): Promise<Tokens> {
  const { refresh: token } = await before;
  return {
    ...(await authenticated(runtime, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: token })),
    refresh: token,
  };
}

async function authenticated(runtime: Runtime, AuthFlow: string, AuthParameters: Shape): Promise<Tokens> {
  const { AuthenticationResult } = await runtime.localAws.call({
    service: "cognito-idp",
    operation: "InitiateAuth",
    input: { AuthFlow, ClientId: runtime.outputs["UserPoolClientId"], AuthParameters },
    caller: PERSON,
  });
  const { AccessToken, RefreshToken } = AuthenticationResult as {
    AccessToken: string;
    RefreshToken?: string;
  };
  return { access: AccessToken, refresh: RefreshToken ?? "" };
}

const PASSWORD = "Calls-each-other-1";

/** Signs in by password; everybody but the ready-made people is created first. */
async function signIn(runtime: Runtime, owner: string): Promise<Tokens> {
  const readyMade = PEOPLE.find(({ username }) => username === owner);
  if (readyMade) return authenticated(runtime, ...byPassword(owner, readyMade.password));
  const cognito = (operation: string, input: Shape): Promise<Shape> =>
    runtime.localAws.call({ service: "cognito-idp", operation, input, caller: PERSON });
  const user = { UserPoolId: runtime.outputs["UserPoolId"], Username: owner };
  try {
    await cognito("AdminCreateUser", { ...user, MessageAction: "SUPPRESS" });
    await cognito("AdminSetUserPassword", { ...user, Password: PASSWORD, Permanent: true });
  } catch (error) {
    if ((error as Error).name !== "UsernameExistsException") throw error;
  }
  return authenticated(runtime, ...byPassword(owner, PASSWORD));
}

const byPassword = (USERNAME: string, password: string) =>
  ["USER_PASSWORD_AUTH", { USERNAME, PASSWORD: password }] as const;
