/**
 * Deletes one client: it hangs up, then it is deleted with its devices. Safe to run twice, and to resume anywhere: its
 * person's link and its history are removed again when the client is gone. They go last: a client that registers meanwhile
 * stays, with its link, and the clean-up of its call may write a history row until then (close-call).
 */
import { isOver, legOfClient } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { type FailureReason, type Operation, verdictOn } from "../../calls/clean-up.ts";
import type { CallId, ClientId } from "../../calls/ids.ts";
import { MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import { endLeg } from "../../calls/ending.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import type { ClientDeletions } from "../store/client-deletions.ts";
import type { SeenClient } from "../store/client-reads.ts";
import type { ClientStore } from "../store/client-store.ts";
import { type CallChanging, changeCall } from "../call/change-call.ts";
import type { RuntimeInputs } from "../edge/handler.ts";

export interface DeleteClient extends CallChanging {
  readonly clients: Pick<ClientStore, "read" | "devices">;
  readonly deletions: ClientDeletions;
  /** Removes a deleted client from the directory: its person stays. Safe to repeat. */
  readonly unlinkPerson: (clientId: ClientId) => Promise<void>;
  readonly keepHistory: boolean;
  readonly edge: RuntimeInputs;
}

export interface Outcome {
  readonly result: "deleted" | "already gone" | FailureReason;
  readonly callEnded: boolean;
}

/** `seen`: the client as its batch has just read it. If it has changed since, the write fails. */
export async function deleteClient(
  tools: DeleteClient,
  operation: Operation,
  clientId: ClientId,
  seen?: SeenClient,
): Promise<Outcome> {
  let callEnded = false;
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const known = attempt === 0 ? seen : undefined;
    const client = known ? known.client : await tools.clients.read(clientId);
    if (!client) {
      await forget(tools, operation, clientId);
      return { result: attempt === 0 ? "already gone" : "deleted", callEnded };
    }
    const verdict = verdictOn(client, operation);
    if (verdict !== "delete") return { result: verdict, callEnded };
    if (operation.dryRun) return { result: "deleted", callEnded: client.activeCallId !== undefined };
    callEnded = (await leaveCall(tools, client)) || callEnded;
    const devices = known?.devices ?? (await tools.clients.devices(clientId));
    const removal = { client, devices, ended: client.activeCallId };
    if (await tools.deletions.remove([removal], tools.edge.now())) {
      await forget(tools, operation, clientId);
      return { result: "deleted", callEnded };
    }
  }
  return { result: "try_again", callEnded };
}

/** Removes what is left of a deleted client. Any earlier, the client might register again and would have lost both. */
export async function forget(tools: DeleteClient, operation: Operation, clientId: ClientId): Promise<void> {
  if (!operation.dryRun) await tools.unlinkPerson(clientId);
  await removeHistory(tools, operation, clientId);
}

async function removeHistory(tools: DeleteClient, { dryRun }: Operation, clientId: ClientId): Promise<void> {
  if (!tools.keepHistory && !dryRun) await tools.deletions.removeHistory(clientId);
}

/** True if the client was in a call, and this ended it. */
async function leaveCall(tools: DeleteClient, { activeCallId, clientId }: Client): Promise<boolean> {
  if (activeCallId === undefined) return false;
  const decision = await hangUp(tools, activeCallId, clientId);
  return decision?.kind === "changed";
}

/** A slot may name a call that is over or does not exist: then there is nothing to end. */
function hangUp(tools: DeleteClient, callId: CallId, clientId: ClientId): Promise<Decision | undefined> {
  const rule: Rule = (call, nowMs) => {
    const leg = legOfClient(call, clientId);
    // The function that ended the call announces it.
    if (leg === undefined || isOver(call)) return { kind: "already", call, events: [] };
    return endLeg(leg)(call, nowMs);
  };
  return changeCall(tools, callId, rule, tools.edge.now());
}
