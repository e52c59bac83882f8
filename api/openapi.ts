/** `npm run openapi:print`: the OpenAPI 3.1 document of the REST API, from the schemas of commands.ts. */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { OVER_REASONS } from "../calls/call.ts";
import { type Command, commands, statusOf } from "./commands.ts";
import { epochMs } from "./fields.ts";
import { problemCodes, statusOfProblem } from "./problems.ts";

type Json = Record<string, unknown>;

/** What every reply and every problem carries. A phone's own clock may be wrong: it compares times of the server only. */
const stampSchema = z.object({
  serverNowMs: epochMs.check(
    z.meta({ format: "int64", description: "When this was sent, by the server's clock" }),
  ),
});

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(problemCodes as [string, ...string[]]),
  detail: z.string(),
  message: z.string().check(z.describe("The same as detail")),
  errors: z.optional(z.array(z.object({ field: z.string(), message: z.string() }))),
  callId: z.optional(z.string()),
  deviceId: z
    .optional(z.string())
    .check(z.describe("With caller_in_call and on_another_device: the phone that is in that call")),
  endReason: z.optional(z.enum(OVER_REASONS)),
  retryAfterSeconds: z.optional(z.int()).check(z.describe("The same as the header Retry-After")),
  ...stampSchema.shape,
});

const schemaOf = (schema: z.ZodMiniType, io: "input" | "output"): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as Json;
  return rest;
};

/** A reply as it is sent: what the command gives, and when. */
const replySchema = (reply: Command["reply"]): Json => schemaOf(z.extend(reply, stampSchema.shape), "output");

const content = (schema: Json, type = "application/json"): Json => ({ content: { [type]: { schema } } });
const problem = content({ $ref: "#/components/schemas/Problem" }, "application/problem+json");
const gatewayRefusal = content({ type: "object", properties: { message: { type: "string" } } });

const statuses = [...new Set(problemCodes.map(statusOfProblem))].filter((status) => status !== 401);
const codesOf = (status: number): string =>
  problemCodes.filter((code) => statusOfProblem(code) === status).join(", ");

const refusals: Json = {
  ...Object.fromEntries(
    statuses.map((status) => {
      return [status, { description: `Refused: ${codesOf(status)}`, ...problem }];
    }),
  ),
  401: { description: "No access token, or not a valid one: refused by the gateway", ...gatewayRefusal },
  429: {
    description: `Refused: ${codesOf(429)}; or too many requests, refused by the gateway`,
    content: { ...(problem["content"] as Json), ...(gatewayRefusal["content"] as Json) },
  },
};

function operation(command: Command): Json {
  const { action, summary, route, input, reply } = command;
  const schema = schemaOf(input, "input");
  const properties = schema["properties"] as Json;
  const placeOf = placesIn(route);
  const parameters = Object.keys(properties)
    .filter((name) => placeOf(name) !== "body")
    .map((name) => ({
      name: HEADERS[name] ?? name,
      in: placeOf(name),
      required: placeOf(name) === "path",
      schema: properties[name],
    }));
  const inBody = Object.keys(properties).filter((name) => placeOf(name) === "body");
  const required = ((schema["required"] ?? []) as string[]).filter((name) => inBody.includes(name));
  const body = {
    ...schema,
    properties: Object.fromEntries(inBody.map((name) => [name, properties[name]])),
    required,
  };
  return {
    operationId: action,
    summary,
    parameters,
    ...(route.method === "POST" && { requestBody: { required: required.length > 0, ...content(body) } }),
    responses: {
      [statusOf(command)]: {
        description: statusOf(command) === 202 ? "Accepted" : "Done",
        ...content(replySchema(reply)),
      },
      ...refusals,
    },
  };
}

/** Inputs that only a header carries. */
const HEADERS: Readonly<Record<string, string>> = { idempotencyKey: "Idempotency-Key" };

const placesIn =
  ({ method, path }: Command["route"]) =>
  (name: string): "path" | "header" | "query" | "body" => {
    if (path.includes(`{${name}}`)) return "path";
    if (HEADERS[name]) return "header";
    return method === "GET" ? "query" : "body";
  };

/** The apps' own spelling: one address, the command named by `action`. */
function envelope(): Json {
  const inputs = commands.map(({ action, input }) => {
    const schema = schemaOf(input, "input");
    const fields = Object.entries(schema["properties"] as Json).filter(([name]) => !HEADERS[name]);
    const properties = { action: { const: action }, ...Object.fromEntries(fields) };
    return {
      ...schema,
      title: action,
      properties,
      required: ["action", ...((schema["required"] ?? []) as string[])],
    };
  });
  const replies = commands.map(({ action, reply }) => ({ ...replySchema(reply), title: action }));
  return {
    operationId: "envelope",
    summary: "Any command, named by `action`",
    parameters: Object.values(HEADERS).map((name) => ({ name, in: "header", schema: { type: "string" } })),
    requestBody: { required: true, ...content({ oneOf: inputs, discriminator: { propertyName: "action" } }) },
    responses: { 200: { description: "Done", ...content({ anyOf: replies }) }, ...refusals },
  };
}

export function openApi(): Json {
  const paths: Record<string, Json> = { "/": { post: envelope() } };
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
        "Calls between people's phones. Ids are UUIDs: either case comes in, lower case goes out. An APNs token is hex in either case. An optional member that is null counts as left out.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "http://127.0.0.1:4000", description: "npm start" }],
    security: [{ accessToken: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, "output") },
      securitySchemes: {
        accessToken: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "Cognito access token of the stack's user pool",
        },
      },
    },
  };
}

export const printed = (): string => `${JSON.stringify(openApi(), undefined, 2)}\n`;

if (import.meta.main) writeFileSync(new URL("../docs/openapi.json", import.meta.url), printed());
