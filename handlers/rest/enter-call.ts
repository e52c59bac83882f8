/** Joining a call that goes on: coming back to it, and being added by its members. The same write takes the slots. */
import { holdsSlotOf, invitation } from "../../calls/admission.ts";
import {
  type Call,
  isHeldBy,
  isLiving,
  isRemoved,
  type Leg,
  legOf,
  legOfClient,
  legOfPerson,
  legsOf,
} from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import type { CallId, ClientId } from "../../calls/ids.ts";
import { MAX_LEGS, MAX_LEGS_EVER } from "../../calls/limits.ts";
import { admitAgain } from "../../calls/operators.ts";
import { Problem } from "../../api/problems.ts";
import { invite } from "../../calls/invitation.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { callView } from "../../api/call-view.ts";
import type { JoinRequest } from "../store/admission-store.ts";
import { withCause } from "../call/change-call.ts";
import { logger } from "../edge/handler.ts";
import { inCall } from "./phones.ts";
import { raceRetry, readSlots, type Slots } from "./slots.ts";
import {
  changeCallOf,
  counted,
  existingCall,
  granted,
  ownLeg,
  type Person,
  readClients,
  removedFromCall,
  type CommandContext,
} from "./command-context.ts";

/** Takes the client's slot again in the write that brings its leg back. */
export async function enterAgain(
  context: CommandContext,
  callId: CallId,
  rule: Rule,
  leg: number,
): Promise<Decision> {
  const losses = raceRetry(context);
  for (;;) {
    const call = await existingCall(context, callId);
    const decision = withCause(call, rule(call, context.edge.now()));
    if (decision.kind !== "changed") return decision;
    const clients = await readClients(context, [legOf(call, leg).clientId]);
    const slots = await readSlots(context, clients);
    await assertFree(context, clients[0], slots);
    const entering = { clients, leftCalls: slots.leftBy(clients).filter((left) => left.callId !== callId) };
    if (await enter(context, { previous: call, next: decision.call, ...entering })) {
      await context.publisher.publish(decision.events);
      return decision;
    }
    await losses.recordLoss("conflict");
  }
}

async function assertFree(context: CommandContext, client: Client, slots: Slots): Promise<void> {
  const holder = slots.holderOf(client);
  if (!holder) return;
  const leg = legOfClient(holder, client.clientId) ?? CALLER;
  throw await inCall(context, holder, leg, "caller_in_call");
}

/** False if another write came first and everything must be read again. */
async function enter(context: CommandContext, request: JoinRequest): Promise<boolean> {
  const outcome = await context.admission.join(request);
  if (outcome.kind === "client_changed") {
    throw new Problem(
      "no_such_client",
      "one of the clients was just removed, or now belongs to another person",
    );
  }
  return outcome.kind === "joined";
}

/**
 * Rings more people. Callees that are busy, block the person who adds them, or have do not disturb on are not told. An operator
 * need not take part, and only an operator can add a person again that an operator has removed.
 */
export async function addToCall(
  context: CommandContext,
  person: Person,
  input: InputOf<"addToCall">,
): Promise<ReplyOf<"addToCall">> {
  const { callId, clientId } = input;
  logger.appendKeys({ callId });
  const calleeIds = person.operator ? await admitCaller(context, person, input) : input.calleeIds;
  const losses = raceRetry(context);
  for (;;) {
    const call = await existingCall(context, callId);
    const acting = addingLeg(call, person, clientId);
    if (isLiving(call, context.edge.now())) assertRoom(call, acting, calleeIds);
    const joining = notInCall(call, calleeIds);
    if (joining.length === 0 && isLiving(call, context.edge.now())) return callView(call, person);
    const [[adding, callees], standing] = await Promise.all([
      readAdding(context, acting === undefined ? undefined : legOf(call, acting), joining),
      context.persons.read(person.sub),
    ]);
    const slots = await readSlots(context, callees);
    const { decision, clients } = invited(context, call, { person, adding, callees, slots });
    const { call: next, events } = granted(decision);
    const entering = {
      clients,
      leftCalls: slots.leftBy(clients).filter((left) => left.callId !== callId),
      counted: counted(context, person, standing, "calls"),
    };
    if (await enter(context, { previous: call, next, ...entering })) {
      await context.publisher.publish(events);
      return callView(next, person);
    }
    await losses.recordLoss("conflict");
  }
}

/** A caller's phones do not ring for their own call: a caller whom an operator adds again may come back by `rejoinCall`. */
async function admitCaller(
  context: CommandContext,
  person: Person,
  { callId, calleeIds }: InputOf<"addToCall">,
): Promise<ClientId[]> {
  const { callerId } = await existingCall(context, callId);
  if (!calleeIds.includes(callerId)) return calleeIds;
  await changeCallOf(context, callId, () => admitAgain(CALLER, person));
  return calleeIds.filter((clientId) => clientId !== callerId);
}

/** The leg that adds the people. Undefined for an operator who does not take part. */
function addingLeg(call: Call, person: Person, clientId: ClientId | undefined): number | undefined {
  const own = legOfPerson(call, person.sub, clientId);
  if (!person.operator) return ownLeg(call, person, clientId);
  return own !== undefined && legOf(call, own).status === "joined" ? own : undefined;
}

async function readAdding(
  context: CommandContext,
  acting: Leg | undefined,
  joining: readonly ClientId[],
): Promise<[Client | undefined, Client[]]> {
  if (acting === undefined) return [undefined, await readClients(context, joining)];
  const [client, ...callees] = await readClients(context, [acting.clientId, ...joining]);
  return [client, callees];
}

/** Clients in the call or already called are not called again, so a repeat of the command does nothing. */
const notInCall = (call: Call, calleeIds: readonly ClientId[]): ClientId[] =>
  calleeIds.filter((clientId) => !isHeldBy(call, clientId));

function assertRoom(call: Call, acting: number | undefined, calleeIds: readonly ClientId[]): void {
  const { callId } = call;
  if (acting !== undefined && legOf(call, acting).status !== "joined") {
    throw new Problem("not_in_call", `only those who take part in call ${callId} can add people`, { callId });
  }
  if (calleeIds.includes(call.callerId)) {
    if (isRemoved(call, legOf(call, CALLER).sub)) throw removedFromCall(call);
    const errors = [{ field: "calleeIds", message: "expected callees: the caller comes back by rejoinCall" }];
    throw new Problem("invalid_request", `the caller of call ${callId} cannot be called by it`, { errors });
  }
  const active = legsOf(call).filter(({ status }) => status !== "left").length;
  const joining = notInCall(call, calleeIds);
  const strangers = joining.filter((clientId) => legOfClient(call, clientId) === undefined);
  const ever = legsOf(call).length + strangers.length;
  if (active + joining.length <= MAX_LEGS && ever <= MAX_LEGS_EVER) return;
  throw new Problem("call_full", `a call takes ${MAX_LEGS} people, ${active} are in call ${callId}`, {
    callId,
  });
}

const CALLER = 1;

interface Adding {
  readonly person: Person;
  /** Absent for an operator who does not take part. */
  readonly adding: Client | undefined;
  readonly callees: readonly Client[];
  readonly slots: Slots;
}

function invited(
  { edge, ringSeconds }: CommandContext,
  call: Call,
  { person, adding, callees, slots }: Adding,
) {
  const nowMs = edge.now();
  // The push names the caller who began the call, so a callee that blocks the caller or the adding person stays silent.
  const callers = [...(adding ? [adding] : []), legOf(call, CALLER)];
  const elsewhere = callees.filter((callee) => slots.holderOf(callee));
  const busy = new Set(elsewhere.map(({ clientId }) => clientId));
  const context = { callers, busy, ringUntilMs: nowMs + ringSeconds * 1000, nowMs };
  const legs = callees.map((callee) => invitation(callee, context));
  const rung = new Set(legs.filter(holdsSlotOf).map(({ clientId }) => clientId));
  const decision = withCause(call, invite(legs, person.operator ? person : undefined)(call, nowMs));
  return { decision, clients: callees.filter(({ clientId }) => rung.has(clientId)) };
}
