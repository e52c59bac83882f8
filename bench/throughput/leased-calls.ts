/**
 * Calls as far as a stage notices them: the real admission, the rules of a call, and its closing, on the real adapters; without
 * pushes, workflow, events and signatures, which take a hundred times as long and neither take a stage nor give one back.
 */
import { randomFrom, bytesFrom } from "../random.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import type { CommandContext } from "../../handlers/rest/command-context.ts";
import { type Admission, admission } from "../../handlers/store/admission-store.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { clientStore } from "../../handlers/store/client-store.ts";
import { directory } from "../../handlers/store/directory.ts";
import { restingStages } from "../../handlers/media/ivs/pool/rest-stage.ts";
import { stageOffers } from "../../handlers/media/ivs/pool/stage-offers.ts";
import { stageIn } from "../../handlers/media/ivs/stage.ts";
import { personStore } from "../../handlers/store/person-store.ts";
import { changeKnownCall, type Publisher } from "../../handlers/call/change-call.ts";
import { EVENT_SOURCE } from "../../events/event.ts";
import { StagePoolLow } from "../../events/stage-pool-low.ts";
import { type CallClosing, closeEndedCall } from "../../handlers/call/close-call.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import type { Call } from "../../calls/call.ts";
import { type CallId, callIdSchema, participantId } from "../../calls/ids.ts";
import { REMOVAL_GRACE_SECONDS } from "../../calls/limits.ts";
import type { RuntimeInputs } from "../../handlers/edge/handler.ts";
import { Problem } from "../../api/problems.ts";
import { answer } from "../../calls/answering.ts";
import { decline, endLeg, passTime } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import { Secret } from "../../calls/secret.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import type { Ending } from "./arrivals.ts";
import type { CallersJoin } from "./ceiling.ts";
import { clientPairs, type Pair } from "./client-pairs.ts";
import type { Outcome } from "./tally.ts";

const [CALLER, CALLEE] = [1, 2];
/** After a call's end its phones learn of it and leave the stage. */
const LEAVES_AFTER_MS = 1_000;

export interface CallMaker {
  /** Begins a call, which then continues by itself. */
  begin(ending: Ending): Promise<Outcome>;
}

export interface LeaseOptions {
  /** Variables of rest-entrypoint. */
  readonly environment: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly callersJoin: CallersJoin;
}

export function leasedCalls(runtime: Runtime, { environment, seed, callersJoin }: LeaseOptions): CallMaker {
  const { clock } = runtime.localAws;
  const tools = leaseTools(runtime, environment, seed);
  const pairs = clientPairs(runtime);

  async function begin(ending: Ending): Promise<Outcome> {
    const pair = await pairs.take();
    try {
      const call = await admit(pair);
      live(call, ending, callersJoin === "at once" ? [enter(call, CALLER)] : [], pair);
      return "served";
    } catch (error) {
      pairs.giveBack(pair);
      if (error instanceof Problem) return error.code === "no_stage" ? "refused" : "failed";
      throw error;
    }
  }

  async function admit({ caller, callee }: Pair): Promise<Call> {
    const person = { sub: caller.sub, username: caller.sub, operator: false };
    const input = { callerId: caller.clientId, calleeId: callee.clientId, media: "audio" } as const;
    const { callId } = await initiateCall(tools, person, input);
    const call = tools.admitted.get(callIdSchema.parse(callId));
    if (!call) throw new Error(`call ${callId} began without an admission`);
    tools.admitted.delete(call.callId);
    return call;
  }

  /** Connects a participant, so that IVS has a session. Publishing makes no difference to a stage. */
  function enter({ callId, stage, legs, ringUntilMs }: Call, leg: number): Participant {
    return runtime.ivs.enter({
      participantId: participantId(callId, leg, 1),
      stageArn: stage ? stageIn(stage).arn : "",
      userId: legs[leg]?.clientId ?? "",
      attributes: { callId },
      mayPublish: true,
      maySubscribe: true,
      expiresAtMs: ringUntilMs,
    });
  }

  function live(call: Call, ending: Ending, inside: Participant[], pair: Pair): void {
    const { callId } = call;
    const at = (afterMs: number, work: () => Promise<unknown>): void =>
      void clock.after(afterMs, () => void clock.hold(work));
    const ends = (rule: Rule) => () => end(callId, rule, inside, pair);
    switch (ending.kind) {
      case "completed":
        at(ending.answerMs, async () => {
          await change(callId, answer(CALLEE, undefined));
          if (inside.length === 0) inside.push(enter(call, CALLER));
          inside.push(enter(call, CALLEE));
        });
        return at(ending.answerMs + ending.talkMs, ends(endLeg(CALLER)));
      case "declined":
        return at(ending.afterMs, ends(decline(CALLEE, undefined)));
      case "cancelled":
        return at(ending.afterMs, ends(endLeg(CALLER)));
      case "missed":
        return at(call.ringUntilMs - clock.now(), ends(passTime));
    }
  }

  async function change(callId: CallId, rule: Rule): Promise<Call> {
    const decision = await changeKnownCall(tools, callId, rule, clock.now());
    if (decision.kind !== "changed") throw new Error(`call ${callId}: ${decision.kind} instead of a change`);
    return decision.call;
  }

  async function end(callId: CallId, rule: Rule, inside: readonly Participant[], pair: Pair): Promise<void> {
    const ended = await change(callId, rule);
    await closeEndedCall(tools, ended, clock.now());
    pairs.giveBack(pair);
    clock.after(LEAVES_AFTER_MS, () => inside.forEach((one) => runtime.ivs.leave(one)));
  }

  return { begin };
}

/** The parts of rest-entrypoint and close-stage, without those that are left out. `admitted`: calls that have just begun. */
function leaseTools(
  runtime: Runtime,
  environment: Readonly<Record<string, string>>,
  seed: number,
): CommandContext & CallClosing & { readonly admitted: Map<CallId, Call> } {
  const { clock } = runtime.localAws;
  const env = {
    AWS_REGION: "us-east-1",
    CALLS_TABLE: environment["CALLS_TABLE"] ?? "",
    CLIENTS_TABLE: environment["CLIENTS_TABLE"] ?? "",
    DEVICES_TABLE: environment["DEVICES_TABLE"] ?? "",
    OWNERS_TABLE: environment["OWNERS_TABLE"] ?? "",
    PEOPLE_TABLE: environment["PEOPLE_TABLE"] ?? "",
    STAGES_TABLE: environment["STAGES_TABLE"] ?? "",
  };
  const edge: RuntimeInputs = {
    now: () => clock.now(),
    random: bytesFrom(randomFrom(seed)),
    pause: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
  };
  const admitted = new Map<CallId, Call>();
  const leftOut = async (): Promise<never> => {
    throw new Error("this is no part of a lease");
  };
  return {
    admitted,
    calls: callStore(env),
    clients: clientStore(env),
    persons: personStore(env),
    directory: directory(env),
    rooms: { ...stageOffers(env, edge), ...restingStages(env) },
    admission: noting(admission(env), admitted),
    tokens: {
      ready: async () => undefined,
      sign: async () => ({ token: new Secret("not signed") }),
    },
    publisher: keeperWaker(runtime),
    settings: leftOut,
    cleanUps: leftOut,
    endedCalls: { send: async () => undefined },
    removalGraceSeconds: REMOVAL_GRACE_SECONDS.default,
    keepHistory: true,
    edge,
    ringSeconds: Number(environment["RING_SECONDS"]),
    maxCallSeconds: Number(environment["MAX_CALL_SECONDS"]),
    signInClaim: "origin_jti",
    tokenSeconds: Number(environment["TOKEN_SECONDS"]),
    limits: { calls: 1_000, registrations: 1_000, deletions: 1_000 },
  };
}

const noting = (real: Admission, admitted: Map<CallId, Call>): Admission => ({
  ...real,
  async admit(request) {
    const outcome = await real.admit(request);
    if (outcome.kind === "admitted") admitted.set(request.call.callId, request.call);
    return outcome;
  },
});

/** The only event that the keeper hears is StagePoolLow. */
function keeperWaker({ localAws, outputs }: Runtime): Publisher {
  return {
    async publish(events) {
      const low = events.filter(({ name }) => name === StagePoolLow.name);
      if (low.length === 0) return;
      const Entries = low.map(({ name, detail }) => ({
        EventBusName: outputs["BusName"],
        Source: EVENT_SOURCE,
        DetailType: name,
        Detail: JSON.stringify(detail),
      }));
      await localAws.call({ service: "events", operation: "PutEvents", input: { Entries }, caller: PERSON });
    },
  };
}
