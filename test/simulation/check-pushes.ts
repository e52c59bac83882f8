/** Y5: what is pushed to phones. */
import { type Call, isOver, isRung, legOf, legOfClient, legsOf } from "../../calls/call.ts";
import { hasPhonesToTell } from "../../calls/pushes-due.ts";
import type { OpenChecker } from "./checking.ts";
import { callOf, callsOf, isCallRow } from "./stored.ts";

/** From the read of a call until its push is sent: the last attempt, and a slow request. */
const UNDER_WAY_MS = 15_000;

export const checkPushes: OpenChecker = (checking) => {
  const { report } = checking;
  /** When a leg was last seen to ring. */
  const rangAtMs = new Map<string, number>();
  return {
    onWrite({ before }) {
      if (!before || !isCallRow(before)) return;
      const was = before as unknown as Call;
      const nowMs = checking.stack.time.now();
      for (const leg of legsOf(was)) if (isRung(leg)) rangAtMs.set(`${was.callId} ${leg.clientId}`, nowMs);
    },
    onPushSent({ data }) {
      if (data["type"] !== "incoming_call") return;
      const [callId, clientId] = [String(data["call_id"]), String(data["receiver_id"])];
      const call = callOf(checking.stack, callId);
      const number = call && legOfClient(call, clientId);
      if (!call || number === undefined)
        return report("Y5", `${clientId} is rung for a call without it`, callId);
      const leg = legOf(call, number);
      const nowMs = checking.stack.time.now();
      if (leg.silenced) report("Y5", "a silenced phone is rung", callId);
      if (nowMs > leg.ringUntilMs + UNDER_WAY_MS) report("Y5", "a phone is rung after its ring time", callId);
      const agoMs = isRung(leg) ? 0 : nowMs - (rangAtMs.get(`${callId} ${clientId}`) ?? 0);
      if (agoMs > UNDER_WAY_MS) report("Y5", `a phone is rung ${agoMs} ms after its ring was over`, callId);
    },
    conclude() {
      if (!checking.awsWorks) return;
      for (const call of callsOf(checking.stack)) {
        // A leg that ended before its phones rang has none that must be told.
        const rang = legsOf(call).filter(({ told }) => told === "incoming_call");
        if (isOver(call) && rang.some(hasPhonesToTell))
          report("Y5", "phones were not told of the end", call.callId);
      }
    },
  };
};
