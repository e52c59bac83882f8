/** An app's own small client: paths, bodies and replies are checked against the types that are generated from the document. */
import type { components, operations, paths } from "./ringmaster.d.ts";

type Call = components["schemas"]["Call"];
type JoinedCall = components["schemas"]["JoinedCall"];
type Problem = components["schemas"]["Problem"];
type Body<Of extends keyof operations> = NonNullable<
  operations[Of]["requestBody"]
>["content"]["application/json"];

export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Api {
  readonly url: string;
  /** A fresh Cognito access token. */
  readonly accessToken: () => Promise<string>;
}

async function send<Reply>(
  { url, accessToken }: Api,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<Reply> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${await accessToken()}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Refused((await reply.json()) as Problem);
  return (await reply.json()) as Reply;
}

/** A route of the document, its parameters filled in. A path that the document does not have does not compile. */
function route<Path extends keyof paths>(path: Path, filled: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_part, name: string) => encodeURIComponent(filled[name] ?? ""));
}

export const register = (api: Api, phone: Body<"register">): Promise<components["schemas"]["Registration"]> =>
  send(api, "POST", route("/clients"), phone);

export const call = (api: Api, body: Body<"initiateCall">): Promise<JoinedCall> =>
  send(api, "POST", route("/calls"), body);

export const answer = (api: Api, callId: string, body: Body<"answerCall">): Promise<JoinedCall> =>
  send(api, "POST", route("/calls/{callId}/answer", { callId }), body);

export const read = (api: Api, callId: string): Promise<Call> =>
  send(api, "GET", route("/calls/{callId}", { callId }));

/** Zero or less: stop ringing. Both times are the server's, so the phone's own clock does not matter. */
export const ringLeftMs = ({ ringUntilMs, serverNowMs }: Call): number => ringUntilMs - serverNowMs;

/** The compiler asks for every reason that the document has. An app that is older than a reason says that the call is over. */
export function words(reason: NonNullable<Call["endReason"]>): string {
  switch (reason) {
    case "completed":
      return "Call ended";
    case "declined":
      return "Declined";
    case "cancelled":
      return "Cancelled";
    case "missed":
      return "No answer";
    case "busy":
      return "Busy";
    case "unreachable":
      return "Not reachable";
    case "dropped":
      return "Connection lost";
    case "removed":
    case "ended_by_operator":
      return "Ended by an operator";
    case "expired":
    case "failed":
      return "The call is over";
  }
}
