/** The HTTP API in front of a function that repeats what it was given. */
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import type { JWK, JWTPayload } from "jose";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../src/clock.ts";
import { AwsError, openLocalAws } from "../src/local-aws.ts";
import type { AwsCall, RuntimeEvent, Shape } from "../src/local-aws.ts";
import type { Admission } from "../src/http-api/admission.ts";
import { createHttpApi } from "../src/http-api/http-api.ts";
import type { HttpRequest } from "../src/http-api/http-api.ts";

const ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Orders";
const SCOPE = "aws.cognito.signin.user.admin";
const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:rest-entrypoint";

let keys: { private: CryptoKey; public: JWK };
type CryptoKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  keys = {
    private: pair.privateKey,
    public: { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256" },
  };
});

type Answer = (event: Shape) => Shape | Promise<Shape>;

async function openApi(stageSettings: Shape = {}, admission?: Admission) {
  const clock = virtualClock();
  const localAws = openLocalAws({
    clock,
    authorizer: { check() {} },
    region: "us-east-1",
    account: "000000000000",
    quotas: true,
  });
  const http = createHttpApi(localAws, {
    endpoint: "http://127.0.0.1:4000",
    jwksOf: (issuer) => (issuer === ISSUER ? { keys: [keys.public] } : undefined),
    admission,
  });
  const calls: AwsCall[] = [];
  const told: RuntimeEvent[] = [];
  localAws.observe((event) => told.push(event));
  const served: { answer: Answer } = { answer: () => ({ Payload: { statusCode: 200, body: "ok" } }) };
  const run = (input: Shape, call: AwsCall): Shape | Promise<Shape> => {
    calls.push(call);
    return served.answer(input.Payload as Shape);
  };
  localAws.register({ name: "lambda", operations: { Invoke: { permissions: () => [], waits: true, run } } });
  const create = async (type: string, logicalId: string, properties: Shape) => {
    const resource = http.resources[`AWS::ApiGatewayV2::${type}`]!;
    return resource.create({ logicalId, properties, physicalName: () => logicalId, assetPath: String });
  };
  const { ref: ApiId, attributes } = await create("Api", "Api", {
    Name: "orders",
    ProtocolType: "HTTP",
    CorsConfiguration: {
      AllowOrigins: ["*"],
      AllowMethods: ["GET", "POST"],
      AllowHeaders: ["authorization", "content-type"],
    },
  });
  const { ref: authorizer } = await create("Authorizer", "Authorizer", {
    ApiId,
    AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Audience: ["app"], Issuer: ISSUER },
    Name: "users",
  });
  const { ref: integration } = await create("Integration", "Integration", {
    ApiId,
    IntegrationType: "AWS_PROXY",
    IntegrationUri: FUNCTION_ARN,
    PayloadFormatVersion: "2.0",
    TimeoutInMillis: 5_000,
  });
  const route = (RouteKey: string, properties: Shape = {}) =>
    create("Route", RouteKey, { ApiId, RouteKey, Target: `integrations/${integration}`, ...properties });
  const guarded = { AuthorizationType: "JWT", AuthorizerId: authorizer, AuthorizationScopes: [SCOPE] };
  await create("Stage", "Stage", {
    ApiId,
    StageName: "$default",
    AutoDeploy: true,
    DefaultRouteSettings: stageSettings,
  });
  const send = (method: string, target: string, more: Partial<HttpRequest> = {}) => {
    const [path = "", query = ""] = target.split("?");
    return http.handle({ method, path, query, headers: {}, sourceIp: "192.0.2.7", ...more });
  };
  const event = () => calls.at(-1)?.input.Payload as Record<string, Shape>;
  return {
    clock,
    localAws,
    http,
    calls,
    told,
    served,
    create,
    route,
    guarded,
    send,
    event,
    ApiId,
    attributes,
  };
}

const token = (claims: JWTPayload = {}, kid = "one") => {
  const nowSeconds = api.clock.now() / 1000;
  return new SignJWT({
    sub: "alice",
    iss: ISSUER,
    client_id: "app",
    scope: SCOPE,
    iat: nowSeconds,
    exp: nowSeconds + 60,
    "cognito:groups": ["operators", "staff"],
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", kid })
    .sign(keys.private);
};
const bearer = (value: string): Partial<HttpRequest> => ({ headers: { authorization: `Bearer ${value}` } });
const json = (body: string | Buffer): unknown => JSON.parse(body.toString());

let api: Awaited<ReturnType<typeof openApi>>;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.clock.dispose());

test("the function receives payload format 2.0", async () => {
  await api.route("POST /orders/{orderId}/answer");
  const reply = await api.send("POST", "/orders/a%20b/answer?x=1&x=2&y=%C3%A9&constructor=3", {
    headers: {
      host: "127.0.0.1:4000",
      "content-type": "application/json",
      "x-a": ["1", "2"],
      cookie: "c=1; d=2",
    },
    body: Buffer.from(`{"media":"audio"}`),
  });
  expect(reply).toMatchObject({ status: 200, body: "ok" });
  expect(api.event()).toEqual({
    version: "2.0",
    routeKey: "POST /orders/{orderId}/answer",
    rawPath: "/orders/a%20b/answer",
    rawQueryString: "x=1&x=2&y=%C3%A9&constructor=3",
    cookies: ["c=1", "d=2"],
    headers: expect.objectContaining({
      "x-a": "1,2",
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-port": "4000",
    }),
    queryStringParameters: { x: "1,2", y: "é", constructor: "3" },
    requestContext: {
      accountId: "000000000000",
      apiId: api.ApiId,
      domainName: "127.0.0.1:4000",
      domainPrefix: api.ApiId,
      http: {
        method: "POST",
        path: "/orders/a%20b/answer",
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.7",
        userAgent: "",
      },
      requestId: reply.headers["apigw-requestid"],
      routeKey: "POST /orders/{orderId}/answer",
      stage: "$default",
      time: "01/Jan/2026:09:00:00 +0000",
      timeEpoch: api.clock.now(),
    },
    pathParameters: { orderId: "a b" },
    body: `{"media":"audio"}`,
    isBase64Encoded: false,
  });
  expect(api.calls[0]?.caller).toEqual({
    kind: "service",
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:aws:execute-api:us-east-1:000000000000:${api.ApiId}/$default/POST/orders/{orderId}/answer`,
  });
  expect(api.attributes).toEqual({ ApiId: api.ApiId, ApiEndpoint: "http://127.0.0.1:4000" });
  expect(api.told).toContainEqual(expect.objectContaining({ kind: "request", path: "/orders/a%20b/answer" }));
});

test("a body that is not text arrives in base64", async () => {
  await api.route("POST /");
  const body = Buffer.from([0xff, 0x00]);
  await api.send("POST", "/", { headers: { "content-type": "application/octet-stream" }, body });
  expect(api.event()).toMatchObject({ body: "/wA=", isBase64Encoded: true });
});

test("the most specific route answers: literal, variable, greedy, then $default", async () => {
  const keysOfRoutes = [
    "$default",
    "ANY /{proxy+}",
    "GET /pets/{proxy+}",
    "GET /pets/dog/{id}",
    "GET /pets/dog/1",
  ];
  for (const key of keysOfRoutes) await api.route(key);
  const met = async (method: string, path: string) => {
    await api.send(method, path);
    return api.event().routeKey;
  };
  expect(await met("GET", "/pets/dog/1")).toBe("GET /pets/dog/1");
  expect(await met("GET", "/pets/dog/2")).toBe("GET /pets/dog/{id}");
  expect(await met("GET", "/pets/cat/1/2")).toBe("GET /pets/{proxy+}");
  expect(api.event().pathParameters).toEqual({ proxy: "cat/1/2" });
  expect(await met("POST", "/pets/dog/1")).toBe("ANY /{proxy+}");
  expect(await met("GET", "/")).toBe("$default");
});

test("an unknown route, or a known path with another method, is not found", async () => {
  await api.route("POST /orders");
  for (const [method, path] of [
    ["GET", "/orders"],
    ["POST", "/orders/"],
    ["POST", "/"],
  ] as const) {
    const reply = await api.send(method, path);
    expect([reply.status, json(reply.body)]).toEqual([404, { message: "Not Found" }]);
  }
  expect(api.calls).toEqual([]);
});

test("the function learns who calls, with every claim as a string", async () => {
  await api.route("POST /", api.guarded);
  expect(await api.send("POST", "/", bearer(await token({ email_verified: true })))).toMatchObject({
    status: 200,
  });
  expect(api.event().requestContext!.authorizer).toMatchObject({
    jwt: {
      claims: {
        sub: "alice",
        "cognito:groups": "[operators staff]",
        exp: "1767258060",
        email_verified: "true",
      },
      scopes: [SCOPE],
    },
  });
  const bare = { headers: { authorization: await token() } };
  expect(await api.send("POST", "/", bare)).toMatchObject({ status: 200 });
});

test("a token that is missing, malformed, late, early, or for somebody else is refused", async () => {
  await api.route("POST /", api.guarded);
  const nowSeconds = api.clock.now() / 1000;
  const tampered = (await token()).split(".").with(1, btoa(`{"sub":"bob"}`)).join(".");
  const refused: [string, string][] = [
    ["nonsense", "token contains an invalid number of segments"],
    [tampered, "crypto/rsa: verification error"],
    [await token({ exp: nowSeconds }), "the token has expired"],
    [await token({ nbf: nowSeconds + 1 }), "the token is not valid yet"],
    [await token({ iat: nowSeconds + 1 }), "token used before issued"],
    [await token({ iss: "https://example.com" }), "the token does not have a valid issuer"],
    [await token({ client_id: "other" }), "the token does not have a valid audience"],
    [await token({ aud: "other" }), "the token does not have a valid audience"],
    [await token({}, "two"), "unable to find a signing key that matches the kid"],
    [
      await new SignJWT({}).setProtectedHeader({ alg: "HS256" }).sign(Buffer.alloc(32)),
      "signing method HS256 is invalid",
    ],
  ];
  for (const [value, reason] of refused) {
    const reply = await api.send("POST", "/", bearer(value));
    expect([reply.status, json(reply.body)]).toEqual([401, { message: "Unauthorized" }]);
    expect(reply.headers["www-authenticate"]).toBe(
      `Bearer scope="" error="invalid_token" error_description="${reason}"`,
    );
  }
  const missing = await api.send("POST", "/");
  expect(missing).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  expect(api.calls).toEqual([]);
});

test("an id token, which has no scope, is forbidden where a scope is required", async () => {
  await api.route("POST /", api.guarded);
  await api.route("GET /", { ...api.guarded, AuthorizationScopes: [] });
  const idToken = bearer(await token({ scope: undefined, client_id: undefined, aud: "app" }));
  const reply = await api.send("POST", "/", idToken);
  expect([reply.status, json(reply.body)]).toEqual([403, { message: "Forbidden" }]);
  expect(await api.send("GET", "/", idToken)).toMatchObject({ status: 200 });
});

test("a stage throttles with its burst and refills at its rate", async () => {
  api.clock.dispose();
  api = await openApi({ ThrottlingBurstLimit: 2, ThrottlingRateLimit: 10 });
  await api.route("GET /");
  const statuses = async (count: number) => {
    const found: number[] = [];
    for (let sent = 0; sent < count; sent += 1) found.push((await api.send("GET", "/")).status);
    return found;
  };
  expect(await statuses(3)).toEqual([200, 200, 429]);
  await api.clock.advance(100);
  expect(await statuses(2)).toEqual([200, 429]);
  expect(api.localAws.units["http-api:request"]).toBe(3);
});

test("a request that the process cannot serve in time is unavailable for now, and reaches no function", async () => {
  api.clock.dispose();
  api = await openApi({}, { admit: () => Promise.resolve(undefined), retryAfterSeconds: () => 3 });
  await api.route("POST /");
  const reply = await api.send("POST", "/");
  expect(reply).toMatchObject({ status: 503, headers: { "retry-after": "3" } });
  expect(json(reply.body)).toEqual({ message: "Service Unavailable" });
  expect(api.calls).toEqual([]);
});

test("the function's answer becomes the reply", async () => {
  await api.route("GET /");
  const replyTo = async (Payload: unknown) => {
    api.served.answer = () => ({ StatusCode: 200, Payload });
    return api.send("GET", "/");
  };
  const full = {
    statusCode: 201,
    headers: { "X-A": 1 },
    cookies: ["a=1", "b=2"],
    body: "aGk=",
    isBase64Encoded: true,
  };
  expect(await replyTo(full)).toMatchObject({
    status: 201,
    headers: { "x-a": "1", "set-cookie": ["a=1", "b=2"] },
    body: Buffer.from("hi"),
  });
  expect(await replyTo({ hello: "you" })).toMatchObject({
    status: 200,
    headers: { "content-type": "application/json" },
    body: `{"hello":"you"}`,
  });
  expect(await replyTo("plain")).toMatchObject({ status: 200, body: "plain" });
  expect(await replyTo({ statusCode: 200, body: { not: "text" } })).toMatchObject({ status: 500 });
});

test("a failing function is an internal error, a slow or throttled one is unavailable", async () => {
  await api.route("GET /");
  api.served.answer = () => ({
    StatusCode: 200,
    FunctionError: "Unhandled",
    Payload: { errorType: "Error" },
  });
  const failed = await api.send("GET", "/");
  expect([failed.status, json(failed.body)]).toEqual([500, { message: "Internal Server Error" }]);
  api.served.answer = () => {
    throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
  };
  expect(await api.send("GET", "/")).toMatchObject({ status: 503 });
  api.served.answer = () => new Promise<Shape>(() => undefined);
  const slow = api.send("GET", "/");
  await api.clock.advance(4_999);
  expect(api.told.filter(({ kind }) => kind === "request")).toHaveLength(2);
  await api.clock.advance(1);
  expect(json((await slow).body)).toEqual({ message: "Service Unavailable" });
});

test("a body above 10 MB never reaches the function", async () => {
  await api.route("POST /");
  const reply = await api.send("POST", "/", { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
  expect([reply.status, json(reply.body)]).toEqual([413, { message: "Request Entity Too Large" }]);
  expect(api.calls).toEqual([]);
});

test("a body that Lambda does not take any more is too large as well", async () => {
  await api.route("$default");
  api.served.answer = () => {
    throw new AwsError("RequestTooLargeException", "Request must be smaller than 6291456 bytes", 413);
  };
  const reply = await api.send("POST", "/", { body: Buffer.alloc(9 * 1024 * 1024) });
  expect([reply.status, json(reply.body)]).toEqual([413, { message: "Request Entity Too Large" }]);
});

test("a token whose header no reply can repeat is refused like any other", async () => {
  await api.route("GET /", api.guarded);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const alg of ["RS\r\n256", "\u{1F600}", 'a"b', {}, "x".repeat(9_000)]) {
    const reply = await api.send("GET", "/", bearer(`${part({ alg })}.${part({})}.x`));
    expect(reply.status).toBe(401);
    expect(String(reply.headers["www-authenticate"])).toMatch(/^[\x20-\x7e]{1,200}$/);
  }
});

test("the API answers a preflight itself, and its CORS headers replace the function's", async () => {
  await api.route("POST /", api.guarded);
  await api.route("GET /open");
  const fromBrowser = {
    headers: { origin: "http://localhost:5173", "access-control-request-method": "POST" },
  };
  expect(await api.send("OPTIONS", "/", fromBrowser)).toEqual({
    status: 204,
    body: "",
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,POST",
      "access-control-allow-headers": "authorization,content-type",
      "apigw-requestid": expect.any(String),
    },
  });
  expect(await api.send("POST", "/", fromBrowser)).toMatchObject({
    status: 401,
    headers: { "access-control-allow-origin": "*" },
  });
  const headers = { "access-control-allow-origin": "http://elsewhere", "access-control-max-age": "9" };
  api.served.answer = () => ({ Payload: { statusCode: 200, headers } });
  const reply = await api.send("GET", "/open", fromBrowser);
  expect(reply.headers).toMatchObject({ "access-control-allow-origin": "*" });
  expect(reply.headers).not.toHaveProperty("access-control-max-age");
});

test("what the API cannot do stops the start", async () => {
  const { ApiId } = api;
  const stranger = {
    ApiId,
    AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"],
    JwtConfiguration: { Audience: [], Issuer: "https://example.com" },
  };
  await expect(api.create("Authorizer", "Other", stranger)).rejects.toThrow("no user pool of the template");
  await expect(api.route("FETCH /")).rejects.toThrow("not formatted properly");
  const old = {
    ApiId,
    IntegrationType: "AWS_PROXY",
    IntegrationUri: FUNCTION_ARN,
    PayloadFormatVersion: "1.0",
  };
  await expect(api.create("Integration", "Old", old)).rejects.toThrow(/Old.*PayloadFormatVersion/s);
  expect(api.http.apis()).toEqual([{ apiId: ApiId, name: "orders", routes: [] }]);
});
