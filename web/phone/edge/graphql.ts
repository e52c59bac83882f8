/** The directory and the live state of calls, over the client's own GraphQL. */
import type { Graphql, Variables } from "../../../packages/client/src/wire/graphql.ts";
import type { LiveUpdates } from "../../../packages/client/src/wire/live-updates.ts";
import { OWN_CALL_FIELDS, readOwnCall } from "../../../packages/client/src/wire/own-call.ts";
import { list, maybe, object, type Reader, text, tryRead } from "../../../packages/client/src/wire/read.ts";
import { type OwnCalls, type Page, type People, type Person, readPerson } from "../state/people.ts";

const PERSON = "id firstName lastName clientId createdAt updatedAt __typename";

const SEARCH = `query SearchPeople($name: String!, $by: PersonName, $limit: Int, $nextToken: String) {
  searchPeople(name: $name, by: $by, limit: $limit, nextToken: $nextToken) { items { ${PERSON} } nextToken }
}`;
const GET = `query GetPerson($id: ID!) { getPerson(id: $id) { ${PERSON} } }`;
const OF_CLIENT = `query PersonByClientId($clientId: ID!) { personByClientId(clientId: $clientId) { ${PERSON} } }`;
const CREATE = `mutation CreatePerson($input: CreatePersonInput!) { createPerson(input: $input) { ${PERSON} } }`;
const UPDATE = `mutation UpdatePerson($input: UpdatePersonInput!) { updatePerson(input: $input) { ${PERSON} } }`;
const LIST_CALLS = `query ListCalls($clientId: ID!, $limit: Int, $nextToken: String) {
  listCalls(clientId: $clientId, limit: $limit, nextToken: $nextToken) { items { ${OWN_CALL_FIELDS} } nextToken }
}`;
const ON_CALL_UPDATED = `subscription OnCallUpdated($clientId: ID!) {
  onCallUpdated(clientId: $clientId) { ${OWN_CALL_FIELDS} }
}`;
const CHANGES = ["onCreatePerson", "onUpdatePerson", "onDeletePerson"] as const;

const pageOf = <T>(item: Reader<T>): Reader<Page<T>> => object({ items: list(item), nextToken: maybe(text) });
const peoplePage = pageOf<Person>(readPerson);
const callsPage = pageOf(readOwnCall);
const maybePerson: Reader<Person | undefined> = maybe(readPerson);

export function peopleOf(graphql: Graphql, live: LiveUpdates): People {
  return {
    search: (name, by, page) => graphql.ask(SEARCH, { name: name.trim(), by, ...page }, peoplePage),
    get: (id) => graphql.ask(GET, { id }, maybePerson),
    ofClient: (clientId) => graphql.ask(OF_CLIENT, { clientId }, maybePerson),
    create: (input) => graphql.ask(CREATE, { input }, readPerson),
    update: (input) => graphql.ask(UPDATE, { input }, readPerson),
    follow({ changed, connected }) {
      const ends = CHANGES.map((field, index) =>
        follow(live, `subscription { ${field} { ${PERSON} } }`, {}, readPerson, {
          heard: (person) => changed({ person, gone: field === "onDeletePerson" }),
          // The last that is asked for.
          flowing: () => index === CHANGES.length - 1 && connected(),
        }),
      );
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

interface Ears<T> {
  readonly heard: (value: T) => void;
  readonly flowing: () => void;
}

function follow<T>(
  live: LiveUpdates,
  query: string,
  variables: Variables,
  reader: Reader<T>,
  ears: Ears<T>,
): () => void {
  return live.follow({
    query,
    variables,
    heard(value) {
      const read = tryRead(reader, value);
      if (read) ears.heard(read);
    },
    flowing: ears.flowing,
  });
}

interface CallsWorld {
  readonly clientId: string;
  readonly graphql: Graphql;
  readonly live: LiveUpdates;
  /** Called with the server's time as soon as an update has said it. */
  readonly timeHeard: (serverNowMs: number) => void;
}

export const callsOf = ({ clientId, graphql, live, timeHeard }: CallsWorld): OwnCalls => ({
  list: (page) => graphql.ask(LIST_CALLS, { clientId, ...page }, callsPage),
  follow: ({ updated, connected }) =>
    follow(live, ON_CALL_UPDATED, { clientId }, readOwnCall, {
      heard(call) {
        timeHeard(call.serverNowMs);
        updated(call);
      },
      flowing: connected,
    }),
});
