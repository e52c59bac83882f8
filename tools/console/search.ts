/** `search`: people by any part of a name, user name, e-mail address, device or client id; calls by any part of their ids. */
import * as z from "zod";
import { callIdSchema } from "../../calls/ids.ts";
import { latestCallIds } from "./call-ids.ts";
import { everyone, fits } from "./everyone.ts";
import { folded, wordsIn } from "./folded.ts";
import type { CallIds, Someone, User } from "./memory.ts";
import type { Reading } from "./reading.ts";
import { rowsOf, storedCalls } from "./stored-calls.ts";
import { usersFor } from "./user-mails.ts";
import type { CallRow, FoundPerson, SearchView } from "./views.ts";

export const searchQuery = z.strictObject({ q: z.string().trim().min(1).max(200) });

const MOST_PEOPLE = 50;
const MOST_CALLS = 20;
/** What may be a part of an id; shorter parts are in too many. */
const PART_OF_ID = /^[\da-f-]{4,36}$/;

export async function readSearch(reading: Reading, { q }: z.output<typeof searchQuery>): Promise<SearchView> {
  const words = wordsIn(q);
  const [known, mails, calls] = await Promise.all([
    everyone(reading),
    usersFor(reading, q),
    callsNamed(reading, words),
  ]);
  const emails = new Map(mails.users.map((user) => [user.sub, user]));
  const people = known.all.flatMap((one) => fit(one, emails.get(one.sub)?.email ?? "", words));
  // Who signed up and never registered a phone: nothing of theirs can ring.
  const others = [...emails.values()].flatMap((user) =>
    known.bySub.has(user.sub) ? [] : fit(asSomeone(user), user.email, words),
  );
  const found = [...people, ...others];
  return {
    people: found.slice(0, MOST_PEOPLE),
    ...(found.length > MOST_PEOPLE && { morePeople: found.length - MOST_PEOPLE }),
    calls: calls.rows,
    looked: {
      people: known.all.length,
      everyPerson: known.isWhole,
      users: emails.size,
      everyUser: mails.isWhole,
      ...(mails.problem !== undefined && { usersProblem: mails.problem }),
      ...(calls.looked && { callIds: calls.looked.ids.length, everyCallId: calls.looked.isWhole }),
    },
  };
}

const asSomeone = ({ sub, username }: User): Someone => ({
  sub,
  username,
  name: "",
  deviceIds: [],
  lastSeenAtMs: 0,
  text: folded(username),
});

function fit(one: Someone, email: string, words: readonly string[]): FoundPerson[] {
  if (!fits(one, words, email)) return [];
  const { clientId, name, username, deviceIds, lastSeenAtMs } = one;
  return [
    {
      ...(clientId && { clientId }),
      ...(name !== "" && { name }),
      ...(username !== "" && { username }),
      ...(email !== "" && { email }),
      devices: deviceIds.filter((id) => words.some((word) => folded(id).includes(word))),
      ...(lastSeenAtMs > 0 && { lastSeenAtMs }),
    },
  ];
}

interface FoundCalls {
  readonly rows: readonly CallRow[];
  readonly looked?: CallIds;
}

/** A whole id is read by itself, however old the call is. */
async function callsNamed(reading: Reading, [part = "", ...more]: readonly string[]): Promise<FoundCalls> {
  if (more.length > 0 || !PART_OF_ID.test(part)) return { rows: [] };
  const whole = callIdSchema.safeParse(part);
  const looked = whole.success ? undefined : await latestCallIds(reading);
  const ids = whole.success ? [whole.data] : (looked?.ids.filter((id) => id.includes(part)) ?? []);
  const calls = await storedCalls(reading, ids.slice(0, MOST_CALLS));
  const rows = await rowsOf(reading, [...calls.values()], () => undefined);
  return {
    rows: rows.toSorted((one, other) => other.createdAtMs - one.createdAtMs),
    ...(looked && { looked }),
  };
}
