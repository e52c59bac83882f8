import { expect, test } from "vitest";
import { request, startWorld } from "../world.ts";

test("a filter of 4,000 terms is refused at once, with DynamoDB's error", async () => {
  await using world = await startWorld();
  const alice = await world.phone("alice");
  const or = Array.from({ length: 4_000 }, (_, index) => ({ lastName: { eq: `Adams ${index}` } }));
  const query =
    "query List($filter: ModelPersonFilterInput) { listPeople(filter: $filter) { items { id } } }";
  const { body } = await request(
    world.runtime,
    alice.accessToken,
    JSON.stringify({ query, variables: { filter: { or } } }),
    {
      path: "/graphql",
    },
  );
  expect(body["errors"]).toMatchObject([
    {
      errorType: "DynamoDB:ValidationException",
      message: expect.stringContaining("Expression size has exceeded the maximum allowed size"),
    },
  ]);
});
