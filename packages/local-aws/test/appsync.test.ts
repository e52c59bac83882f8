/** Local AppSync by itself: what it takes of a template, who gets in, how resolvers run, and what subscribers hear. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AppSync, createAppSync } from "../src/appsync/appsync.ts";
import { loadCode } from "../src/appsync/code/resolver-code.ts";
import { unsupportedPart } from "../src/appsync/code/refuse-unsupported.ts";
import { type Clock, virtualClock } from "../src/clock.ts";
import type { HttpRequest } from "../src/http-api/http-message.ts";
import type { LocalCredentials } from "../src/local-credentials.ts";
import { AwsError, type AwsCall, type LocalAws, openLocalAws, PERSON, type Shape } from "../src/local-aws.ts";

const ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/pool";
const { privateKey, publicKey } = await generateKeyPair("RS256");
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "key" }] };

let clock: Clock;
let localAws: LocalAws;
let appsync: AppSync;
let tableCalls: AwsCall[];
let tableError: AwsError | undefined;

beforeEach(() => {
  clock = virtualClock();
  const authorizer = {
    check(_role: string, { resource }: { resource: string }) {
      if (resource.includes("forbidden")) throw new AwsError("AccessDeniedException", `no ${resource}`);
    },
  };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
  appsync = createAppSync(localAws, {
    endpoint: "http://127.0.0.1:4000/graphql",
    jwksOf: (issuer) => (issuer === ISSUER ? jwks : undefined),
    trusts: (role) => role !== "stranger",
  });
  localAws.register(appsync.service);
  [tableCalls, tableError] = [[], undefined];
  const operation = {
    permissions: () => [],
    run(_input: Shape, call: AwsCall) {
      tableCalls.push(call);
      if (tableError && call.operation !== "GetItem") throw tableError;
      return { Item: { id: { S: "stored" } } };
    },
  };
  const operations = { GetItem: operation, PutItem: operation, TransactWriteItems: operation };
  localAws.register({ name: "dynamodb", operations });
});
afterEach(() => clock.dispose());

const create = (type: string, properties: Shape, logicalId = "Api") => {
  const resource = appsync.resources[`AWS::AppSync::${type}`];
  if (!resource) throw new Error(type);
  return resource.create({ logicalId, properties, physicalName: () => logicalId, assetPath: () => "" });
};

const SCHEMA = `
  type Thing @aws_cognito_user_pools @aws_iam { id: ID! name: String secret: String @aws_iam list: [Thing] at: AWSDateTime }
  type Query {
    thing(id: ID): Thing
    forBosses: String @aws_cognito_user_pools(cognito_groups: ["bosses"])
    forServices: String @aws_iam
  }
  type Mutation { makeThing(id: ID, name: String): Thing @aws_cognito_user_pools @aws_iam forbidden: Thing @aws_iam }
  type Subscription {
    onThing(id: ID, name: String): Thing @aws_subscribe(mutations: ["makeThing"])
  }`;
const RUNTIME = { Name: "APPSYNC_JS", RuntimeVersion: "1.0.0" };
const ECHO = `export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }`;

async function makeApi(more: Shape = {}): Promise<string> {
  const { attributes } = await create("GraphQLApi", {
    Name: "things",
    AuthenticationType: "AMAZON_COGNITO_USER_POOLS",
    UserPoolConfig: { UserPoolId: "pool", AwsRegion: "us-east-1", AppIdClientRegex: "app" },
    AdditionalAuthenticationProviders: [{ AuthenticationType: "AWS_IAM" }],
    ...more,
  });
  const ApiId = String(attributes?.["ApiId"]);
  await create("GraphQLSchema", { ApiId, Definition: SCHEMA });
  await create("DataSource", { ApiId, Name: "nothing", Type: "NONE" });
  const DynamoDBConfig = { TableName: "things", AwsRegion: "us-east-1" };
  await create("DataSource", {
    ApiId,
    Name: "table",
    Type: "AMAZON_DYNAMODB",
    ServiceRoleArn: "role",
    DynamoDBConfig,
  });
  return ApiId;
}

const resolver = (ApiId: string, field: string, Code: string, more: Shape = {}) => {
  const [TypeName, FieldName] = field.split(".");
  return create("Resolver", {
    ApiId,
    TypeName,
    FieldName,
    Code,
    Runtime: RUNTIME,
    DataSourceName: "nothing",
    ...more,
  });
};

const token = (claims: JWTPayload = {}): Promise<string> =>
  new SignJWT({ sub: "alice", iss: ISSUER, token_use: "access", client_id: "app", ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "key" })
    .setExpirationTime(Math.floor(clock.now() / 1000) + 60)
    .sign(privateKey);

async function ask(query: string, authorization?: string): Promise<{ data: Shape; errors?: Shape[] }> {
  const { body } = await appsync.handle({
    method: "POST",
    path: "/graphql",
    query: "",
    headers: { authorization: authorization ?? (await token()) },
    body: Buffer.from(JSON.stringify({ query })),
    sourceIp: "127.0.0.1",
  });
  return JSON.parse(String(body)) as { data: Shape; errors?: Shape[] };
}

describe("who gets in", () => {
  beforeEach(async () => {
    const api = await makeApi();
    const name = (value: string) => `export function request() { return { payload: "${value}" } }
      export function response(ctx) { return ctx.result }`;
    await resolver(api, "Query.forBosses", name("bosses"));
    await resolver(api, "Query.forServices", name("services"));
    await resolver(api, "Query.thing", ECHO);
  });

  test("a token until it expires, and then no more", async () => {
    const given = await token();
    expect((await ask("{ thing(id: 1) { id } }", given)).data).toEqual({ thing: { id: "1" } });
    await clock.advance(61_000);
    const [error] = (await ask("{ thing(id: 1) { id } }", given)).errors ?? [];
    expect(error).toEqual({ errorType: "UnauthorizedException", message: "Token has expired." });
  });

  test.each([
    [{ client_id: "other" }, "a token of another app client"],
    [{ token_use: "id", client_id: "app", aud: "other" }, "an ID token of another app client"],
    [{ iss: "https://elsewhere" }, "a token of another pool"],
  ])("%j is refused: %s", async (claims: JWTPayload, _what: string) => {
    const [error] = (await ask("{ thing { id } }", await token(claims))).errors ?? [];
    expect(error?.["errorType"]).toBe("UnauthorizedException");
  });

  test.each([
    ["a person", {}, { forBosses: null, forServices: null, thing: { secret: null } }],
    [
      "a boss",
      { "cognito:groups": ["bosses"] },
      { forBosses: "bosses", forServices: null, thing: { secret: null } },
    ],
  ])("%s to the fields that directives open", async (_who, claims, data) => {
    expect(
      (await ask("{ forBosses forServices thing(id: 1) { secret } }", await token(claims))).data,
    ).toEqual(data);
  });

  /** As the SDK signs it. */
  async function signed(
    query: string,
    credentials: LocalCredentials = localAws.credentials,
  ): Promise<HttpRequest> {
    const client = new DynamoDBClient({ credentials, region: "us-east-1" });
    const signer = await client.config.signer({
      name: "sigv4",
      signingName: "appsync",
      signingRegion: "us-east-1",
      properties: {},
    });
    const body = JSON.stringify({ query });
    const headers = { host: "127.0.0.1:4000", "content-type": "application/json" };
    const request = {
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: "/graphql",
      headers,
      body,
    };
    const how = { signingDate: new Date(clock.now()), signingService: "appsync", signingRegion: "us-east-1" };
    const made = await signer.sign(request, how);
    return {
      method: "POST",
      path: "/graphql",
      headers: made.headers,
      query: "",
      body: Buffer.from(body),
      sourceIp: "127.0.0.1",
    };
  }
  const answered = async (request: HttpRequest) => {
    const { status, body } = await appsync.handle(request);
    return { status, ...(JSON.parse(String(body)) as { data: Shape; errors?: Shape[] }) };
  };

  test("a signed request to the fields of services alone", async () => {
    const { data, errors } = await answered(await signed("{ forServices thing { id } }"));
    expect(data).toEqual({ forServices: "services", thing: null });
    expect(errors).toMatchObject([{ path: ["thing"], errorType: "Unauthorized" }]);
  });

  test("no request whose signature is made up, of another secret, of another body, or old", async () => {
    const query = "{ forServices }";
    const refusal = async (request: HttpRequest) => {
      const { status, errors } = await answered(request);
      return [status, errors?.[0]?.["errorType"]];
    };
    const right = await signed(query);
    const invented = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appsync/aws4_request, Signature=x";
    expect(await refusal({ ...right, headers: { ...right.headers, authorization: invented } })).toEqual([
      403,
      "UnrecognizedClientException",
    ]);
    for (const name of ["__proto__", "constructor", "toString"]) {
      const authorization = String(right.headers["authorization"]).replace(
        /SignedHeaders=[^,]+/,
        `SignedHeaders=${name}`,
      );
      const asked = { ...right, headers: { ...right.headers, authorization } };
      expect(await refusal(asked)).toEqual([403, "InvalidSignatureException"]);
    }
    const other = await signed(query, { ...localAws.credentials, secretAccessKey: "local" });
    expect(await refusal(other)).toEqual([403, "InvalidSignatureException"]);
    const body = Buffer.from(JSON.stringify({ query: "mutation { forbidden { id } }" }));
    expect(await refusal({ ...right, body })).toEqual([403, "InvalidSignatureException"]);
    await clock.advance(301_000);
    expect(await refusal(right)).toEqual([403, "InvalidSignatureException"]);
  });
});

describe("a resolver", () => {
  test("raises its own errors, beside a result or instead of one, with data that the field selects", async () => {
    const api = await makeApi();
    await resolver(
      api,
      "Query.thing",
      `import { util as u } from "@aws-appsync/utils";
      function request(ctx) { return { payload: null } }
      const response = (ctx) => {
        if (ctx.args.id) u.error("no such thing", "NotThere", { id: "1", hidden: "2" }, { more: true });
        u.appendError("late", "Late");
        return { id: "7" };
      };
      export { request, response };`,
    );
    const appended = await ask("{ thing { id } }");
    expect(appended.data).toEqual({ thing: { id: "7" } });
    expect(appended.errors).toMatchObject([{ message: "late", errorType: "Late", path: ["thing"] }]);
    const raised = await ask("{ other: thing(id: 1) { id } }");
    expect(raised).toEqual({
      data: { other: null },
      errors: [
        {
          path: ["other"],
          data: { id: "1" },
          errorType: "NotThere",
          errorInfo: { more: true },
          locations: [{ line: 1, column: 3, sourceName: null }],
          message: "no such thing",
        },
      ],
    });
  });

  test("matches patterns that say where they begin and end, and composes letters", async () => {
    const api = await makeApi();
    const code = `import { util } from "@aws-appsync/utils";
      export function request(ctx) {
        const name = util.str.normalize("e\u0301", "nfc");
        return { payload: { id: name, name: util.matches("^[a-z]+(?![\\\\s\\\\S])", ctx.args.id) ? "yes" : "no" } };
      }`;
    await resolver(api, "Query.thing", `${code}\nexport function response(ctx) { return ctx.result }`);
    expect((await ask(`{ thing(id: "abc") { id name } }`)).data).toEqual({
      thing: { id: "\u00E9", name: "yes" },
    });
    expect((await ask(`{ thing(id: "abc1") { name } }`)).data).toEqual({ thing: { name: "no" } });
  });

  test.each([
    [
      `return util.matches("[a-z]", "abc")`,
      "util.matches: the pattern [a-z] does not say where it begins and ends",
    ],
    [`return util.meow()`, "util.meow is not part of the local runtime"],
    [`return ctx.args.nothing.name`, "Runtime Error: Cannot read properties of undefined (reading 'name')"],
  ])("that says %s fails with the reason", async (statement, message) => {
    const api = await makeApi();
    const code = `import { util } from "@aws-appsync/utils";
      export function request(ctx) { ${statement} } export function response() { return null }`;
    // Two statements in a line: the second export begins its own line after formatting.
    await resolver(api, "Query.thing", code.replace("} export", "}\nexport"));
    expect((await ask("{ thing { id } }")).errors).toMatchObject([{ errorType: "Code", message }]);
  });

  test("in a pipeline sees what earlier functions left, and a function may be skipped or be the last", async () => {
    const api = await makeApi();
    const made = async (name: string, code: string) => {
      const props = { ApiId: api, Name: name, DataSourceName: "nothing", Code: code, Runtime: RUNTIME };
      return String((await create("FunctionConfiguration", props, name)).attributes?.["FunctionId"]);
    };
    const first = await made(
      "first",
      `import { runtime } from "@aws-appsync/utils";
      export function request(ctx) {
        ctx.stash.seen = "first";
        if (ctx.args.id === "skip") runtime.earlyReturn({ name: "skipped" });
        if (ctx.args.id === "end") runtime.earlyReturn({ id: "1", name: "ended" }, { skipTo: "END" });
        return { payload: { name: "run" } };
      }
      export function response(ctx) { return ctx.result }`,
    );
    const second = await made(
      "second",
      `
      export function request(ctx) { return { payload: { id: "1", name: ctx.prev.result.name + " " + ctx.stash.seen } } }
      export function response(ctx) { return ctx.result }`,
    );
    const around = `export function request() { return {} }
      export function response(ctx) { return ctx.prev.result }`;
    await resolver(api, "Query.thing", around, {
      Kind: "PIPELINE",
      DataSourceName: undefined,
      PipelineConfig: { Functions: [first, second] },
    });
    const names = await ask(
      `{ run: thing { name } skip: thing(id: "skip") { name } end: thing(id: "end") { name } }`,
    );
    expect(names.data).toEqual({
      run: { name: "run first" },
      skip: { name: "skipped first" },
      end: { name: "ended" },
    });
  });

  test("calls its table with the role of the source, and is handed the record that refused its condition", async () => {
    const api = await makeApi();
    await resolver(
      api,
      "Mutation.makeThing",
      `import { util } from "@aws-appsync/utils";
      export function request(ctx) {
        const condition = JSON.parse(util.transform.toDynamoDBConditionExpression({ id: { attributeExists: false } }));
        return { operation: "PutItem", key: util.dynamodb.toMapValues({ id: "1" }), attributeValues: {}, condition:
          { expression: condition.expression, expressionNames: condition.expressionNames } };
      }
      export function response(ctx) {
        return { id: ctx.result.id, name: ctx.error ? ctx.error.type : "written" };
      }`,
      { DataSourceName: "table" },
    );
    expect((await ask("mutation { makeThing { id name } }")).data).toEqual({
      makeThing: { id: "1", name: "written" },
    });
    expect(tableCalls[0]).toMatchObject({
      operation: "PutItem",
      caller: { kind: "role", arn: "role" },
      input: {
        TableName: "things",
        ConditionExpression: "attribute_not_exists(#id)",
        ExpressionAttributeNames: { "#id": "id" },
      },
    });
    tableError = new AwsError("ConditionalCheckFailedException", "The conditional request failed");
    const refused = await ask("mutation { makeThing { id name } }");
    expect(refused.data).toEqual({
      makeThing: { id: "stored", name: "DynamoDB:ConditionalCheckFailedException" },
    });
  });

  test("writes a transaction in the tables that its parts name, and hears why it was cancelled", async () => {
    const api = await makeApi({ EnvironmentVariables: { OTHER_TABLE: "others" } });
    await resolver(
      api,
      "Mutation.makeThing",
      `import { util } from "@aws-appsync/utils";
      export function request(ctx) {
        const key = util.dynamodb.toMapValues({ id: "1" });
        const condition = { expression: "attribute_not_exists(id)" };
        const quiet = { expression: "attribute_exists(id)", returnValuesOnConditionCheckFailure: false };
        const update = { expression: "SET a = :a", expressionValues: util.dynamodb.toMapValues({ ":a": 1 }) };
        const attributeValues = util.dynamodb.toMapValues({ b: "2" });
        const table = ctx.env.OTHER_TABLE;
        return { operation: "TransactWriteItems", transactItems: [
          { table: "things", operation: "PutItem", key, attributeValues, condition },
          { table, operation: "UpdateItem", key, update, condition: quiet },
          { table: "more", operation: "DeleteItem", key },
          { table: "yet-more", operation: "ConditionCheck", key, condition },
        ] };
      }
      export function response(ctx) { return { id: "1", name: JSON.stringify([ctx.result, ctx.error]) } }`,
      { DataSourceName: "table" },
    );
    const outcome = async () => {
      const { data } = await ask("mutation { makeThing { name } }");
      return JSON.parse(String((data["makeThing"] as Shape)["name"])) as [Shape, Shape];
    };
    const keys = Array.from({ length: 4 }, () => ({ id: "1" }));
    expect(await outcome()).toEqual([{ keys, cancellationReasons: null }, null]);
    const [written] = tableCalls;
    const Key = { id: { S: "1" } };
    const returned = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    const ConditionExpression = "attribute_not_exists(id)";
    expect(written).toMatchObject({ operation: "TransactWriteItems", caller: { kind: "role", arn: "role" } });
    expect(written?.input).toEqual({
      TransactItems: [
        { Put: { TableName: "things", Item: { ...Key, b: { S: "2" } }, ConditionExpression, ...returned } },
        {
          Update: {
            TableName: "others",
            Key,
            UpdateExpression: "SET a = :a",
            ConditionExpression: "attribute_exists(id)",
            ExpressionAttributeValues: { ":a": { N: "1" } },
          },
        },
        { Delete: { TableName: "more", Key } },
        { ConditionCheck: { TableName: "yet-more", Key, ConditionExpression, ...returned } },
      ],
    });
    const CancellationReasons = [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: { id: { S: "7" } } },
    ];
    tableError = new AwsError("TransactionCanceledException", "Transaction cancelled", 400, {
      CancellationReasons,
    });
    const message = "Transaction cancelled (Service: DynamoDb, Status Code: 400)";
    expect(await outcome()).toEqual([
      {
        keys: null,
        cancellationReasons: [
          { type: "None", message: null, item: null },
          { type: "ConditionalCheckFailed", message: "The conditional request failed", item: { id: "7" } },
        ],
      },
      { message, type: "DynamoDB:TransactionCanceledException" },
    ]);
    tableError = new AwsError("ValidationException", "Member must not be null");
    expect((await outcome())[0]).toEqual({ keys: null, cancellationReasons: null });
  });

  test("answers null for a field that must not be, in the words of AppSync", async () => {
    const api = await makeApi();
    await resolver(api, "Query.thing", ECHO);
    expect((await ask("{ thing { id } }")).errors).toMatchObject([
      {
        message: "Cannot return null for non-nullable type: 'ID' within parent 'Thing' (/thing/id)",
        locations: null,
      },
    ]);
  });
});

describe("a subscription", () => {
  const heardBy = async (query: string, variables: Shape = {}) => {
    const heard: unknown[] = [];
    const authorization = { Authorization: await token() };
    const header = Buffer.from(JSON.stringify(authorization)).toString("base64url");
    const connection = appsync.connect(
      { query: "", protocols: ["graphql-ws", `header-${header}`], sourceIp: "127.0.0.1" },
      {
        send: (message) => void (message.type === "data" && heard.push(message.payload)),
        close: () => undefined,
      },
    );
    const payload = { data: JSON.stringify({ query, variables }), extensions: { authorization } };
    await connection.receive(JSON.stringify({ type: "start", id: "1", payload }));
    return heard;
  };

  test.each([
    ["no argument", "subscription { onThing { name } }", {}, ["a", null, "b"]],
    ["a value", `subscription { onThing(name: "a") { name } }`, {}, ["a"]],
    ["null", "subscription { onThing(name: null) { name } }", {}, [null]],
    ["a variable", "subscription ($name: String) { onThing(name: $name) { name } }", { name: "b" }, ["b"]],
    [
      "a variable without a value",
      "subscription ($name: String) { onThing(name: $name) { name } }",
      {},
      ["a", null, "b"],
    ],
  ])("with %s hears the things that match", async (_what, query, variables, names) => {
    const api = await makeApi();
    await resolver(api, "Mutation.makeThing", ECHO);
    const heard = await heardBy(query, variables);
    for (const name of [`"a"`, "null", `"b"`])
      await ask(`mutation { makeThing(id: 1, name: ${name}) { id name } }`);
    expect(heard).toEqual(names.map((name) => ({ data: { onThing: { name } } })));
  });

  test("hears what a service has caused, but not the fields that only services see", async () => {
    const api = await makeApi();
    await resolver(
      api,
      "Mutation.makeThing",
      `export function request() { return { payload: { id: "1", secret: "s" } } }
      export function response(ctx) { return ctx.result }`,
    );
    const heard = await heardBy("subscription { onThing { id secret } }");
    const endpointArn = localAws.arn("appsync", `endpoints/graphql-api/${api}`);
    const call = (query: string) =>
      localAws.call({
        service: "appsync",
        operation: "GraphQL",
        input: { endpointArn, query },
        caller: { kind: "role", arn: "rule" },
      });
    expect(await call("mutation { makeThing { id secret } }")).toEqual({
      data: { makeThing: { id: "1", secret: "s" } },
    });
    expect(heard).toMatchObject([
      { data: { onThing: { id: "1", secret: null } }, errors: [{ errorType: "Unauthorized" }] },
    ]);
    await expect(call("mutation { forbidden { id } }")).rejects.toMatchObject({
      code: "AccessDeniedException",
    });
  });
});

describe("a template", () => {
  test.each([
    ["an API key", () => makeApi({ AuthenticationType: "API_KEY" }), /AuthenticationType/],
    [
      "an unknown pool",
      () => makeApi({ UserPoolConfig: { UserPoolId: "x", AwsRegion: "us-east-1" } }),
      /no user pool/,
    ],
    [
      "an unknown scalar",
      async () =>
        create("GraphQLSchema", { ApiId: await makeApi(), Definition: "type Query { at: AWSPhone }" }),
      /AWSPhone/,
    ],
    [
      "a resolver of no field",
      async () => resolver(await makeApi(), "Query.meow", ECHO),
      /No field named meow/,
    ],
    [
      "a resolver of no source",
      async () => resolver(await makeApi(), "Query.thing", ECHO, { DataSourceName: "x" }),
      /no data source x/,
    ],
    [
      "mapping templates",
      async () => resolver(await makeApi(), "Query.thing", ECHO, { Runtime: { Name: "VTL" } }),
      /Runtime/,
    ],
    [
      "code that is too long",
      async () => resolver(await makeApi(), "Query.thing", ECHO + " ".repeat(32_000)),
      /32000 are allowed/,
    ],
    [
      "code that waits",
      async () => resolver(await makeApi(), "Query.thing", `async ${ECHO}`),
      /async is not supported/,
    ],
    [
      "a role that does not trust AppSync",
      async () =>
        create("DataSource", {
          ApiId: await makeApi(),
          Name: "t",
          Type: "AMAZON_DYNAMODB",
          ServiceRoleArn: "stranger",
          DynamoDBConfig: { TableName: "t", AwsRegion: "us-east-1" },
        }),
      /does not trust/,
    ],
    [
      "an HTTP source",
      async () => create("DataSource", { ApiId: await makeApi(), Name: "t", Type: "HTTP" }),
      /Type/,
    ],
  ])("with %s stops the start", async (_what, make, message) => {
    await expect((async () => make())()).rejects.toThrow(message);
  });

  test("may hide its schema and bound the depth of what is asked", async () => {
    const api = await makeApi({ IntrospectionConfig: "DISABLED", QueryDepthLimit: 2 });
    await resolver(api, "Query.thing", ECHO);
    expect((await ask("{ __schema { types { name } } }")).errors).toMatchObject([
      { message: /FieldUndefined/ },
    ]);
    expect((await ask("{ thing { list { id } } }")).errors).toMatchObject([
      { errorType: "QueryDepthLimitReached" },
    ]);
    const fragments = "{ thing { ...deep } } fragment deep on Thing { list { list { id } } }";
    expect((await ask(fragments)).errors).toMatchObject([{ errorType: "QueryDepthLimitReached" }]);
  });
});

describe("AppSync's runtime has not", () => {
  test.each([
    "for (let i = 0; i < 3; i += 1) {}",
    "let n = 0; n++;",
    "try { x() } catch (error) {}",
    "throw 'x';",
    "while (true) {}",
    "const text = a.replace(/x/g, 'y');",
    "const now = new Date();",
    "const yes = 'a' in ctx;",
    "const text = `${await x}`;",
    "class Thing {}",
    "const n = Math.random();",
  ])("%s", (code) => {
    expect(unsupportedPart(code)).toBeDefined();
  });

  test.each([
    "for (const key in ctx) {} for (const one of list) {}",
    "const text = 'do not try this in new ways'; // while this is a comment",
    "const half = a / b / c; const url = `https://x/${id}/in/new`;",
    "const filter = { in: [1], of: 2, catch: x.then };",
    "return a?.b ?? { ...c };",
  ])("anything against: %s", (code) => {
    expect(unsupportedPart(code)).toBeUndefined();
  });
});

test.each([
  ["[1, 2].includes(1)", "includes"],
  ["[1, 2].at(-1)", "at"],
  ["[2, 1].toSorted()", "toSorted"],
])("a method of arrays that AWS's guide does not list is not there: %s", (expression, method) => {
  const code = loadCode(
    `export function request() { return { is: ${expression} }; }\nexport function response() { return {}; }`,
  );
  const tools = { util: {}, extensions: {}, runtime: {} };
  expect(() => code.run("request", { arguments: {}, stash: {} }, tools)).toThrow(
    `${method} is not a function`,
  );
  const listed = loadCode(
    "export function request() { return { is: [1, 2].indexOf(2) }; }\nexport function response() { return {}; }",
  );
  expect(listed.run("request", { arguments: {}, stash: {} }, tools).result).toEqual({ is: 1 });
});

test("the port of the AWS APIs does not know the operation by which rules call", async () => {
  await expect(
    localAws.call({ service: "appsync", operation: "ListGraphqlApis", input: {}, caller: PERSON }),
  ).rejects.toMatchObject({ code: "UnknownOperationException" });
});
