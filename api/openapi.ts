/**
 * `npm run openapi:print`: the OpenAPI 3.1 documents of the REST API, from the schemas of commands.ts. One has the routes, for
 * generators of clients; the other the envelope, whose single operation would be one class of every command.
 */
import { writeFileSync } from "node:fs";
import { inputOf, type Json, ref, replyComponents, replyRef, requestName } from "./components.ts";
import { type Action, type Command, commands, statusOf } from "./commands.ts";
import { envelopeDocument } from "./envelope.ts";
import { exampleOf } from "./examples.ts";
import { type ProblemCode, statusOfProblem, titleOfProblem } from "./problems.ts";
import { refusalsOf } from "./refusals.ts";

type Placed = "path" | "header" | "query" | "body";

/** Inputs that only a header carries. */
const HEADERS: Readonly<Record<string, string>> = { idempotencyKey: "Idempotency-Key" };

const TAGS = {
  Clients: "Phones and the clients that they ring for.",
  Calls: "One call from ring to end.",
  Deletions: "Deleting clients, in the background.",
} as const;

/** By the first part of the path. */
function tagOf({ route: { path } }: Command): keyof typeof TAGS {
  if (path.endsWith("/calls") || path.startsWith("/calls")) return "Calls";
  return path.startsWith("/clients") ? "Clients" : "Deletions";
}

const json = (schema: Json, example?: unknown): Json => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});
const problem: Json = { "application/problem+json": { schema: ref("Problem") } };
/** What the gateway itself refuses has its own shape. */
const gatewayRefusal = json(ref("GatewayRefusal"));

function refusals(codes: readonly ProblemCode[]): Json {
  const statuses = [...new Set(codes.map(statusOfProblem)), 429].toSorted((one, other) => one - other);
  return Object.fromEntries(
    [...new Set(statuses)].map((status) => [
      status,
      refusal(
        status,
        codes.filter((code) => statusOfProblem(code) === status),
      ),
    ]),
  );
}

/** What the gateway refuses before a command runs. */
const BY_GATEWAY: Readonly<Record<number, string>> = {
  401: "no valid token: refused by the gateway",
  403: "a token without the scope of access tokens, such as an ID token: refused by the gateway",
  429: "too many requests: refused by the gateway",
};

function refusal(status: number, codes: readonly ProblemCode[]): Json {
  const told = codes.map((code) => `\`${code}\`: ${titleOfProblem(code)}`);
  const gateway = BY_GATEWAY[status];
  return {
    description: [...told, ...(gateway ? [gateway] : [])].join("; "),
    content: { ...(codes.length > 0 && problem), ...(gateway && gatewayRefusal) },
  };
}

const placesIn =
  ({ method, path }: Command["route"]) =>
  (name: string): Placed => {
    if (path.includes(`{${name}}`)) return "path";
    if (HEADERS[name]) return "header";
    return method === "GET" ? "query" : "body";
  };

function operation(command: Command): Json {
  const { action, summary, route } = command;
  const properties = inputOf(command)["properties"] as Json;
  const placeOf = placesIn(route);
  const parameters = Object.entries(properties)
    .filter(([name]) => placeOf(name) !== "body")
    .map(([name, schema]) => parameter(name, placeOf(name), schema as Json));
  const body = bodyOf(command);
  const example = exampleOf(action);
  return {
    operationId: action,
    tags: [tagOf(command)],
    summary,
    parameters,
    ...(body && {
      requestBody: {
        required: (body["required"] as string[]).length > 0,
        content: json(ref(requestName(command)), example.body),
      },
    }),
    responses: {
      [statusOf(command)]: {
        description: statusOf(command) === 202 ? "Accepted: getOperation tells how it goes" : "Done",
        content: json(replyRef(command), example.reply),
      },
      ...refusals(refusalsOf(action)),
    },
  };
}

function parameter(name: string, place: Placed, { description, ...schema }: Json): Json {
  return {
    name: HEADERS[name] ?? name,
    in: place,
    required: place === "path",
    ...(description !== undefined && { description }),
    schema,
  };
}

/** Commands that need exactly one of two members. `if` binds validators; of a `oneOf` generators make a class without members. */
const EITHER: { readonly [A in Action]?: readonly [string, string] } = {
  initiateCall: ["calleeId", "calleeIds"],
};

/** Undefined for a command that takes no body. */
function bodyOf(command: Command): Json | undefined {
  const { route, action } = command;
  if (route.method !== "POST") return undefined;
  const schema = inputOf(command);
  const inBody = Object.entries(schema["properties"] as Json).filter(
    ([name]) => placesIn(route)(name) === "body",
  );
  const required = ((schema["required"] ?? []) as string[]).filter((name) =>
    inBody.some(([of]) => of === name),
  );
  const either = EITHER[action];
  return {
    type: "object",
    ...(either && { description: `Exactly one of ${either.join(" and ")}` }),
    properties: Object.fromEntries(inBody),
    required,
    ...(either && exactlyOne(either)),
  };
}

const exactlyOne = ([one, other]: readonly [string, string]): Json => ({
  if: { required: [one] },
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word, and no function
  then: { not: { required: [other] } },
  else: { required: [other] },
});

const requests = (): Json =>
  Object.fromEntries(
    commands.flatMap((command) => {
      const body = bodyOf(command);
      return body ? [[requestName(command), body]] : [];
    }),
  );

const sorted = (schemas: Json): Json =>
  Object.fromEntries(Object.entries(schemas).toSorted(([one], [other]) => (one < other ? -1 : 1)));

export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const command of commands) {
    const { method, path } = command.route;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(command) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Ringmaster",
      version: "1",
      description:
        "Calls between people's phones. Ids are UUIDs: requests may use either case, replies use lower case. An APNs token is hex in either case. An optional member that is null counts as absent. A client should accept enum values and members that it does not know. The same commands as one endpoint, POST /, are described in openapi-envelope.json.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "http://127.0.0.1:4000", description: "npm start" }],
    security: [{ accessToken: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: sorted({ ...replyComponents(), ...requests(), GatewayRefusal: GATEWAY_REFUSAL }),
      securitySchemes: SECURITY,
    },
  };
}

const GATEWAY_REFUSAL: Json = {
  type: "object",
  properties: { message: { type: "string" } },
  required: ["message"],
};
const SECURITY: Json = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "Cognito access token of the stack's user pool",
  },
};

const text = (document: Json): string => `${JSON.stringify(document, undefined, 2)}\n`;

/** File in docs/ → what it holds. */
export const printed = (): Readonly<Record<string, string>> => ({
  "openapi.json": text(openApi()),
  "openapi-envelope.json": text(envelopeDocument(openApi())),
});

if (import.meta.main) {
  for (const [file, content] of Object.entries(printed()))
    writeFileSync(new URL(`../docs/${file}`, import.meta.url), content);
}
