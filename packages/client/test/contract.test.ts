/** The client's words are the server's: its lists, the replies it reads, the pushes it takes. */
import { expect, expectTypeOf, test } from "vitest";
import * as z from "zod/mini";
import { callViewSchema } from "../../../api/call-view.ts";
import { commands, type ReplyOf } from "../../../api/commands.ts";
import { registerInput } from "../../../api/inputs.ts";
import { problemCodes } from "../../../api/problems.ts";
import { callSnapshotSchema, legSnapshotSchema } from "../../../events/call-snapshot.ts";
import { CLIENT_CHANGES as CHANGES } from "../../../events/clients.ts";
import { END_REASONS as REASONS } from "../../../events/end-reason.ts";
import { PushSent } from "../../../events/push-sent.ts";
import { openApi } from "../../../api/openapi.ts";
import * as words from "../src/wire/contract.ts";
import { type Asked, REPLIES, type Reply } from "../src/wire/replies.ts";

type Schema = { readonly properties: Record<string, { readonly enum?: readonly string[] }> };
const jsonOf = (schema: z.ZodMiniType): Schema =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as unknown as Schema; // every schema here is an object's
const wordsOf = (schema: z.ZodMiniType, member: string) => jsonOf(schema).properties[member]?.enum;

test("its lists are the server's, in the same order", () => {
  expect(words.END_REASONS).toEqual(REASONS);
  expect(words.CLIENT_CHANGES).toEqual(CHANGES);
  expect(words.PROBLEM_CODES).toEqual(problemCodes);
  expect(words.CALL_STATUSES).toEqual(wordsOf(callSnapshotSchema, "status"));
  expect(words.CALL_STATUSES).toEqual(wordsOf(callViewSchema, "status"));
  expect(words.MEDIA_KINDS).toEqual(wordsOf(callSnapshotSchema, "media"));
  expect(words.LEG_STATUSES).toEqual(wordsOf(legSnapshotSchema, "legStatus"));
  expect(words.ROLES).toEqual(wordsOf(legSnapshotSchema, "role"));
  expect(words.PUSH_TYPES).toEqual(wordsOf(PushSent.schema, "type"));
  expect(words.NOTIFY_TYPES).toEqual(wordsOf(registerInput, "notifyType"));
});

test("why a call is over for a phone are the words of the server's problems", () => {
  const { components } = openApi() as {
    components: { schemas: Record<string, { enum?: readonly string[] }> };
  };
  expect(words.OVER_REASONS).toEqual(components.schemas["OverReason"]?.enum);
});

test("every command that it sends is one of the server's", () => {
  const actions = commands.map(({ action }) => action as string);
  expect(Object.keys(REPLIES).filter((action) => !actions.includes(action))).toEqual([]);
});

test("what it reads of a reply is there: the compiler holds each reader to the server's schema", () => {
  type Replies = { [A in Asked]: ReplyOf<A> };
  type Readings = { [A in Asked]: Reply<A> };
  expectTypeOf<Replies>().toExtend<Readings>();
});

test("a word that is newer than the client is no failure where it may come", () => {
  const past = {
    callId: "c",
    role: "caller",
    otherClientId: "o",
    media: "audio",
    createdAtMs: 1,
    endedAtMs: 2,
    durationMs: 0,
  };
  const { calls } = REPLIES.listCalls({ calls: [{ ...past, endReason: "abducted" }], more: true });
  expect(calls).toEqual([past]);
});
