/** What a phone learns of a failure inside rest-entrypoint. */
import type { Context } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { alice, CALL } from "../builders.ts";

vi.mock("../../handlers/store/call-store.ts", () => ({
  callStore: () => ({ read: () => Promise.reject(new Error("arn:aws:dynamodb:calls is on fire")) }),
}));
const { handler } = await import("../../handlers/rest-entrypoint.ts");

const claims = { sub: alice().sub, username: alice().username, token_use: "access" };
const event = {
  routeKey: "POST /",
  body: JSON.stringify({ action: "getCall", callId: CALL }),
  requestContext: { requestId: "request", authorizer: { jwt: { claims } } },
};

test("a table that cannot be read: the reply is try_again, without any detail of the failure", async () => {
  const reply = await handler(event, {} as Context);
  expect(reply).toMatchObject({
    statusCode: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "1" },
  });
  expect(JSON.parse(reply.body)).toMatchObject({ code: "try_again", status: 503 });
  expect(reply.body).not.toMatch(/fire|arn:|dynamodb|Error/);
});
