/** What the commands work with, and the person that sends them. */
import type { SignIn } from "../../calls/acting-phone.ts";
import { type Call, isRemoved, legOfPerson } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import type { Action, InputOf, ReplyOf } from "../../api/commands.ts";
import type { CallId, ClientId, DeviceId } from "../../calls/ids.ts";
import { Problem, type ProblemCode } from "../../api/problems.ts";
import { namedByProvider } from "../../calls/participant-tokens.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import type { Secret } from "../../calls/secret.ts";
import {
  type Counted,
  type Deed,
  limitOf,
  type Limits,
  oneMore,
  type Standing,
} from "../../calls/standing.ts";
import type { Admission } from "../store/admission-store.ts";
import type { CallHistory } from "../store/call-store.ts";
import type { ClientSettings } from "../store/client-settings.ts";
import type { ClientStore } from "../store/client-store.ts";
import type { Directory } from "../store/directory.ts";
import type { PersonStore } from "../store/person-store.ts";
import type { ParticipantTokens, RoomOffers } from "../media/port.ts";
import { type CallChanging, changeCall } from "../call/change-call.ts";
import type { CleanUpWorkflow } from "../clients/clean-up-workflow.ts";
import type { OperationStore } from "../clients/operation-store.ts";
import type { RuntimeInputs } from "../edge/handler.ts";
import type { OperationCounts } from "../store/operation-counts.ts";

export interface Person {
  /** Cognito subject. */
  readonly sub: string;
  readonly username: string;
  /** Member of the group `operators`. */
  readonly operator: boolean;
  /** Hash that names the sign-in; absent if the access token has no such claim. */
  readonly signIn?: SignIn | undefined;
}

export interface CommandContext extends CallChanging {
  readonly calls: CallChanging["calls"] & CallHistory;
  readonly clients: ClientStore;
  readonly persons: Pick<PersonStore, "read" | "count">;
  readonly directory: Pick<Directory, "nameOf">;
  readonly rooms: RoomOffers;
  readonly admission: Admission;
  readonly tokens: ParticipantTokens;
  /** Loaded on demand, as deletions are: calls do not pay for them. */
  readonly settings: () => Promise<ClientSettings>;
  readonly cleanUps: () => Promise<CleanUps>;
  readonly edge: RuntimeInputs;
  readonly ringSeconds: number;
  readonly maxCallSeconds: number;
  /** The claim of an access token that names the sign-in. */
  readonly signInClaim: string;
  readonly tokenSeconds: number;
  readonly limits: Limits;
}

/** What deletions of clients need. */
export interface CleanUps {
  readonly operations: Pick<OperationStore, "begin" | "read" | "writeList" | "report">;
  readonly workflow: CleanUpWorkflow;
  readonly counts: OperationCounts;
}

export type CommandHandler<A extends Action> = (
  context: CommandContext,
  person: Person,
  input: InputOf<A>,
) => Promise<ReplyOf<A>>;

/** The client. Throws if it does not exist or belongs to another person. */
export async function ownClient(
  { clients }: CommandContext,
  person: Person,
  clientId: ClientId,
): Promise<Client> {
  const client = await clients.read(clientId);
  if (!client) throw new Problem("no_such_client", `client ${clientId} does not exist`);
  assertOwner(client, person);
  return client;
}

/** All of them, in the order of the ids. */
export async function readClients(
  { clients }: CommandContext,
  ids: readonly ClientId[],
): Promise<[Client, ...Client[]]> {
  const found = await Promise.all(ids.map((clientId) => clients.read(clientId)));
  return found.map((client, index) => {
    if (client) return client;
    throw new Problem("no_such_client", `client ${ids[index]} does not exist`);
    // Every caller passes at least one id.
  }) as [Client, ...Client[]];
}

export function assertOwner(client: Client, person: Person): void {
  if (client.sub !== person.sub)
    throw new Problem("not_your_client", `client ${client.clientId} belongs to another person`);
}

export async function existingCall({ calls }: CommandContext, callId: CallId): Promise<Call> {
  const call = await calls.read(callId);
  if (!call) throw noSuchCall(callId);
  return call;
}

/** Changes a call by a rule that is chosen after reading the call. */
export async function changeCallOf(
  context: CommandContext,
  callId: CallId,
  choose: (call: Call) => Rule,
): Promise<Granted> {
  const rule: Rule = (call, nowMs) => choose(call)(call, nowMs);
  const decision = await changeCall(context, callId, rule, context.edge.now());
  if (!decision) throw noSuchCall(callId);
  return granted(decision);
}

/** The latest token prepared for a leg, as it is given to its phone. */
export async function tokenOf(context: CommandContext, call: Call, leg: number): Promise<Secret> {
  const { token, chosenId } = await context.tokens.sign(participantOfLeg(call, leg), context.edge.now());
  if (chosenId !== undefined) await changeCallOf(context, call.callId, () => namedByProvider(leg, chosenId));
  return token;
}

type Granted = Extract<Decision, { kind: "changed" | "already" }>;

/** A rule's refusal is thrown. */
export function granted(decision: Decision): Granted {
  switch (decision.kind) {
    case "over":
      throw callOver(decision);
    case "removed":
      throw removedFromCall(decision.call);
    case "changed":
    case "already":
      return decision;
  }
}

/** The leg of a callee that this person may act for. */
export function calleeLeg(call: Call, { sub }: Person, clientId?: string, deviceId?: DeviceId): number {
  const leg = legOfPerson(call, sub, clientId, deviceId);
  if (leg !== undefined && call.legs[leg]?.role === "callee") return leg;
  throw noPart(call, sub, "you are not called");
}

/** Any leg of this person. */
export function ownLeg(call: Call, { sub }: Person, clientId?: string, deviceId?: DeviceId): number {
  const leg = legOfPerson(call, sub, clientId, deviceId);
  if (leg !== undefined) return leg;
  throw noPart(call, sub, `${clientId ? `client ${clientId} has` : "you have"} no part`);
}

/** A removed person is told so for each of their clients. */
function noPart(call: Call, sub: string, what: string): Problem {
  if (isRemoved(call, sub)) return removedFromCall(call);
  return new Problem("not_your_call", `${what} in call ${call.callId}`, { callId: call.callId });
}

const TOO_MANY = {
  calls: { code: "too_many_calls", what: "calls a minute" },
  registrations: { code: "too_many_registrations", what: "new push tokens an hour" },
  deletions: { code: "too_many_deletions", what: "requests for deletions an hour" },
} as const satisfies Record<Deed, { code: ProblemCode; what: string }>;

/** The person's act, to be counted in the write that does it; 429 if it exceeds the limit. */
export function counted(
  { edge, limits }: CommandContext,
  person: Person,
  standing: Standing,
  deed: Deed,
): Counted {
  const [most, atMs] = [limitOf(limits, deed, person), edge.now()];
  const decision = oneMore(standing, deed, most, atMs);
  const named = standing.clientIds !== undefined;
  if (decision.allowed)
    return { sub: person.sub, deed, seen: standing[deed], next: decision.rate, atMs, named };
  const { retryAfterSeconds } = decision;
  const { code, what } = TOO_MANY[deed];
  throw new Problem(code, `expected at most ${most} ${what}`, { retryAfterSeconds });
}

const noSuchCall = (callId: CallId): Problem => new Problem("no_such_call", `call ${callId} does not exist`);

export const removedFromCall = ({ callId }: Call): Problem =>
  new Problem(
    "removed_from_call",
    `an operator removed this person from call ${callId}; only an operator can add them again`,
    {
      callId,
      endReason: "removed",
    },
  );

function callOver({ call, endReason }: Extract<Decision, { kind: "over" }>): Problem {
  return new Problem("call_over", `call ${call.callId} is over: ${endReason}`, {
    callId: call.callId,
    endReason,
  });
}
