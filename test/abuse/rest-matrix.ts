/**
 * Who may do what by REST: one row or several for each action, with what comes of it for each person. The compiler asks for
 * the row of a new action. Docs: SECURITY.md.
 */
import type { Action } from "../../api/commands.ts";
import type { ProblemCode } from "../../api/problems.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Phone } from "../world.ts";
import type { Scene, Who } from "./scene.ts";

export interface Asking {
  readonly scene: Scene;
  /** Who owns what the request names. */
  readonly owner: Phone;
  readonly actor: Phone;
}

/** `done` is any 2xx. */
export type Outcome = "done" | ProblemCode;

export interface Row {
  /** Where an action has several rows: what tells this one apart. */
  readonly of?: string;
  readonly owner: "alice" | "bob";
  readonly input: (asking: Asking) => Shape;
  readonly outcomes: Readonly<Record<Who, Outcome>>;
  /** Which spelling can say this; both without it. */
  readonly only?: "envelope";
  /** A refusal is recorded, as a call that found its callee busy. */
  readonly recorded?: true;
}

/** The owner alone may; an operator is no exception. */
const ownersOnly = (others: Outcome): Row["outcomes"] => ({
  owner: "done",
  another: others,
  blocked: others,
  removed: others,
  operator: others,
});
const everybody = ownersOnly("done");

const client = (more: (asking: Asking) => Shape = () => ({})): Row => ({
  owner: "bob",
  input: (asking) => ({ clientId: asking.owner.clientId, ...more(asking) }),
  outcomes: ownersOnly("not_your_client"),
});

/** As somebody who names the owner's client. Carol, who was removed, names her own: the call is none of hers any more. */
const inCall = (owner: Row["owner"], more: Shape = {}): Row => ({
  owner,
  input: ({ scene, owner: { clientId }, actor }) => ({
    callId: scene.callId,
    clientId: actor === scene.carol ? actor.clientId : clientId,
    ...more,
  }),
  outcomes: { ...ownersOnly("not_your_call"), removed: "removed_from_call" },
});

/** To Carol, who took part, the ring is over. */
const ofRinging: Row = { ...inCall("bob"), outcomes: { ...inCall("bob").outcomes, removed: "call_over" } };

/** Everybody may ask for their own, and the reply shows nothing of others. */
export const OWN_ALONE: ReadonlySet<Action> = new Set(["listClients"]);

export const REST_MATRIX: { readonly [A in Action]: readonly [Row, ...Row[]] } = {
  register: [
    client(({ actor }) => ({ notifyType: "GCM", deviceToken: `${actor.owner}-other`, deviceId: "other" })),
  ],
  unregister: [client(() => ({ deviceId: "phone" }))],
  listClients: [{ owner: "bob", input: () => ({}), outcomes: everybody }],
  getClient: [client()],
  blockClient: [client(({ scene }) => ({ blockedId: scene.alice.clientId }))],
  unblockClient: [client(({ scene }) => ({ blockedId: scene.dave.clientId }))],
  setDoNotDisturb: [client(() => ({ untilMs: null }))],
  initiateCall: [
    {
      of: "in the owner's name",
      owner: "bob",
      input: ({ scene, owner }) => ({ callerId: owner.clientId, calleeId: scene.alice.clientId }),
      outcomes: ownersOnly("not_your_client"),
    },
    {
      // Alice, who is in a call. To Dave, whom she blocks, even that does not show.
      of: "from one's own client",
      owner: "bob",
      input: ({ scene, actor }) => ({ callerId: actor.clientId, calleeId: scene.alice.clientId }),
      outcomes: { ...ownersOnly("callee_busy"), owner: "done", blocked: "done" },
      recorded: true,
    },
  ],
  answerCall: [inCall("bob")],
  declineCall: [ofRinging],
  ackRinging: [ofRinging],
  rejoinCall: [inCall("alice")],
  addToCall: [
    {
      ...inCall("alice"),
      input: ({ scene, owner, actor }) => ({
        callId: scene.callId,
        ...(actor !== scene.olivia && { clientId: actor === scene.carol ? actor.clientId : owner.clientId }),
        calleeIds: [scene.mallory.clientId],
      }),
      outcomes: { ...ownersOnly("not_your_call"), removed: "not_in_call", operator: "done" },
    },
    {
      of: "adding the person who was removed",
      owner: "alice",
      input: ({ scene }) => ({ callId: scene.callId, calleeIds: [scene.carol.clientId] }),
      outcomes: {
        ...ownersOnly("not_your_call"),
        owner: "removed_from_call",
        removed: "not_in_call",
        operator: "done",
      },
    },
  ],
  endCall: [
    {
      ...inCall("alice"),
      outcomes: { ...ownersOnly("not_your_client"), removed: "done", operator: "done" },
    },
    {
      of: "for everyone",
      owner: "alice",
      input: ({ scene, owner }) => ({ callId: scene.callId, clientId: owner.clientId, everyone: true }),
      outcomes: { ...ownersOnly("operators_only"), owner: "operators_only", operator: "done" },
    },
    {
      of: "without a call",
      ...client(() => ({ deviceId: "phone" })),
      owner: "alice",
      only: "envelope",
    },
  ],
  getCall: [
    {
      owner: "bob",
      input: ({ scene }) => ({ callId: scene.callId }),
      outcomes: { ...ownersOnly("not_your_call"), removed: "done", operator: "done" },
    },
  ],
  listCalls: [client()],
  deleteClientIds: [
    {
      owner: "bob",
      input: ({ owner }) => ({ clientIds: [owner.clientId] }),
      outcomes: { ...ownersOnly("invalid_request"), operator: "done" },
    },
  ],
  getOperation: [
    {
      owner: "alice",
      input: ({ scene }) => ({ operationId: scene.operationId }),
      outcomes: { ...ownersOnly("no_such_operation"), operator: "done" },
    },
  ],
};
