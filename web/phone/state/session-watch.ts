/**
 * Notices that the session is over, whichever request the server refuses: the token was not renewed, the user pool is another one,
 * or an operator has signed this person out. No screen has to know of it.
 */
import type { Graphql } from "../../../packages/client/src/wire/graphql.ts";
import type { Outcome, Problem } from "../../../packages/client/src/wire/problem.ts";
import type { AccessToken, Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { type Session, SessionEnded } from "../../sign-in/session.ts";

export interface SessionWatch {
  readonly accessToken: AccessToken;
  commands(commands: Commands): Commands;
  graphql(graphql: Graphql): Graphql;
}

/** The server accepts this session no more. */
export const isEnd = ({ code }: Problem): boolean =>
  code === "access_token_required" || code === "signed_out";

/** `ended` is called at each such refusal; several may come at once. */
export function watchSession(session: Pick<Session, "accessToken">, ended: () => void): SessionWatch {
  function looked<T>(outcome: Outcome<T>): Outcome<T> {
    if (!outcome.ok && isEnd(outcome.problem)) ended();
    return outcome;
  }
  return {
    async accessToken(wanted) {
      try {
        return await session.accessToken(wanted);
      } catch (error) {
        if (error instanceof SessionEnded) ended();
        throw error;
      }
    },
    commands: (commands) => ({
      send: async (action, input, options) => looked(await commands.send(action, input, options)),
    }),
    graphql: (graphql) => ({
      ask: async (query, variables, reader) => looked(await graphql.ask(query, variables, reader)),
    }),
  };
}
