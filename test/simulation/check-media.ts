/** Y7 and Y8: who is on which stage. */
import { type Call, isOver, legNumbers, legOf } from "../../calls/call.ts";
import { participantOf } from "../../calls/ids.ts";
import type { Checking, OpenChecker } from "./checking.ts";
import type { Participant } from "./memory-ivs.ts";
import { callOf, isCallRow, stageOf, stagesOf } from "./stored.ts";

/** An ended leg hears nothing after this. */
const SILENT_AFTER_MS = 15_000;

export const checkMedia: OpenChecker = (checking) => {
  const { report } = checking;

  function checkSilence(callId: string, leg: number): void {
    const call = callOf(checking.stack, callId);
    const arn = call && arnOf(call);
    if (!call || !arn) return;
    const there = checking.stack.ivs.connected(arn);
    const over = there.find((one) => participantOf(one.participantId)?.leg === leg && isPartOver(call, one));
    const heard = there.find((one) => one.publishing && one.participantId !== over?.participantId);
    if (over && heard) report("Y7", `${over.participantId} hears ${heard.participantId}`, callId);
  }

  return {
    onWrite({ before, after }) {
      if (after?.["status"] === "leased" && before?.["status"] !== "leased") checkLease(checking, after);
      if (!checking.awsWorks || !after || !isCallRow(after)) return;
      const is = after as unknown as Call;
      const { time } = checking.stack;
      for (const leg of legNumbers(is)) {
        const left =
          legOf(is, leg).status === "left" && (before as Call | undefined)?.legs[leg]?.status !== "left";
        if (left) time.at(time.now() + SILENT_AFTER_MS, () => checkSilence(is.callId, leg));
      }
    },
    onJoin({ callId, stageArn, participantId }) {
      const stage = stageOf(checking.stack, stageArn);
      const served = stage?.["callId"];
      const isSafe = stage === undefined || served === callId || stage["status"] === "retiring";
      if (!isSafe) {
        report(
          "Y8",
          `${participantId} joins a stage that is ${String(stage["status"])} for ${String(served)}`,
          callId,
        );
      }
    },
    conclude() {
      for (const { arn } of stagesOf(checking.stack)) {
        for (const one of checking.stack.ivs.connected(String(arn))) {
          const call = callOf(checking.stack, one.callId);
          if (!call || isPartOver(call, one))
            report("Y7", `${one.participantId} is still on a stage`, one.callId);
        }
      }
    },
  };
};

const arnOf = ({ stage }: Call): string | undefined => (stage as { readonly arn?: string } | undefined)?.arn;

function isPartOver(call: Call, { participantId }: Participant): boolean {
  const own = participantOf(participantId);
  const leg = own && call.legs[own.leg];
  if (!own || !leg || isOver(call) || leg.status === "left") return true;
  return own.tokenNumber <= (leg.tokensOver ?? 0);
}

function checkLease({ report, stack }: Checking, stage: Readonly<Record<string, unknown>>): void {
  const callId = String(stage["callId"]);
  const stranger = stack.ivs.connected(String(stage["arn"])).find((one) => one.callId !== callId);
  if (stranger) report("Y8", `${stranger.participantId} is on the stage that is leased`, callId);
}
