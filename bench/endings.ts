/** The ways in which a call ends, played by phones through the whole stack, to measure what each costs. */
import { signIn } from "../local/people.ts";
import { type Phone, request } from "../local/phones.ts";
import type { Participant } from "../packages/local-aws/src/ivs-realtime/media-plane.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";

export interface Players {
  readonly runtime: Runtime;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
}

export interface Ending {
  /** Prepares the world, and is not counted. */
  readonly before?: (players: Players) => Promise<void>;
  /** Plays until the last side has hung up and left. The rest follows by itself. */
  readonly play: (players: Players) => Promise<void>;
  readonly after?: (players: Players) => Promise<void>;
}

const TALK_MS = 180_000;
const HOUR_MS = 3_600_000;

const call = async ({ alice, bob }: Players): Promise<Record<string, unknown>> => {
  const { status, body } = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  if (status !== 200) throw new Error(`initiateCall: ${JSON.stringify(body)}`);
  return body;
};

/** Signs in again, because the first access token expires after an hour. */
async function hangUp({ runtime, alice }: Players, callId: unknown): Promise<void> {
  const body = JSON.stringify({ action: "endCall", clientId: alice.clientId, callId });
  const { status } = await request(runtime, await signIn(runtime, alice.owner), body);
  if (status !== 200) throw new Error(`endCall: ${status}`);
}

interface Talk {
  readonly callId: unknown;
  readonly caller: Participant;
  readonly callee: Participant;
}

async function talk(players: Players): Promise<Talk> {
  const { runtime, bob } = players;
  const joins = async (token: unknown): Promise<Participant> => {
    const participant = await runtime.ivs.join(String(token));
    runtime.ivs.publish(participant);
    return participant;
  };
  const { callId, token } = await call(players);
  const caller = await joins(token);
  await pass(players, 1_000);
  await bob.send({ action: "ackRinging", callId });
  await pass(players, 7_000);
  const { body } = await bob.send({ action: "answerCall", callId });
  return { callId, caller, callee: await joins(body["token"]) };
}

const pass = ({ runtime }: Players, ms: number): Promise<void> => runtime.localAws.clock.advance(ms);

async function completed(players: Players, talkMs: number): Promise<void> {
  const { callId, caller, callee } = await talk(players);
  await pass(players, talkMs);
  await hangUp(players, callId);
  for (const one of [caller, callee]) players.runtime.ivs.leave(one);
}

export const ENDINGS: Readonly<Record<string, Ending>> = {
  "completed, 3 minutes": { play: (players) => completed(players, TALK_MS) },
  "completed, 1 hour and 3 minutes": { play: (players) => completed(players, TALK_MS + HOUR_MS) },
  declined: {
    async play(players) {
      const { callId } = await call(players);
      await pass(players, 5_000);
      await players.bob.send({ action: "declineCall", callId });
    },
  },
  cancelled: {
    async play(players) {
      const { callId } = await call(players);
      await pass(players, 10_000);
      await hangUp(players, callId);
    },
  },
  missed: { play: async (players) => void (await call(players)) },
  unreachable: {
    before: async ({ runtime, bob }) => setOutcome(runtime, bob, "PERMANENT_FAILURE"),
    play: async (players) => void (await call(players)),
    // The phone registers its token again.
    async after({ runtime, bob }) {
      setOutcome(runtime, bob, "SUCCESSFUL");
      await bob.send({
        action: "register",
        notifyType: "GCM",
        deviceToken: bob.deviceId,
        deviceId: bob.deviceId,
      });
    },
  },
  dropped: {
    async play(players) {
      const { caller, callee } = await talk(players);
      await pass(players, TALK_MS);
      players.runtime.ivs.leave(callee);
      await pass(players, 60_000);
      players.runtime.ivs.leave(caller);
    },
  },
  expired: {
    async play(players) {
      const { caller, callee } = await talk(players);
      await pass(players, 4 * HOUR_MS + 10_000);
      for (const one of [caller, callee]) players.runtime.ivs.leave(one);
    },
  },
};

const setOutcome = (
  { pinpoint }: Runtime,
  { deviceId }: Phone,
  outcome: "PERMANENT_FAILURE" | "SUCCESSFUL",
) => pinpoint.setOutcome(deviceId, outcome);
