/** Getting into a call that goes on: coming back to it, and being added by those who are in. Slots are taken in the same write. */
import { holdsSlotOf, invitation } from "../../calls/admission.ts";
import { type Call, isHeldBy, isLiving, legOf, legOfClient, legsOf } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import type { CallId } from "../../calls/ids.ts";
import { MAX_LEGS, MAX_LEGS_EVER } from "../../calls/limits.ts";
import { Problem } from "../../calls/problems.ts";
import { type Decision, invite, type Rule } from "../../calls/rules.ts";
import { callView } from "../../calls/snapshot.ts";
import type { JoinRequest } from "../adapters/admission.ts";
import { withCause } from "../change-call.ts";
import { logger } from "../handler.ts";
import { patience, readSlots, type Slots } from "./slots.ts";
import {
  callOver,
  countedAttempt,
  existingCall,
  ownLeg,
  type Person,
  readClients,
  type Tools,
} from "./tools.ts";

/** Takes the client's slot again in the write that brings its leg back. */
export async function enterAgain(tools: Tools, callId: CallId, rule: Rule, leg: number): Promise<Decision> {
  const losses = patience(tools);
  for (;;) {
    const call = await existingCall(tools, callId);
    const decision = withCause(rule(call, tools.edge.now()));
    if (decision.kind !== "changed") return decision;
    const clients = await readClients(tools, [legOf(call, leg).clientId]);
    const slots = await readSlots(tools, clients);
    assertFree(clients[0], slots);
    const entering = { clients, leftCalls: slots.leftBy(clients).filter((left) => left.callId !== callId) };
    if (await enter(tools, { previous: call, next: decision.call, ...entering })) {
      await tools.publisher.publish(decision.events);
      return decision;
    }
    await losses.lost("conflict");
  }
}

function assertFree(client: Client, slots: Slots): void {
  const holder = slots.holderOf(client);
  if (!holder) return;
  const detail = `client ${client.clientId} is in call ${holder.callId}`;
  throw new Problem("caller_in_call", detail, { callId: holder.callId });
}

/** False if somebody was faster and everything has to be read again. */
async function enter(tools: Tools, request: JoinRequest): Promise<boolean> {
  const outcome = await tools.admission.join(request);
  if (outcome.kind === "client_changed") {
    throw new Problem("no_such_client", "one of the clients has just been removed or given to somebody else");
  }
  return outcome.kind === "joined";
}

/** Rings more people. Who is busy, blocks the one who adds them, or is not to be disturbed does not hear of it. */
export async function addToCall(
  tools: Tools,
  person: Person,
  { callId, clientId, calleeIds }: InputOf<"addToCall">,
): Promise<ReplyOf<"addToCall">> {
  logger.appendKeys({ callId });
  const losses = patience(tools);
  for (;;) {
    const call = await existingCall(tools, callId);
    const acting = ownLeg(call, person, clientId);
    if (isLiving(call, tools.edge.now())) assertRoom(call, acting, calleeIds);
    const [adding, ...callees] = await readClients(tools, [legOf(call, acting).clientId, ...calleeIds]);
    const slots = await readSlots(tools, callees);
    const { decision, clients } = invited(tools, call, { adding, callees, slots });
    if (decision.kind === "over") throw callOver(decision);
    const entering = {
      clients,
      leftCalls: slots.leftBy(clients).filter((left) => left.callId !== callId),
      attempts: { client: adding, next: countedAttempt(tools, adding) },
    };
    if (await enter(tools, { previous: call, next: decision.call, ...entering })) {
      await tools.publisher.publish(decision.events);
      return callView(decision.call, person);
    }
    await losses.lost("conflict");
  }
}

function assertRoom(call: Call, acting: number, calleeIds: readonly string[]): void {
  const { callId } = call;
  if (legOf(call, acting).status !== "joined") {
    throw new Problem("not_in_call", `only those who take part in call ${callId} can add people`, { callId });
  }
  const there = calleeIds.find((clientId) => isHeldBy(call, clientId));
  if (there !== undefined) {
    const errors = [{ field: "calleeIds", message: "expected clients that are not in the call" }];
    throw new Problem("invalid_request", `client ${there} is in call ${callId} already`, { errors });
  }
  if (calleeIds.some((clientId) => clientId === call.callerId)) {
    const errors = [{ field: "calleeIds", message: "expected callees: the caller comes back by rejoinCall" }];
    throw new Problem("invalid_request", `the caller of call ${callId} cannot be called by it`, { errors });
  }
  const active = legsOf(call).filter(({ status }) => status !== "left").length;
  const known = calleeIds.filter((clientId) => legOfClient(call, clientId) !== undefined).length;
  const ever = legsOf(call).length + calleeIds.length - known;
  if (active + calleeIds.length <= MAX_LEGS && ever <= MAX_LEGS_EVER) return;
  throw new Problem("call_full", `a call takes ${MAX_LEGS} people, ${active} are in call ${callId}`, {
    callId,
  });
}

interface Adding {
  readonly adding: Client;
  readonly callees: readonly Client[];
  readonly slots: Slots;
}

function invited({ edge, ringSeconds }: Tools, call: Call, { adding, callees, slots }: Adding) {
  const nowMs = edge.now();
  // The push names the one who began the call: who blocks either of the two is left in peace.
  const callers = [adding, legOf(call, 1)];
  const elsewhere = callees.filter((callee) => slots.holderOf(callee));
  const busy = new Set(elsewhere.map(({ clientId }) => clientId));
  const context = { callers, busy, ringUntilMs: nowMs + ringSeconds * 1000, nowMs };
  const legs = callees.map((callee) => invitation(callee, context));
  const rung = new Set(legs.filter(holdsSlotOf).map(({ clientId }) => clientId));
  const decision = withCause(invite(legs)(call, nowMs));
  return { decision, clients: callees.filter(({ clientId }) => rung.has(clientId)) };
}
