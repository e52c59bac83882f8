/**
 * Sends the pushes that the call demands now, and records the outcome of each. The type is derived from the call, and no
 * device gets the same type twice, so running it again, or late, does no harm.
 */
import * as z from "zod/mini";
import { type Call, legOf, legsOf, PUSH_OUTCOMES } from "../../calls/call.ts";
import { callIdSchema, clientIdSchema } from "../../calls/ids.ts";
import { UNNOTIFIED_PAUSE_SECONDS } from "../../calls/limits.ts";
import { countOutcomes, type LegOutcomes, legsToTell, recordPushes } from "../../calls/pushes.ts";
import { hasPhonesToTell } from "../../calls/pushes-due.ts";
import { passTime } from "../../calls/ending.ts";
import { type WorkflowView, workflowView } from "../../calls/snapshot.ts";
import { shownName } from "../../people/name-text.ts";
import { changeKnownCall, changeOrAnnounce } from "../call/change-call.ts";
import { count, logger } from "../edge/handler.ts";
import { readingAhead } from "./read-ahead.ts";
import { type SendPush, tellLeg } from "./tell-leg.ts";

export const sendPushInput = z.object({
  callId: callIdSchema,
  /** Clients whose phones are read beside the call. Absent in executions of the previous release: their phones are read after it. */
  phonesOf: z.optional(z.array(clientIdSchema)),
  /** Callees that have not answered miss the call, which is written first. */
  ringIsOver: z.optional(z.boolean()),
  /** The turn that the workflow has followed. */
  turn: z.optional(z.int().check(z.nonnegative())),
});

export async function sendPush(
  given: SendPush,
  request: z.infer<typeof sendPushInput>,
): Promise<WorkflowView> {
  const { callId } = request;
  logger.appendKeys({ callId });
  const tools = readingAhead(given, request.phonesOf);
  const call = await callToTell(tools, request);
  logger.appendKeys({ causedBy: call.causedBy });
  const due = legsToTell(call, tools.edge.now()).filter(({ leg }) => hasPhonesToTell(legOf(call, leg)));
  if (due.length === 0) return workflowView(call);
  tools.sender.prepare?.();
  const callerName = callerNameOf(tools, call);
  const notified = await Promise.allSettled(due.map((leg) => tellLeg(tools, { ...leg, call, callerName })));
  const ringLater = due.some(
    ({ type }, index) => type === "incoming_call" && notified[index]?.status === "rejected",
  );
  const results = resultsOf(notified, ringLater && wasAnyLegNotified(call));
  report(results);
  const { call: stands } = await changeKnownCall(tools, callId, recordPushes(results), tools.edge.now());
  const view = workflowView(stands);
  return ringLater ? dueSoon(view, tools.edge.now()) : view;
}

const wasAnyLegNotified = (call: Call): boolean => legsOf(call).some(({ told }) => told !== undefined);

/** Some phones that should ring do not. The workflow finds this when it next reads the call: soon, while it rings. */
const dueSoon = (view: WorkflowView, nowMs: number): WorkflowView => ({
  ...view,
  dueAtMs: Math.min(view.dueAtMs, nowMs + UNNOTIFIED_PAUSE_SECONDS * 1000),
});

async function callToTell(
  tools: SendPush,
  { callId, ringIsOver, turn }: z.infer<typeof sendPushInput>,
): Promise<Call> {
  if (ringIsOver) return (await changeOrAnnounce(tools, { callId, turn }, passTime, tools.edge.now())).call;
  const call = await tools.calls.read(callId);
  if (!call) throw new Error(`call ${callId} does not exist`);
  return call;
}

/** A failed leg must not lose the outcomes of the others; if every leg failed, the run fails. */
function resultsOf(
  notified: readonly PromiseSettledResult<LegOutcomes | undefined>[],
  othersNotified: boolean,
): LegOutcomes[] {
  const failures = notified.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  if (failures.length === notified.length && !othersNotified) throw failures[0];
  for (const error of failures) logger.error("leg not told", { error });
  return notified.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
}

/** Read again if the call was closed before its phones were notified, or was admitted by the previous release. */
async function callerNameOf({ clients, directory }: SendPush, call: Call): Promise<string> {
  if (call.callerName !== undefined) return call.callerName;
  const caller = legsOf(call).find(({ clientId }) => clientId === call.callerId);
  const [name, client] = await Promise.all([
    caller && directory.nameOf(caller.sub),
    clients.read(call.callerId),
  ]);
  return shownName(name, client?.username ?? "");
}

function report(results: readonly LegOutcomes[]): void {
  const types = [...new Set(results.map(({ type }) => type))];
  const counts = countOutcomes(results);
  logger.info("pushed", { types, ...counts });
  for (const outcome of PUSH_OUTCOMES)
    if (counts[outcome] !== undefined) count(`Pushes_${outcome}`, counts[outcome]);
}
