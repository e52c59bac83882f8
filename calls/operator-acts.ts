/** What each operator did to a call, recorded in the write that does it. */
import type { Call, Leg, OperatorAct } from "./call.ts";
import { MAX_OPERATOR_ACTS } from "./limits.ts";

/** As the access token names them. */
export type Operator = Pick<OperatorAct, "sub" | "username">;

type What = Pick<OperatorAct, "act" | "clientId">;

export function withAct(call: Call, what: What, { sub, username }: Operator, atMs: number): Call {
  const acts = [...(call.operatorActs ?? []), { ...what, sub, username, atMs }];
  return { ...call, operatorActs: acts.slice(-MAX_OPERATOR_ACTS) };
}

export const withRemoval = (call: Call, sub: string): Call => ({
  ...call,
  removedSubs: [...(call.removedSubs ?? []), sub],
});

/** An operator adds these people: a person that an operator had removed may join again. */
export const withAdded = (call: Call, legs: readonly Leg[], operator: Operator, atMs: number): Call =>
  legs.reduce(
    (rest, { clientId, sub }) =>
      withAct(withoutRemoval(rest, sub), { act: "added", clientId }, operator, atMs),
    call,
  );

function withoutRemoval({ removedSubs = [], ...call }: Call, sub: string): Call {
  const others = removedSubs.filter((one) => one !== sub);
  return others.length > 0 ? { ...call, removedSubs: others } : call;
}
