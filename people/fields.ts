/** Which steps answer which field of the schema, in order; each is a file of `resolvers/` and asks one source. */

/** What steps read and write: a table, or nothing. */
export type Source = "people" | "owners" | "clients" | "calls" | "nothing";

export const steps = {
  "get-person": "people",
  "list-people": "people",
  "search-people": "people",
  "own-client": "clients",
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
  "filter-subscription": "nothing",
} as const satisfies Readonly<Record<string, Source>>;

export type Step = keyof typeof steps;

/** Around a field that has several steps. */
export const AROUND_STEPS = "in-turn";

export const fields: Readonly<Record<string, readonly [Step, ...Step[]]>> = {
  "Query.getPerson": ["get-person"],
  "Query.listPeople": ["list-people"],
  "Query.listPersons": ["list-people"],
  "Query.searchPeople": ["search-people"],
  "Query.getCall": ["get-call"],
  "Query.listCalls": ["own-client", "list-calls"],
  "Mutation.createPerson": [
    "own-client",
    "read-owner",
    "find-newest-person",
    "write-own-person",
    "read-owner-again",
    "write-own-person-again",
    "read-own-person",
  ],
  "Mutation.updatePerson": ["own-client", "change-person"],
  "Mutation.deletePerson": ["find-person", "read-owner", "delete-person"],
  "Mutation.publishCallUpdate": ["publish-call-update"],
  "Subscription.onCreatePerson": ["filter-subscription"],
  "Subscription.onUpdatePerson": ["filter-subscription"],
  "Subscription.onDeletePerson": ["filter-subscription"],
  "Subscription.onCallUpdated": ["own-client"],
};
