/** Queries and mutations of the GraphQL API, over HTTP. */
import { type Outcome, type Problem, problemOf, unexpected } from "./problem.ts";
import { list, maybe, object, type Reader, text, tryRead, Unreadable } from "./read.ts";
import { type HttpWorld, postJson } from "./rest-api.ts";

export type Variables = Readonly<Record<string, unknown>>;

export interface Graphql {
  /** The one field that the document asks for, read. */
  ask<T>(query: string, variables: Variables, reader: Reader<T>): Promise<Outcome<T>>;
}

const refusal = object({ errors: list(object({ message: text, errorType: maybe(text) })) });

export function graphqlApi(world: Omit<HttpWorld, "timeHeard">): Graphql {
  return {
    async ask(query, variables, reader) {
      const got = await postJson(world, { query, variables }, {});
      if (!got.ok) return got;
      const { status, body } = got.value;
      const refused = tryRead(refusal, body)?.errors[0];
      if (refused) return { ok: false, problem: refusedBy(status, refused) };
      if (status >= 400) return { ok: false, problem: problemOf(status, body) };
      try {
        return { ok: true, value: reader(onlyField(body)) };
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        return { ok: false, problem: unexpected(error.message) };
      }
    },
  };
}

/** AppSync refuses a token with HTTP 401, and one that it accepts can still belong to a person whom an operator has signed out. */
function refusedBy(
  status: number,
  { message, errorType }: { readonly message: string; readonly errorType?: string | undefined },
): Problem {
  if (status === 401 || errorType === "UnauthorizedException") return problemOf(401, undefined);
  if (errorType === "SignedOut")
    return { code: "signed_out", title: "An operator signed you out", detail: message };
  return { ...unexpected(message), title: "The directory refused that" };
}

/** Of `{ data: { field: … } }`. */
export function onlyField(payload: unknown): unknown {
  const { data } = (payload ?? {}) as { readonly data?: object | null }; // any member of anything may be missing
  return Object.values(data ?? {})[0];
}
