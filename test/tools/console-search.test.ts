/** The console's search box finds a person or a call by anything known of them. */
import { CognitoIdentityProviderClient, ListUsersCommand } from "@aws-sdk/client-cognito-identity-provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folded, wordsIn } from "../../tools/console/folded.ts";
import type { Reading } from "../../tools/console/reading.ts";
import { remembered } from "../../tools/console/remembered.ts";
import { usersFor } from "../../tools/console/user-mails.ts";
import type { SearchView } from "../../tools/console/views.ts";
import { answered, asker, CREATE_PERSON } from "../people/graphql-world.ts";
import { type ConsoleWorld, startConsoleWorld } from "./console-world.ts";

test.each([
  ["Zoë", "zoe"],
  ["ZOE\u0308", "zoe"],
  ["Straße", "strasse"],
  ["Łukasz Ørsted", "lukasz orsted"],
  ["ﬁne", "fine"],
])("%s is compared as %s", (text, as) => {
  expect(folded(text)).toBe(as);
});

test("a search is split into words, and an id may have the console's short form", () => {
  expect(wordsIn("  Bob …ab12 ")).toEqual(["bob", "ab12"]);
});

describe("in a stack", () => {
  let at: ConsoleWorld;
  let alicesEmail: string;
  beforeAll(async () => {
    at = await startConsoleWorld();
    const people = await asker(at.world, "alice");
    const input = { firstName: "Zoë", lastName: "Ångström", clientId: at.alice.clientId };
    answered(await people.ask(CREATE_PERSON, { input }), "createPerson");
    await at.world.phone("dave", { deviceId: "darens-phone" });
    alicesEmail = "alice@example.com";
    await at.world.clock.advance(31_000);
  });
  afterAll(async () => at?.world[Symbol.asyncDispose]());

  const search = (q: string) => at.view<SearchView>(`search?q=${encodeURIComponent(q)}`);
  const usernames = async (q: string) => (await search(q)).people.map(({ username }) => username);

  test.each([
    ["a name without its accents, in any case", "ZOE"],
    ["two words in any order", "angstrom zoe"],
    ["a part of a name", "ngstr"],
    ["a user name", "alice"],
    ["a part of an e-mail address", "lice@exam"],
  ])("a person is found by %s", async (_what, q) => {
    expect(await usernames(q)).toEqual(["alice"]);
  });

  test("a person is found by a client id or a part of it, and by a device, which the result names", async () => {
    for (const q of [at.bob.clientId, at.bob.clientId.slice(4, 20), at.bob.clientId.toUpperCase()])
      expect(await usernames(q)).toEqual(["bob"]);
    const { people } = await search("ARENS-phone");
    expect(people).toMatchObject([{ username: "dave", devices: ["darens-phone"] }]);
  });

  test("a person who has signed up but has no client is found without one", async () => {
    const { people } = await search("olivia@");
    expect(people).toEqual([{ username: "olivia", email: "olivia@example.com", devices: [] }]);
    expect((await search(alicesEmail)).people).toMatchObject([
      { clientId: at.alice.clientId, email: alicesEmail },
    ]);
  });

  test("a call is found by its id or by any part of it", async () => {
    const { missed } = at.calls;
    for (const q of [missed, missed.toUpperCase(), missed.slice(-12), `…${missed.slice(-12)}`])
      expect((await search(q)).calls).toMatchObject([{ callId: missed, endReason: "missed" }]);
    expect((await search("01a3ffff-0000-7000-8000-000000000000")).calls).toEqual([]);
  });

  test("the result says how much was searched", async () => {
    expect(await search("nobody at all")).toEqual({
      people: [],
      calls: [],
      looked: { people: 4, everyPerson: true, users: 5, everyUser: true },
    });
    expect((await search("beef")).looked).toMatchObject({ callIds: 3, everyCallId: true });
  });

  test("an empty search is refused", async () => {
    expect(await at.reply("search?q=")).toMatchObject({ status: 400 });
  });
});

describe("a user pool", () => {
  const reading = (send: (command: ListUsersCommand) => Promise<unknown>): Reading => {
    const cognito = new CognitoIdentityProviderClient({ region: "us-east-1" });
    cognito.send = send as typeof cognito.send;
    const users = remembered<never>({ most: 20, now: () => 0 });
    // The search uses no other member of a reading.
    return { cognito, stack: { userPoolId: "pool" }, memory: { users } } as unknown as Reading;
  };

  test("that is large is read in part, and Cognito searches the beginnings of addresses", async () => {
    const filters: (string | undefined)[] = [];
    const found = await usersFor(
      reading(async ({ input: { Filter } }) => {
        filters.push(Filter);
        return {
          Users: [{ Username: Filter ?? "one" }],
          ...(Filter === undefined && { PaginationToken: "more" }),
        };
      }),
      'Zoe"',
    );
    expect(filters).toHaveLength(51);
    expect(filters.at(-1)).toBe('email ^= "zoe\\""');
    expect(found.isWhole).toBe(false);
    expect(found.users).toHaveLength(51);
  });

  test("that the credentials may not read does not affect the rest of the search, and the result gives the reason", async () => {
    const denied = Object.assign(new Error("not authorized to perform: cognito-idp:ListUsers"), {
      name: "AccessDeniedException",
    });
    expect(
      await usersFor(
        reading(() => Promise.reject(denied)),
        "zoe",
      ),
    ).toEqual({
      users: [],
      isWhole: false,
      problem: "not authorized to perform: cognito-idp:ListUsers",
    });
  });
});
