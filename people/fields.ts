/** The steps that answer each field of the schema, in order; each is a file of `resolvers/` and reads one source. */

/** The source of a step: a table, or nothing. */
export type Source = "people" | "owners" | "clients" | "calls" | "nothing";

export const steps = {
  "may-act": "owners",
  "get-person": "people",
  "list-people": "people",
  "search-people": "people",
  "own-client": "clients",
  "read-client-owner": "clients",
  "read-client-owners": "clients",
  "read-owners": "owners",
  "read-people": "people",
  "read-owner": "owners",
  "find-newest-person": "people",
  "write-own-person": "people",
  "read-owner-again": "owners",
  "write-own-person-again": "people",
  "read-own-person": "people",
  "change-person": "people",
  "find-person": "people",
  "delete-person": "people",
  "get-call": "calls",
  "list-calls": "calls",
  "publish-call-update": "nothing",
  "publish-client-update": "nothing",
} as const satisfies Readonly<Record<string, Source>>;

export type Step = keyof typeof steps;

/** Wraps the steps of a field that has several. */
export const AROUND_STEPS = "in-turn";
/** Wraps the steps of a subscription with a filter: AppSync takes the filter from the resolver itself. */
export const AROUND_FILTERED = ["filter-subscription", "follow-client"] as const;
export type Around = typeof AROUND_STEPS | (typeof AROUND_FILTERED)[number];

export const filtered: ReadonlyMap<string, (typeof AROUND_FILTERED)[number]> = new Map([
  ["Subscription.onCreatePerson", "filter-subscription"],
  ["Subscription.onUpdatePerson", "filter-subscription"],
  ["Subscription.onDeletePerson", "filter-subscription"],
  ["Subscription.onCallUpdated", "follow-client"],
  ["Subscription.onClientUpdated", "follow-client"],
]);

export const fields: Readonly<Record<string, readonly [Step, ...Step[]]>> = {
  "Query.getPerson": ["may-act", "get-person"],
  "Query.listPeople": ["may-act", "list-people"],
  "Query.listPersons": ["may-act", "list-people"],
  "Query.myPerson": ["may-act", "read-owner", "find-newest-person", "read-own-person"],
  "Query.personByClientId": [
    "may-act",
    "read-client-owner",
    "read-owner",
    "find-newest-person",
    "read-own-person",
  ],
  "Query.peopleByClientIds": ["may-act", "read-client-owners", "read-owners", "read-people"],
  "Query.searchPeople": ["may-act", "search-people"],
  "Query.getCall": ["may-act", "get-call"],
  "Query.listCalls": ["may-act", "own-client", "list-calls"],
  "Mutation.createPerson": [
    "may-act",
    "own-client",
    "read-owner",
    "find-newest-person",
    "write-own-person",
    "read-owner-again",
    "write-own-person-again",
    "read-own-person",
  ],
  "Mutation.updatePerson": ["may-act", "own-client", "change-person"],
  "Mutation.deletePerson": ["may-act", "find-person", "read-owner", "delete-person"],
  "Mutation.publishCallUpdate": ["publish-call-update"],
  "Mutation.publishClientUpdate": ["publish-client-update"],
  "Subscription.onCreatePerson": ["may-act"],
  "Subscription.onUpdatePerson": ["may-act"],
  "Subscription.onDeletePerson": ["may-act"],
  "Subscription.onCallUpdated": ["may-act", "own-client"],
  "Subscription.onClientUpdated": ["may-act", "own-client"],
};
