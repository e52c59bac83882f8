/** What a search has found, as the console's server tells it. */
import * as z from "zod/mini";
import type { SearchView } from "../../../tools/console/views.ts";
import { callRow, facts, list, reads } from "./facts.ts";

const text = z.optional(z.string());
const number = z.optional(z.number());

export const searchSchema = reads<SearchView>()(
  facts({
    people: list(
      facts({
        clientId: text,
        name: text,
        username: text,
        email: text,
        devices: list(z.string()),
        lastSeenAtMs: number,
      }),
    ),
    morePeople: number,
    calls: list(callRow),
    looked: facts({
      people: z.number(),
      everyPerson: z.boolean(),
      users: z.number(),
      everyUser: z.boolean(),
      usersProblem: text,
      callIds: number,
      everyCallId: z.optional(z.boolean()),
    }),
  }),
);
export type SearchFacts = z.output<typeof searchSchema>;
export type FoundPerson = SearchFacts["people"][number];
