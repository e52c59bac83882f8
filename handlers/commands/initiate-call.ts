/**
 * `initiateCall`: admits the call itself, so that the reply is synchronous and true. Three AWS round trips in sequence:
 * read both clients and a few free stages; one transaction; sign the token while the event is published.
 */
import { announce, callView } from "../../calls/snapshot.ts";
import { busyCall, newCall, slotConflict } from "../../calls/admission.ts";
import { type Call, isLiving } from "../../calls/call.ts";
import { type Client, hasDevices } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { newCallId } from "../../calls/ids.ts";
import { MAX_ADMISSION_ATTEMPTS, MAX_CONFLICT_RETRIES } from "../../calls/limits.ts";
import { Problem } from "../../calls/problems.ts";
import { answer, failAdmission, renewToken } from "../../calls/rules.ts";
import type { PooledStage } from "../../calls/stage-pool.ts";
import { caused } from "../cause.ts";
import { changeCall } from "../change-call.ts";
import { count, logger } from "../handler.ts";
import { freeStages, nextStage } from "./lease-stage.ts";
import { assertOwner, changeCallOf, type Person, type Tools } from "./tools.ts";

type Input = InputOf<"initiateCall">;
type Reply = ReplyOf<"initiateCall">;

const CALLER_LEG = 1;
const CALLEE_LEG = 2;

interface Attempt {
  readonly input: Input;
  /** As last seen: their pointers are taken over if the calls they name are dead. */
  readonly parties: { caller: Client; callee: Client };
  readonly candidates: PooledStage[];
}

export async function initiateCall(tools: Tools, person: Person, input: Input): Promise<Reply> {
  if (input.callerId === input.calleeId) {
    const errors = [{ field: "calleeId", message: "expected a client other than the caller" }];
    throw new Problem("invalid_request", "a client cannot call itself", { errors });
  }
  const [caller, callee, candidates] = await Promise.all([
    tools.clients.read(input.callerId),
    tools.clients.read(input.calleeId),
    freeStages(tools),
    tools.tokens.ready(tools.edge.now()),
  ]);
  const parties = checkParties(input, person, caller, callee);
  return admit(tools, { input, parties, candidates });
}

function checkParties(input: Input, person: Person, caller: Client | undefined, callee: Client | undefined) {
  if (!caller) throw new Problem("no_such_client", `client ${input.callerId} does not exist`);
  assertOwner(caller, person);
  if (!callee) throw new Problem("no_such_client", `client ${input.calleeId} does not exist`);
  if (!hasDevices(callee)) {
    throw new Problem("callee_has_no_device", `client ${input.calleeId} has no device that could ring`);
  }
  return { caller, callee };
}

async function admit(tools: Tools, attempt: Attempt): Promise<Reply> {
  const { parties, candidates } = attempt;
  let lost = 0;
  let conflicts = 0;
  for (let tries = 0; tries < MAX_ADMISSION_ATTEMPTS; tries += 1) {
    const holder = await livingHolder(tools, parties);
    if (holder) return meetHolder(tools, attempt, holder);
    const stage = await nextStage(tools, candidates, lost);
    const call = callFor(tools, attempt, stage);
    const outcome = await tools.admission.admit({ call, ...parties, stage, nowMs: call.createdAtMs });
    switch (outcome.kind) {
      case "admitted":
        return begin(tools, call);
      case "taken":
        candidates.unshift(stage);
        await readAgain(tools, parties);
        break;
      case "client_changed":
        throw new Problem(
          "no_such_client",
          "one of the clients has just been removed or given to somebody else",
        );
      case "stage_lost":
        lost += 1;
        break;
      case "conflict":
        if ((conflicts += 1) > MAX_CONFLICT_RETRIES) throw tooManyAtOnce();
        candidates.unshift(stage);
        await tools.edge.pause(jitterMs(tools, conflicts));
        await readAgain(tools, parties);
    }
  }
  throw tooManyAtOnce();
}

const tooManyAtOnce = (): Problem =>
  new Problem("try_again", "too many others are calling the same people at once", { retryAfterSeconds: 1 });

function callFor(
  { edge, ringSeconds, maxCallSeconds }: Tools,
  { input, parties }: Attempt,
  stage: PooledStage,
): Call {
  const nowMs = edge.now();
  const callId = newCallId(nowMs, edge.random(16));
  const { stageId, arn, endpoints } = stage;
  const call = newCall({
    ...parties,
    callId,
    media: input.media,
    deviceId: input.deviceId,
    stage: { stageId, arn, endpoints },
    ringSeconds,
    maxCallSeconds,
    nowMs,
  });
  return { ...call, ...caused() };
}

async function begin(tools: Tools, call: Call): Promise<Reply> {
  logger.appendKeys({ callId: call.callId });
  const [token] = await Promise.all([
    tools.tokens.sign(call, CALLER_LEG, tools.edge.now()),
    publishStart(tools, call),
  ]);
  count("CallsInitiated");
  return { token: token.reveal(), ...callView(call) };
}

/** A publish that failed may have succeeded: it is repeated once, and then the call is ended unless it came alive. */
async function publishStart(tools: Tools, call: Call): Promise<void> {
  const events = announce("CallInitiated", call);
  try {
    await tools.publisher.publish(events).catch(() => tools.publisher.publish(events));
  } catch (cause) {
    // Nothing can be published now, so the end is announced by the sweep, which also closes the call.
    const mute = { calls: tools.calls, publisher: { publish: async () => undefined } };
    const decision = await changeCall(mute, call.callId, failAdmission, tools.edge.now());
    if (decision?.kind !== "changed") return;
    throw new Problem("try_again", "the call could not be started", {
      callId: call.callId,
      retryAfterSeconds: 1,
      cause,
    });
  }
}

/** The living call, if any, that holds a slot of the two. A pointer to a call that is dead counts for nothing. */
async function livingHolder(tools: Tools, { caller, callee }: Attempt["parties"]): Promise<Call | undefined> {
  const named = [...new Set([caller.activeCallId, callee.activeCallId])].filter(
    (callId) => callId !== undefined,
  );
  const calls = await Promise.all(named.map((callId) => tools.calls.read(callId)));
  return calls.find((call) => call && isLiving(call, tools.edge.now()));
}

async function readAgain({ clients }: Tools, parties: Attempt["parties"]): Promise<void> {
  const { caller, callee } = parties;
  const [one, other] = await Promise.all([clients.read(caller.clientId), clients.read(callee.clientId)]);
  parties.caller = one ?? caller;
  parties.callee = other ?? callee;
}

/** What a taken slot means (pair rules): the same call again, an answer, or busy. */
async function meetHolder(tools: Tools, attempt: Attempt, holder: Call): Promise<Reply> {
  const { callerId, calleeId, deviceId } = attempt.input;
  const conflict = slotConflict(holder, callerId, calleeId);
  logger.info("slot taken", { conflict, holder: holder.callId });
  switch (conflict) {
    case "same_call":
      return rejoin(tools, holder, CALLER_LEG, () => renewToken(CALLER_LEG));
    case "glare":
      return rejoin(tools, holder, CALLEE_LEG, () => answer(CALLEE_LEG, deviceId));
    case "caller_in_call":
      throw new Problem("caller_in_call", `client ${callerId} is in call ${holder.callId}`, {
        callId: holder.callId,
      });
    case "callee_busy":
      throw await busy(tools, attempt);
  }
}

async function rejoin(
  tools: Tools,
  holder: Call,
  leg: number,
  choose: () => ReturnType<typeof renewToken>,
): Promise<Reply> {
  const { call } = await changeCallOf(tools, holder.callId, choose);
  const token = await tools.tokens.sign(call, leg, tools.edge.now());
  return { token: token.reveal(), ...callView(call) };
}

/** Leaves a record of the attempt; its workflow tells the callee of a missed call. */
async function busy(
  { calls, publisher, edge, maxCallSeconds }: Tools,
  { input, parties }: Attempt,
): Promise<Problem> {
  const nowMs = edge.now();
  const callId = newCallId(nowMs, edge.random(16));
  const recorded = busyCall({ ...parties, callId, media: input.media, maxCallSeconds, nowMs });
  const call = { ...recorded, ...caused() };
  logger.appendKeys({ callId });
  await calls.record(call);
  await publisher.publish(announce("CallInitiated", call));
  count("CallsBusy");
  return new Problem("callee_busy", `client ${input.calleeId} is in another call`, { callId: call.callId });
}

const jitterMs = ({ edge }: Tools, tries: number): number =>
  ((edge.random(1)[0] ?? 0) / 255) * 20 * 2 ** tries;
