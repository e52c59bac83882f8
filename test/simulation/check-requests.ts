/** Y9: what phones were told of their requests. */
import { type Call, type Leg, legNumbers, legOf } from "../../calls/call.ts";
import type { OpenChecker } from "./checking.ts";
import type { Asked } from "./people.ts";
import { callOf } from "./stored.ts";

export const checkRequests: OpenChecker = (checking) => {
  const { report } = checking;
  return {
    onAsked(asked) {
      const { reply, act } = asked;
      if (!reply) return;
      const callId = asked.callId ?? (reply.body["callId"] as string | undefined);
      const { status, body } = reply;
      if (status >= 500 && checking.awsWorks && body["code"] !== "no_stage") {
        report(
          "Y9",
          `${act} was answered ${status} ${String(body["code"])} ${String(body["detail"])}`,
          callId,
        );
      }
      // The call may have become another than the plan has: then it may name its caller.
      if (status === 400 && act !== "add")
        report("Y9", `${act} was invalid: ${JSON.stringify(body["errors"])}`, callId);
      if (status !== 200 || callId === undefined) return;
      const call = callOf(checking.stack, callId);
      if (!call) return report("Y9", `${act} succeeded in a call that does not exist`, callId);
      const effect = EFFECT[act];
      if (effect && !effect(asked, call)) report("Y9", `${act} was accepted without effect`, callId);
    },
  };
};

const legOfAsked = ({ clientId }: Asked, call: Call): Leg | undefined =>
  legNumbers(call)
    .map((number) => legOf(call, number))
    .find((leg) => leg.clientId === clientId);

/** When the reply comes, later requests may have had their effect too: a leg that joined may have left. */
const EFFECT: Readonly<Partial<Record<Asked["act"], (asked: Asked, call: Call) => boolean>>> = {
  call: (asked, call) => call.callerId === asked.clientId || legOfAsked(asked, call) !== undefined,
  answer: (asked, call) =>
    legOfAsked(asked, call)?.joinedAtMs !== undefined && call.answeredAtMs !== undefined,
  "take over": (asked, call) => legOfAsked(asked, call)?.joinedAtMs !== undefined,
  decline: (asked, call) => hasLeft(legOfAsked(asked, call)),
  end: (asked, call) => asked.reply?.body["ended"] !== true || hasLeft(legOfAsked(asked, call)),
  ring: (asked, call) => {
    const leg = legOfAsked(asked, call);
    return leg?.ringingAtMs !== undefined || leg?.status !== "invited";
  },
};

/** It may have been called or have come back since. */
const hasLeft = (leg: Leg | undefined): boolean =>
  leg !== undefined && (leg.status === "left" || leg.tokenCount > 1);
