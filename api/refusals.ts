/**
 * Which problems each command can give: one table for the OpenAPI document and docs/errors.md. Tests hold it to the handlers:
 * every reply of a whole-call test is looked up here, and each entry is provoked (test/api/refusals.test.ts).
 */
import { type Action, commands } from "./commands.ts";
import type { ProblemCode } from "./problems.ts";

const CLIENT = ["not_your_client", "no_such_client"] as const;
const CALL = ["not_your_call", "no_such_call"] as const;
/** A call that rings or goes on, which may end or lose the person meanwhile. */
const LIVING_CALL = [...CALL, "removed_from_call", "call_over"] as const;

const OWN: { readonly [A in Action]: readonly ProblemCode[] } = {
  register: [...CLIENT, "too_many_clients", "too_many_registrations"],
  unregister: CLIENT,
  listClients: [],
  getClient: CLIENT,
  blockClient: CLIENT,
  unblockClient: CLIENT,
  setDoNotDisturb: CLIENT,
  initiateCall: [
    ...CLIENT,
    "removed_from_call",
    "caller_in_call",
    "callee_busy",
    "call_over",
    "idempotency_key_reused",
    "too_many_calls",
    "no_stage",
  ],
  answerCall: [...LIVING_CALL, "no_such_client", "caller_in_call"],
  declineCall: LIVING_CALL,
  ackRinging: LIVING_CALL,
  rejoinCall: [...LIVING_CALL, "no_such_client", "not_in_call", "on_another_device", "caller_in_call"],
  addToCall: [...LIVING_CALL, "no_such_client", "not_in_call", "call_full", "too_many_calls"],
  endCall: [...CLIENT, ...CALL, "removed_from_call", "operators_only", "on_another_device"],
  getCall: CALL,
  listCalls: CLIENT,
  deleteClientIds: ["idempotency_key_reused", "too_many_deletions"],
  getOperation: ["no_such_operation"],
};

/** The gateway lets ID tokens through; an operator signs people out; what fails inside may be repeated. */
const ANY = ["access_token_required", "signed_out", "try_again"] as const satisfies ProblemCode[];

export function refusalsOf(action: Action): readonly ProblemCode[] {
  const command = commands.find((one) => one.action === action);
  const takesInput = Object.keys(command?.input.shape ?? {}).length > 0;
  const takesBody = command?.route.method === "POST";
  return [
    ...(takesInput ? (["invalid_request"] as const) : []),
    ...OWN[action],
    ...(takesBody ? (["body_too_large"] as const) : []),
    ...ANY,
  ];
}

/** The envelope alone reads an action from the body. */
export const ENVELOPE_REFUSALS = [
  "invalid_request",
  "unknown_action",
  "body_too_large",
] as const satisfies ProblemCode[];
