/** The two ways in which a phone may spell a command: the envelope, and the command's own route. */
import { type Action, type Command, commands } from "../../api/commands.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { HttpRequest } from "../../packages/local-aws/src/http-api/http-message.ts";
import type { World } from "../world.ts";

export const SPELLINGS = ["envelope", "route"] as const;
export type Spelling = (typeof SPELLINGS)[number];

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Empty if the reply is no object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export const commandOf = (action: Action): Command => {
  const found = commands.find((one) => one.action === action);
  if (!found) throw new Error(`no command ${action}`);
  return found;
};

export function spelled(spelling: Spelling, action: Action, input: Shape): Omit<HttpRequest, "sourceIp"> {
  const headers = { "content-type": "application/json" };
  if (spelling === "envelope") {
    const body = Buffer.from(JSON.stringify({ action, ...input }));
    return { method: "POST", path: "/", query: "", headers, body };
  }
  const { method, path } = commandOf(action).route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !inPath.includes(name)));
  if (method === "POST")
    return { method, path: filled, query: "", headers, body: Buffer.from(JSON.stringify(rest)) };
  const texts = Object.entries(rest).map(([name, value]) => [name, String(value)] as const);
  const query = new URLSearchParams(Object.fromEntries(texts));
  return { method, path: filled, query: query.toString(), headers };
}

export async function sent(
  world: World,
  token: string | undefined,
  request: Omit<HttpRequest, "sourceIp">,
): Promise<Answer> {
  const headers = { ...request.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const reply = await world.runtime.http({ ...request, headers, sourceIp: "127.0.0.1" });
  const text = String(reply.body);
  return { status: reply.status, text, body: objectIn(text) };
}

function objectIn(text: string): Answer["body"] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Answer["body"]) : {};
  } catch {
    return {};
  }
}
