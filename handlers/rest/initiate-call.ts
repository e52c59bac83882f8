/**
 * `initiateCall`: admits the call itself, so that the reply is synchronous and true. Three AWS round trips in sequence:
 * read the clients, the caller's person and name, and the rooms on offer; one transaction; sign the token while the event is published.
 */
import type { ActingPhone } from "../../calls/acting-phone.ts";
import { busyCall, callersConflict, holdsSlotOf, newCall } from "../../calls/admission.ts";
import { type Call, legOfClient, legsOf } from "../../calls/call.ts";
import { type Client, silenceOf } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { type CallId, type ClientId, newCallId } from "../../calls/ids.ts";
import { Problem } from "../../api/problems.ts";
import { answer } from "../../calls/answering.ts";
import { failAdmission } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import { callView } from "../../api/call-view.ts";
import { announce } from "../../calls/snapshot.ts";
import type { Counted, Standing } from "../../calls/standing.ts";
import type { Announcement } from "../../events/event.ts";
import type { BusyOutcome, IdempotencyKey } from "../store/admission-store.ts";
import { caused } from "../edge/cause.ts";
import { changeCall } from "../call/change-call.ts";
import { count, logger } from "../edge/handler.ts";
import { callAgain, idempotencyKey, repeatedCall } from "./idempotency.ts";
import { joinBy } from "./join-call.ts";
import type { NoRoom, OfferedRoom, RoomOffer } from "../media/port.ts";
import { shownName } from "../../people/name-text.ts";
import { askingPhone, assertWithPhone, inCall, unlessElsewhere } from "./phones.ts";
import { calleeBusy, raceRetry, readSlots, type Slots } from "./slots.ts";
import {
  assertOwner,
  counted,
  type Person,
  readClients,
  tokenOf,
  type CommandContext,
} from "./command-context.ts";

type Input = InputOf<"initiateCall">;
type Reply = ReplyOf<"initiateCall">;

const CALLER_LEG = 1;

interface Attempt {
  readonly person: Person;
  readonly input: Input;
  /** As last read: their slots are taken over if the calls they name are dead. */
  readonly caller: Client;
  /** The caller's name in pushes: read here, where it costs no time, rather than before each push. */
  readonly callerName: string;
  readonly callees: readonly Client[];
  readonly standing: Standing;
  readonly key: IdempotencyKey | undefined;
}

export async function initiateCall(context: CommandContext, person: Person, input: Input): Promise<Reply> {
  const calleeIds = calleeIdsOf(input);
  const key = idempotencyKey(person, input);
  const [[caller, ...callees], standing, name, offer, claimed] = await Promise.all([
    readClients(context, [input.callerId, ...calleeIds]),
    context.persons.read(person.sub),
    context.directory.nameOf(person.sub),
    context.rooms.offer(),
    key && context.admission.claimed(key),
    context.tokens.ready(),
  ]);
  assertOwner(caller, person);
  const callerName = shownName(name, caller.username);
  const wanted = { person, input, caller, callerName, callees, standing, key };
  return claimed ? repeatedCall(context, wanted, claimed) : admit(context, wanted, offer);
}

function calleeIdsOf({ callerId, calleeId, calleeIds = [] }: Input): ClientId[] {
  const ids = calleeId ? [calleeId] : calleeIds;
  if (!ids.includes(callerId)) return ids;
  const errors = [
    { field: calleeId ? "calleeId" : "calleeIds", message: "expected a client other than the caller" },
  ];
  throw new Problem("invalid_request", "a client cannot call itself", { errors });
}

async function admit(context: CommandContext, first: Attempt, offer: RoomOffer): Promise<Reply> {
  const losses = raceRetry(context);
  let wanted = first;
  for (;;) {
    const slots = await readSlots(context, [wanted.caller, ...wanted.callees]);
    const holder = slots.holderOf(wanted.caller);
    if (holder) return resolveSlotConflict(context, wanted, holder);
    const attempt = counted(context, wanted.person, wanted.standing, "calls");
    const busy = busyCallees(context, wanted, slots);
    if (busy.size === wanted.callees.length) {
      const recorded = await recordBusy(context, wanted, attempt);
      if (recorded.kind === "repeated") return repeatedCall(context, wanted, recorded);
      await losses.recordLoss(recorded.kind);
      wanted = await readAgain(context, wanted);
      continue;
    }
    const offered = await offer.next();
    if (offered.kind === "no_room") throw noRoom(offered);
    const call = callFor(context, wanted, { offered, busy });
    const claims = offered.claim(call.callId, call.createdAtMs);
    const outcome = await context.admission.admit({
      ...entering(wanted, call, slots, attempt),
      call,
      claims,
    });
    switch (outcome.kind) {
      case "admitted":
        return begin(context, wanted.person, call, offer);
      case "repeated":
        return repeatedCall(context, wanted, outcome);
      case "client_changed":
        throw new Problem(
          "no_such_client",
          "one of the clients was just removed, or now belongs to another person",
        );
      case "no_room":
        throw noRoom(outcome);
      case "room_lost":
        await losses.recordLoss(outcome.kind);
        break;
      case "taken":
      case "conflict":
        offer.giveBack(offered);
        await losses.recordLoss(outcome.kind);
        wanted = await readAgain(context, wanted);
    }
  }
}

const noRoom = ({ retryAfterSeconds }: NoRoom): Problem =>
  new Problem("no_stage", "no stage is free", { retryAfterSeconds });

/** A callee whose phones stay silent never counts as busy: that would give it away to the caller. */
function busyCallees({ edge }: CommandContext, { caller, callees }: Attempt, slots: Slots): Set<ClientId> {
  const nowMs = edge.now();
  const busy = callees.filter((callee) => !silenceOf(callee, [caller], nowMs) && slots.holderOf(callee));
  return new Set(busy.map(({ clientId }) => clientId));
}

function callFor(
  { edge, ringSeconds, maxCallSeconds, tokenSeconds }: CommandContext,
  { person, input, caller, callerName, callees }: Attempt,
  { offered, busy }: { offered: OfferedRoom; busy: ReadonlySet<ClientId> },
): Call {
  const nowMs = edge.now();
  const callId = newCallId(nowMs, edge.random(16));
  const call = newCall({
    caller,
    callerName,
    callees,
    busy,
    callId,
    media: input.media,
    ...askingPhone(person, input),
    stage: offered.roomOf(callId),
    ringSeconds,
    maxCallSeconds,
    tokenSeconds,
    nowMs,
  });
  return { ...call, ...caused() };
}

function entering({ caller, callees, key }: Attempt, call: Call, slots: Slots, attempt: Counted) {
  const held = new Set(
    legsOf(call)
      .filter(holdsSlotOf)
      .map(({ clientId }) => clientId),
  );
  const clients = [caller, ...callees].filter(({ clientId }) => held.has(clientId));
  return { clients, leftCalls: slots.leftBy(clients), counted: attempt, key };
}

async function begin(context: CommandContext, person: Person, call: Call, offer: RoomOffer): Promise<Reply> {
  logger.appendKeys({ callId: call.callId });
  // The provider's events go in the same request and cost the caller no time.
  const events = [...announce("CallInitiated", call), ...offer.announcements(call.createdAtMs)];
  const [token] = await Promise.all([
    tokenOf(context, call, CALLER_LEG),
    publishStart(context, call, events),
  ]);
  count("CallsInitiated");
  return { token: token.reveal(), ...callView(call, person) };
}

/** A publish that failed may have succeeded: it is repeated once, and then the call is ended unless it came alive. */
async function publishStart(
  context: CommandContext,
  call: Call,
  events: readonly Announcement[],
): Promise<void> {
  try {
    await context.publisher.publish(events).catch(() => context.publisher.publish(events));
  } catch (cause) {
    // Nothing can be published now, so the sweep announces the end and closes the call.
    const mute = { calls: context.calls, publisher: { publish: async () => undefined } };
    const decision = await changeCall(mute, call.callId, failAdmission, context.edge.now());
    if (decision?.kind !== "changed") return;
    throw new Problem("try_again", "the call could not be started", {
      callId: call.callId,
      retryAfterSeconds: 1,
      cause,
    });
  }
}

async function readAgain(context: CommandContext, wanted: Attempt): Promise<Attempt> {
  const ids = [wanted.caller, ...wanted.callees].map(({ clientId }) => clientId);
  const [[caller, ...callees], standing] = await Promise.all([
    readClients(context, ids),
    context.persons.read(wanted.person.sub),
  ]);
  assertOwner(caller, wanted.person);
  return { ...wanted, caller, callees, standing };
}

/** The caller is in a call (pair rules): the request repeats that call, answers it, or finds the caller busy. */
async function resolveSlotConflict(
  context: CommandContext,
  { person, input, callees }: Attempt,
  holder: Call,
): Promise<Reply> {
  const { callerId } = input;
  const conflict = callersConflict(
    holder,
    callerId,
    callees.map(({ clientId }) => clientId),
  );
  logger.info("slot taken", { conflict, holder: holder.callId });
  const asking = askingPhone(person, input);
  const leg = legOfClient(holder, callerId) ?? CALLER_LEG;
  switch (conflict) {
    case "same_call":
      return callAgain(context, person, holder.callId, asking);
    case "glare":
      return answerBack(context, person, { callId: holder.callId, leg }, asking);
    case "caller_in_call":
      throw await inCall(context, holder, leg, "caller_in_call");
  }
}

/** A person who calls their present caller back answers that call, on any of their phones. */
function answerBack(
  context: CommandContext,
  person: Person,
  { callId, leg }: { callId: CallId; leg: number },
  asking: ActingPhone,
): Promise<Reply> {
  const rule: Rule = (call, nowMs) => {
    assertWithPhone(call, leg, asking, nowMs);
    return answer(leg, asking.deviceId, asking.signIn)(call, nowMs);
  };
  const joining = joinBy(context, person, { callId, leg, rule });
  return unlessElsewhere(context, joining, { code: "caller_in_call" });
}

/** Records the attempt, whose workflow tells the callees of a missed call, and refuses it, unless the write lost to another. */
async function recordBusy(
  context: CommandContext,
  { input, caller, callerName, callees, key }: Attempt,
  attempt: Counted,
): Promise<Exclude<BusyOutcome, { kind: "recorded" }>> {
  const { admission, publisher, edge, maxCallSeconds } = context;
  const nowMs = edge.now();
  const callId = newCallId(nowMs, edge.random(16));
  const recorded = busyCall({
    caller,
    callerName,
    callees,
    callId,
    media: input.media,
    maxCallSeconds,
    nowMs,
  });
  const call = { ...recorded, ...caused() };
  const outcome = await admission.recordBusy(call, attempt, key);
  if (outcome.kind !== "recorded") return outcome;
  logger.appendKeys({ callId });
  await publisher.publish(announce("CallInitiated", call));
  count("CallsBusy");
  throw calleeBusy(call);
}
