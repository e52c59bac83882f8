/** `npm run openapi:print`: the OpenAPI 3.1 document of the REST API, from the schemas of calls/commands.ts. */
import { writeFileSync } from "node:fs";
import * as z from "zod";
import { type Command, commands, statusOf } from "../calls/commands.ts";
import { problemCodes, statusOfProblem } from "../calls/problems.ts";

type Json = Record<string, unknown>;

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(problemCodes as [string, ...string[]]),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  callId: z.string().optional(),
  endReason: z.string().optional(),
});

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as Json;
  return rest;
};

const content = (schema: Json, type = "application/json"): Json => ({ content: { [type]: { schema } } });
const problem = content({ $ref: "#/components/schemas/Problem" }, "application/problem+json");
const gatewayRefusal = content({ type: "object", properties: { message: { type: "string" } } });

const statuses = [...new Set(problemCodes.map(statusOfProblem))].filter((status) => status !== 401);
const refusals: Json = {
  ...Object.fromEntries(
    statuses.map((status) => {
      const codes = problemCodes.filter((code) => statusOfProblem(code) === status);
      return [status, { description: `Refused: ${codes.join(", ")}`, ...problem }];
    }),
  ),
  401: { description: "No access token, or not a valid one: refused by the gateway", ...gatewayRefusal },
  429: { description: "Too many requests: refused by the gateway", ...gatewayRefusal },
};

function operation(command: Command): Json {
  const { action, summary, route, input, reply } = command;
  const schema = schemaOf(input, "input");
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const properties = schema["properties"] as Json;
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: properties[name] }));
  const inBody = Object.keys(properties).filter((name) => !names.includes(name));
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
        ...content(schemaOf(reply, "output")),
      },
      ...refusals,
    },
  };
}

/** The apps' own spelling: one address, the command named by `action`. */
function envelope(): Json {
  const inputs = commands.map(({ action, input }) => {
    const schema = schemaOf(input, "input");
    const properties = { action: { const: action }, ...(schema["properties"] as Json) };
    return {
      ...schema,
      title: action,
      properties,
      required: ["action", ...((schema["required"] ?? []) as string[])],
    };
  });
  const replies = commands.map(({ action, reply }) => ({ ...schemaOf(reply, "output"), title: action }));
  return {
    operationId: "envelope",
    summary: "Any command, named by `action`",
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
      description: "Calls between people's phones.",
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
