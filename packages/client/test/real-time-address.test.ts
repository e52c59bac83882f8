/** How the client finds AppSync's real-time endpoint and signs in to it. */
import { expect, test } from "vitest";
import { base64Url, protocolsFor, realTimeUrl, signedIn } from "../src/wire/real-time-address.ts";

const APPSYNC = "https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-central-1.amazonaws.com/graphql";

test.each([
  [APPSYNC, "wss://abcdefghijklmnopqrstuvwxyz.appsync-realtime-api.eu-central-1.amazonaws.com/graphql"],
  ["https://calls.example.com/graphql", "wss://calls.example.com/graphql/realtime"],
  ["http://127.0.0.1:4000/graphql", "ws://127.0.0.1:4000/graphql/realtime"],
])("%s is followed at %s", (graphqlUrl, expected) => {
  expect(realTimeUrl(graphqlUrl)).toBe(expected);
});

test("the sign-in is a subprotocol, which is a token of RFC 6455 whatever it holds", () => {
  const headers = signedIn(APPSYNC, "a.b-c_d");
  expect(headers.host).toBe("abcdefghijklmnopqrstuvwxyz.appsync-api.eu-central-1.amazonaws.com");
  const [protocol, signIn = ""] = protocolsFor(headers);
  expect(protocol).toBe("graphql-ws");
  expect(signIn).toMatch(/^header-[A-Za-z0-9_-]+$/);
  expect(JSON.parse(Buffer.from(signIn.slice(7), "base64url").toString())).toEqual(headers);
});

test.each(["", "a", "ab", "abc", "abcd", "~~~???>>>"])("base64url of %j is as everywhere", (text) => {
  expect(base64Url(text)).toBe(Buffer.from(text).toString("base64url"));
});
