/** The directory and the live state of calls, by the stock Amplify client. */
import { generateClient } from "aws-amplify/api";
import { Hub } from "aws-amplify/utils";
import * as z from "zod/mini";
import type { Outcome, Problem } from "../state/commands.ts";
import {
  type OwnCall,
  type OwnCalls,
  ownCallSchema,
  type Page,
  type People,
  type Person,
  personSchema,
} from "../state/people.ts";

const PERSON = "id firstName lastName clientId createdAt updatedAt __typename";
const CALL = `callId version status endReason role legStatus legEndReason otherClientId media
  createdAtMs ringUntilMs answeredAtMs endedAtMs serverNowMs`;

const SEARCH = `query SearchPeople($name: String!, $by: PersonName, $limit: Int, $nextToken: String) {
  searchPeople(name: $name, by: $by, limit: $limit, nextToken: $nextToken) { items { ${PERSON} } nextToken }
}`;
const GET = `query GetPerson($id: ID!) { getPerson(id: $id) { ${PERSON} } }`;
const OF_CLIENT = `query ListPeople($filter: ModelPersonFilterInput, $limit: Int, $nextToken: String) {
  listPeople(filter: $filter, limit: $limit, nextToken: $nextToken) { items { ${PERSON} } nextToken }
}`;
const CREATE = `mutation CreatePerson($input: CreatePersonInput!) { createPerson(input: $input) { ${PERSON} } }`;
const UPDATE = `mutation UpdatePerson($input: UpdatePersonInput!) { updatePerson(input: $input) { ${PERSON} } }`;
const LIST_CALLS = `query ListCalls($clientId: ID!, $limit: Int, $nextToken: String) {
  listCalls(clientId: $clientId, limit: $limit, nextToken: $nextToken) { items { ${CALL} } nextToken }
}`;
const ON_CALL_UPDATED = `subscription OnCallUpdated($clientId: ID!) { onCallUpdated(clientId: $clientId) { ${CALL} } }`;
const CHANGES = ["onCreatePerson", "onUpdatePerson", "onDeletePerson"] as const;

/** Of a page that is read first and filtered then: so many pages are worth a name. */
const MAX_PAGES_FOR_A_NAME = 10;
const LARGEST_PAGE = 1_000;

const client = generateClient();
type Variables = Readonly<Record<string, unknown>>;

const pageOf = <T extends z.ZodMiniType>(item: T) =>
  z.pipe(
    z.object({ items: z.array(item), nextToken: z.nullish(z.string()) }),
    z.transform(({ items, nextToken }): Page<z.infer<T>> => ({ items, ...(nextToken && { nextToken }) })),
  );
const peoplePage = pageOf(personSchema);
const callsPage = pageOf(ownCallSchema);
const maybePerson = z.pipe(
  z.nullish(personSchema),
  z.transform((person) => person ?? undefined),
);

/** One field, parsed. Amplify throws what was refused. */
async function ask<T>(query: string, variables: Variables, schema: z.ZodMiniType<T>): Promise<Outcome<T>> {
  try {
    const reply = await client.graphql({ query, variables });
    const data = "data" in reply ? Object.values(reply.data as object)[0] : undefined; // the one field asked for
    return { ok: true, value: schema.parse(data) };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}

const refusalSchema = z.object({
  errors: z.array(z.object({ message: z.string(), errorType: z.nullish(z.string()) })),
});

function problemOf(error: unknown): Problem {
  const refusal = refusalSchema.safeParse(error);
  const [first] = refusal.success ? refusal.data.errors : [];
  // Amplify words a lost network as an error without a type.
  if (!first || (!first.errorType && /network/i.test(first.message)))
    return {
      code: "network",
      title: "The directory could not be reached",
      detail: first?.message ?? String(error),
    };
  return { code: "unexpected", title: "The directory refused that", detail: first.message };
}

/** The returned function ends the subscription. */
function follow<T>(query: string, variables: Variables, schema: z.ZodMiniType<T>, heard: (value: T) => void) {
  const reply = client.graphql({ query, variables });
  if (!("subscribe" in reply)) throw new Error("not a subscription");
  const subscription = reply.subscribe({
    next: ({ data }) => {
      const parsed = schema.safeParse(Object.values(data as object)[0]);
      if (parsed.success) heard(parsed.data);
    },
    // Amplify dials again by itself and tells so through its hub; what it gives up on is no news for a screen.
    error: (error: unknown) => console.warn("Updates are interrupted.", error),
  });
  return () => subscription.unsubscribe();
}

/**
 * Calls back when the server has taken up a subscription, at first and after each interruption. A connected socket
 * promises less: changes between the two are lost.
 */
const whenFlowing = (field: string, flows: () => void): (() => void) =>
  Hub.listen("api", ({ payload: { event, data } }) => {
    const { query = "" } = (data ?? {}) as { readonly query?: string }; // of Amplify's CONTROL_MSG.SUBSCRIPTION_ACK
    if (event === "Subscription ack" && query.includes(field)) flows();
  });

export const people: People = {
  search: (name, by, page) => ask(SEARCH, { name: name.trim(), by, ...page }, peoplePage),
  get: (id) => ask(GET, { id }, maybePerson),
  async ofClient(clientId) {
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES_FOR_A_NAME; page += 1) {
      const filter = { clientId: { eq: clientId } };
      const got = await ask(OF_CLIENT, { filter, limit: LARGEST_PAGE, nextToken }, peoplePage);
      if (!got.ok) return got;
      if (got.value.items[0]) return { ok: true, value: got.value.items[0] };
      nextToken = got.value.nextToken;
      if (!nextToken) break;
    }
    return { ok: true, value: undefined };
  },
  create: (input) => ask(CREATE, { input }, personSchema),
  update: (input) => ask(UPDATE, { input }, personSchema),
  follow({ changed, connected }) {
    const ends = CHANGES.map((field) =>
      follow(`subscription { ${field} { ${PERSON} } }`, {}, personSchema, (person: Person) =>
        changed({ person, gone: field === "onDeletePerson" }),
      ),
    );
    // The last that is asked for.
    ends.push(whenFlowing("onDeletePerson", connected));
    return () => {
      for (const end of ends) end();
    };
  },
};

/** `timeHeard` is called with the server's time as soon as an update has said it. */
export const callsOf = (clientId: string, timeHeard: (serverNowMs: number) => void): OwnCalls => ({
  list: (page) => ask(LIST_CALLS, { clientId, ...page }, callsPage),
  follow({ updated, connected }) {
    const endFlowing = whenFlowing("onCallUpdated", connected);
    const end = follow(ON_CALL_UPDATED, { clientId }, ownCallSchema, (call: OwnCall) => {
      timeHeard(call.serverNowMs);
      updated(call);
    });
    return () => {
      end();
      endFlowing();
    };
  },
});
