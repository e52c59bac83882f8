/** The directory and the calls of one's own client, as GraphQL has them. */
import * as z from "zod/mini";
import { fullName } from "../../../people/name-text.ts";
import { CALL_STATUSES_SHOWN, type CallFacts } from "./call-facts.ts";
import type { Outcome } from "./commands.ts";
import { endReasonOrNull } from "./endings.ts";

export const personSchema = z.object({
  id: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  clientId: z.nullish(z.string()),
});
export type Person = Readonly<z.infer<typeof personSchema>>;

/** Whatever was stored before there was a rule of names, it does no harm on a screen. */
export const nameOf = (person: Pick<Person, "firstName" | "lastName">): string =>
  fullName(person) || "Someone";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string | undefined;
}

export interface PageWanted {
  readonly limit: number;
  readonly nextToken?: string | undefined;
}

export type PersonName = "firstName" | "lastName";

export interface People {
  search(name: string, by: PersonName, page: PageWanted): Promise<Outcome<Page<Person>>>;
  /** The person whom this client rings; undefined if there is none. */
  ofClient(clientId: string): Promise<Outcome<Person | undefined>>;
  get(id: string): Promise<Outcome<Person | undefined>>;
  create(person: Person): Promise<Outcome<Person>>;
  update(person: Partial<Person> & Pick<Person, "id">): Promise<Outcome<Person>>;
  follow(heard: {
    /** A person is new, has changed a name, or is gone. */
    readonly changed: (change: { readonly person: Person; readonly gone: boolean }) => void;
    /** Changes flow (again): what came before was not told. */
    readonly connected: () => void;
  }): () => void;
}

/** A call of one's own client: an update of `onCallUpdated`, or a past one. */
export const ownCallSchema = z.object({
  callId: z.string(),
  version: z.number(),
  status: z.enum(CALL_STATUSES_SHOWN),
  endReason: endReasonOrNull,
  role: z.enum(["caller", "callee"]),
  legStatus: z.nullish(z.enum(["invited", "ringing", "joined", "left"])),
  legEndReason: endReasonOrNull,
  otherClientId: z.string(),
  media: z.enum(["audio", "video"]),
  createdAtMs: z.number(),
  ringUntilMs: z.number(),
  answeredAtMs: z.nullish(z.number()),
  endedAtMs: z.nullish(z.number()),
  serverNowMs: z.number(),
});
export type OwnCall = Readonly<z.infer<typeof ownCallSchema>>;

export interface OwnCalls {
  list(page: PageWanted): Promise<Outcome<Page<OwnCall>>>;
  /** `connected` is called whenever updates flow (again). */
  follow(heard: { readonly updated: (call: OwnCall) => void; readonly connected: () => void }): () => void;
}

export function factsOfUpdate(call: OwnCall): CallFacts {
  return {
    callId: call.callId,
    version: call.version,
    status: call.status,
    myRole: call.role,
    myStatus: call.legStatus ?? (call.status === "ended" ? "left" : "joined"),
    elsewhere: false,
    ending: call.legEndReason ?? call.endReason ?? undefined,
    otherId: call.otherClientId,
    media: call.media,
    ringUntilMs: call.ringUntilMs,
    answeredAtMs: call.answeredAtMs ?? undefined,
  };
}
