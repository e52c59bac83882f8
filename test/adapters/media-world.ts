/** Whole calls over a media provider: the real commands, stores and remover on the local DynamoDB, around the tested provider. */
import { initiateCallInput } from "../../api/inputs.ts";
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { type CallId, callIdSchema, deviceIdSchema } from "../../calls/ids.ts";
import type { Hint } from "../../calls/presence.ts";
import type { Room } from "../../calls/room.ts";
import type { RuntimeInputs } from "../../handlers/edge/handler.ts";
import { closeEndedCall } from "../../handlers/call/close-call.ts";
import type { EndedCall } from "../../handlers/media/hint-queues.ts";
import type {
  ParticipantEvents,
  ParticipantTokens,
  RoomClosing,
  RoomChecks,
  RoomOffers,
  RoomRemovals,
} from "../../handlers/media/port.ts";
import { removeParticipants } from "../../handlers/media/remove-participants.ts";
import { replaceRoom } from "../../handlers/media/replace-room.ts";
import { heardSchema, screenHints } from "../../handlers/media/screen-hints.ts";
import { verifyLegs } from "../../handlers/media/verify-legs.ts";
import { addToCall } from "../../handlers/rest/enter-call.ts";
import { endCall } from "../../handlers/rest/in-call.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import { answerCall, rejoinCall } from "../../handlers/rest/join-call.ts";
import type { Person, CommandContext } from "../../handlers/rest/command-context.ts";
import { admission } from "../../handlers/store/admission-store.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { clientStore } from "../../handlers/store/client-store.ts";
import { personStore } from "../../handlers/store/person-store.ts";
import { presenceStore } from "../../handlers/store/presence-store.ts";
import { removalStore, removerLease } from "../../handlers/store/removal-store.ts";
import { type TestAws, serveTestAws } from "../../packages/local-aws/test/served-aws.ts";
import { fakeQueue, message } from "../fake-presence.ts";
import { fakePublisher } from "../fakes.ts";
import { ALICE, BOB, CAROL, DAVE, device, register } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

/** A provider with the parts that provider.ts and joining.ts give to the functions. */
export interface MediaProvider {
  readonly offers: RoomOffers;
  readonly closing: RoomClosing;
  readonly tokens: ParticipantTokens;
  readonly checks: RoomChecks;
  readonly removals: RoomRemovals;
  readonly events: ParticipantEvents;
  readonly keptForRemoval: (room: Room) => Room;
}

/** The actions of phones in the provider's rooms, and the provider's events. */
export interface MediaPlane {
  /** Connects with a token and returns the participant's id. Rejects if the token lets no participant in. */
  join(token: string): Promise<string>;
  publish(id: string): Promise<void>;
  leave(id: string): Promise<void>;
  /** The token that the server gave a participant after it joined, where servers do. */
  renewedToken?(id: string): Promise<string>;
  close?(): Promise<void>;
  /** Its events as they arrive, oldest first. */
  readonly said: readonly unknown[];
  /** An event about a participant of no call of ours. */
  readonly foreign: unknown;
}

export interface Around {
  readonly aws: TestAws;
  readonly tables: Tables;
  readonly edge: RuntimeInputs;
}
export type OpenProvider = (around: Around) => Promise<MediaProvider & MediaPlane>;

const PEOPLE = { alice: ALICE, bob: BOB, carol: CAROL, dave: DAVE } as const;
type Name = keyof typeof PEOPLE;

const GRACE_SECONDS = 8;
const OPERATOR: Person = { sub: "operator-sub", username: "operator", operator: true };
const personOf = ({ sub, username }: Client): Person => ({ sub, username, operator: false });
const phoneOf = (name: Name) => deviceIdSchema.parse(`${name}s-phone`);

export type MediaWorld = Awaited<ReturnType<typeof openMediaWorld>>;

export async function openMediaWorld(open: OpenProvider) {
  const tables = await openTables();
  const aws = await serveTestAws();
  const edge = edgeOf(aws);
  const media = await open({ aws, tables, edge });
  const tools = toolsOf(tables, edge, media);
  for (const name of Object.keys(PEOPLE) as Name[]) {
    const phone = device(PEOPLE[name], phoneOf(name), { GCM: `${name}s-token` });
    await register(tools.clients, PEOPLE[name], phone);
  }
  const read = async (callId: CallId): Promise<Call> => {
    const call = await tools.calls.read(callId);
    if (!call) throw new Error(`there is no call ${callId}`);
    return call;
  };
  const asked = (name: Name, callId: CallId) =>
    [
      tools,
      personOf(PEOPLE[name]),
      { callId, clientId: PEOPLE[name].clientId, deviceId: phoneOf(name) },
    ] as const;
  const world = {
    aws,
    tables,
    media,
    tools,
    read,
    now: edge.now,
    async calls(caller: Name, callee: Name) {
      const ids = { callerId: PEOPLE[caller].clientId, calleeId: PEOPLE[callee].clientId };
      const input = initiateCallInput.parse({ ...ids, deviceId: phoneOf(caller) });
      const { callId, token } = await initiateCall(tools, personOf(PEOPLE[caller]), input);
      return { callId: callIdSchema.parse(callId), token };
    },
    answers: async (name: Name, callId: CallId) => (await answerCall(...asked(name, callId))).token,
    rejoins: async (name: Name, callId: CallId) => (await rejoinCall(...asked(name, callId))).token,
    adds: (name: Name, callId: CallId, third: Name) =>
      addToCall(tools, personOf(PEOPLE[name]), {
        ...asked(name, callId)[2],
        calleeIds: [PEOPLE[third].clientId],
      }),
    /** As an operator does: the person may not come back. */
    isThrownOut: (name: Name, callId: CallId) =>
      endCall(tools, OPERATOR, { callId, clientId: PEOPLE[name].clientId }),
    hangsUp: (name: Name, callId: CallId) => endCall(...asked(name, callId)),
    close: async (callId: CallId) => {
      await closeEndedCall(tools, await read(callId), edge.now());
    },
    opensRoom: (token: string) =>
      media.join(token).then(
        () => true,
        () => false,
      ),
    slotOf: async (name: Name) => (await tools.clients.read(PEOPLE[name].clientId))?.activeCallId,
    connected: async ({ stage }: Call) => stage && idsOf(await media.checks.connected(stage)),
    hear: (...events: unknown[]) =>
      screenHints(
        tools,
        events.map((event, n) => message(heardSchema(media.events).parse(event), `message-${n}`)),
      ),
    verify: (...hints: Hint[]) =>
      verifyLegs(
        tools,
        hints.map((hint) => message(hint)),
      ),
    remove: () => removeParticipants(tools),
    /** Replaces the call's room, and the call goes on in another. */
    async replaceRoomOf(call: Call) {
      const known = await tools.presence.known(call.callId);
      if (!known || !call.stage) throw new Error("there is nothing to replace");
      const removal = { callId: call.callId, target: "stage", stage: call.stage } as const;
      const due = { priority: "going_on", step: "remove", tokenUntilMs: edge.now() } as const;
      return replaceRoom(tools, known, { ...removal, ...due, dueAtMs: edge.now() });
    },
    /** The token opens nothing, or its participant is removed again once the provider's event about it was heard. */
    async isKeptOut(token: string, call: Call): Promise<boolean> {
      const opens = await world.opensRoom(token);
      if (!opens || media.removals.returnableMs === 0) return !opens;
      await world.hear(media.said.at(-1));
      await world.remove();
      return (await world.connected(call))?.length === 0;
    },
    async shut() {
      await media.close?.();
      await aws[Symbol.asyncDispose]();
      await tables[Symbol.asyncDispose]();
    },
  };
  return world;
}

const idsOf = (found: Awaited<ReturnType<RoomChecks["connected"]>>): string[] | "throttled" =>
  found === "throttled" ? found : found.map(({ participantId }) => participantId).toSorted();

/** Time passes only in pauses, and no two random draws are alike. */
function edgeOf({ clock }: TestAws): RuntimeInputs {
  let drawn = 0;
  return {
    now: () => clock.now(),
    random: (bytes) => Uint8Array.from({ length: bytes }, () => (drawn = (drawn * 5 + 3) % 251)),
    pause: (ms) => clock.advance(ms),
  };
}

function toolsOf({ env }: Tables, edge: RuntimeInputs, media: MediaProvider) {
  const leftOut = () => Promise.reject(new Error("this is no part of a call"));
  return {
    calls: callStore(env),
    clients: clientStore(env),
    persons: personStore(env),
    directory: { nameOf: async () => undefined },
    admission: admission(env),
    publisher: fakePublisher(),
    tokens: media.tokens,
    rooms: { ...media.offers, ...media.closing, ...media.removals },
    checks: media.checks,
    presence: presenceStore(env),
    removals: removalStore(env, media.keptForRemoval),
    lease: removerLease(env),
    doubts: fakeQueue<Hint>(),
    blinks: fakeQueue<Hint>(),
    wakes: fakeQueue<{ readonly kind: "due" }>(),
    endedCalls: fakeQueue<EndedCall>(),
    settings: leftOut,
    cleanUps: leftOut,
    edge,
    ringSeconds: 45,
    maxCallSeconds: 4 * 3600,
    tokenSeconds: 60,
    signInClaim: "origin_jti",
    limits: { calls: 10, registrations: 30, deletions: 10 },
    keepHistory: true,
    removalGraceSeconds: GRACE_SECONDS,
    graceMs: GRACE_SECONDS * 1000,
  } satisfies CommandContext & Record<string, unknown>;
}
