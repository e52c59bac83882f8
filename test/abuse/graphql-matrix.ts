/**
 * Who may do what by GraphQL: each field and each subscription with what comes of it for each person. A test holds the names to
 * those of the schema.
 */
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Phone } from "../world.ts";
import type { Scene, Who } from "./scene.ts";

interface Asking {
  readonly scene: Scene;
  readonly owner: Phone;
}

/** `done` is a field that is answered, or a subscription that starts; else the type of the error. */
export type Outcome = "done" | "null" | "Unauthorized" | "DynamoDB:ConditionalCheckFailedException";

export interface Row {
  readonly owner: "alice" | "bob";
  readonly args: (asking: Asking) => Shape;
  readonly outcomes: Readonly<Record<Who, Outcome>>;
  /** What it changes, the other cells need. */
  readonly alone?: true;
}

const ownersOnly = (others: Outcome): Row["outcomes"] => ({
  owner: "done",
  another: others,
  blocked: others,
  removed: others,
  operator: others,
});
const anybody = (args: Row["args"] = () => ({})): Row => ({
  owner: "bob",
  args,
  outcomes: ownersOnly("done"),
});
const ownClient: Row = {
  owner: "bob",
  args: ({ owner: { clientId } }) => ({ clientId }),
  outcomes: ownersOnly("Unauthorized"),
};
/** The event bus alone, by its role. */
const nobody = (args: Row["args"]): Row => ({
  owner: "bob",
  args,
  outcomes: { ...ownersOnly("Unauthorized"), owner: "Unauthorized" },
});
const idOf = ({ scene, owner }: Asking): string => String(scene.personIds[owner.owner]);

export const GRAPHQL_MATRIX: Readonly<Record<string, Row>> = {
  "Query.getPerson": anybody((asking) => ({ id: idOf(asking) })),
  "Query.listPeople": anybody(),
  "Query.listPersons": anybody(),
  "Query.myPerson": {
    ...anybody(),
    outcomes: { ...ownersOnly("null") },
  },
  "Query.personByClientId": anybody(({ owner: { clientId } }) => ({ clientId })),
  "Query.peopleByClientIds": anybody(({ owner: { clientId } }) => ({ ids: [clientId] })),
  "Query.searchPeople": anybody(() => ({ name: "" })),
  "Query.getCall": {
    owner: "bob",
    args: ({ scene: { callId } }) => ({ callId }),
    outcomes: { ...ownersOnly("Unauthorized"), removed: "done" },
  },
  "Query.listCalls": ownClient,
  "Mutation.createPerson": {
    owner: "bob",
    args: ({ owner: { clientId } }) => ({ input: { firstName: "Mallory", lastName: "Example", clientId } }),
    outcomes: ownersOnly("Unauthorized"),
  },
  "Mutation.updatePerson": {
    owner: "bob",
    args: (asking) => ({ input: { id: idOf(asking), lastName: "Example" } }),
    outcomes: { ...ownersOnly("Unauthorized"), operator: "DynamoDB:ConditionalCheckFailedException" },
  },
  "Mutation.deletePerson": {
    owner: "bob",
    args: (asking) => ({ input: { id: idOf(asking) } }),
    outcomes: { ...ownersOnly("Unauthorized"), operator: "done" },
    alone: true,
  },
  "Mutation.publishCallUpdate": nobody(({ scene, owner: { clientId } }) => ({
    input: {
      v: 1,
      callId: scene.callId,
      version: 99,
      status: "ended",
      media: "audio",
      callerId: scene.alice.clientId,
      calleeId: clientId,
      createdAtMs: 1,
      ringUntilMs: 1,
      leg: 2,
      clientId,
      otherClientId: scene.alice.clientId,
      role: "callee",
      legStatus: "left",
    },
  })),
  "Mutation.publishClientUpdate": nobody(({ owner: { clientId } }) => ({
    input: { v: 1, clientId, change: "device_token_lost", deviceId: "phone", atMs: 1 },
  })),
  "Subscription.onCreatePerson": anybody(),
  "Subscription.onUpdatePerson": anybody(),
  "Subscription.onDeletePerson": anybody(),
  "Subscription.onCallUpdated": ownClient,
  "Subscription.onClientUpdated": ownClient,
};
