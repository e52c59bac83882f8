/** The e-mail addresses of the user pool. A small pool is read whole; of a large one Cognito finds beginnings only. */
import { ListUsersCommand, type UserType } from "@aws-sdk/client-cognito-identity-provider";
import type { User, Users } from "./memory.ts";
import type { Reading } from "./reading.ts";

/** What one ListUsers gives, and how many of them are made: 3,000 users. */
const PAGE = 60;
const MOST_PAGES = 50;

/** Those of a pool that is read whole, or whose address begins so. */
export async function usersFor(reading: Reading, search: string): Promise<Users> {
  const { memory } = reading;
  try {
    const all = memory.users.get("") ?? (await readUsers(reading, ""));
    memory.users.set("", all);
    const beginning = search.trim().toLowerCase();
    if (all.isWhole || beginning === "") return all;
    const known =
      memory.users.get(beginning) ?? (await readUsers(reading, `email ^= "${quoted(beginning)}"`));
    memory.users.set(beginning, known);
    return { users: [...all.users, ...known.users], isWhole: false };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (!/AccessDenied|NotAuthorized/.test(name)) throw error;
    return { users: [], isWhole: false, problem: message };
  }
}

const quoted = (text: string): string => text.replaceAll(/[\\"]/g, "\\$&");

async function readUsers({ cognito, stack }: Reading, Filter: string): Promise<Users> {
  const users: User[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const list: ListUsersCommand = new ListUsersCommand({
      UserPoolId: stack.userPoolId,
      Limit: PAGE,
      AttributesToGet: ["sub", "email"],
      ...(Filter !== "" && { Filter }),
      ...(token !== undefined && { PaginationToken: token }),
    });
    const { Users = [], PaginationToken } = await cognito.send(list);
    users.push(...Users.map(userOf));
    token = PaginationToken;
    if (token === undefined) return { users, isWhole: true };
  }
  return { users, isWhole: false };
}

function userOf({ Username = "", Attributes = [] }: UserType): User {
  const value = (wanted: string): string => Attributes.find(({ Name }) => Name === wanted)?.Value ?? "";
  return { username: Username, sub: value("sub"), email: value("email") };
}
