/** The apps' own spelling in a document of its own: one address, the command named by `action`. */
import { inputOf, type Json, replyRef } from "./components.ts";
import { commands } from "./commands.ts";
import { ENVELOPE_REFUSALS } from "./refusals.ts";
import { problemCodes, statusOfProblem, titleOfProblem } from "./problems.ts";

const within = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/'));

/** Only a header carries it. */
const IN_HEADER = "idempotencyKey";

function inputs(): Json[] {
  return commands.map((command) => {
    const schema = inputOf(command);
    const fields = Object.entries(schema["properties"] as Json).filter(([name]) => name !== IN_HEADER);
    return {
      ...schema,
      title: command.action,
      properties: { action: { const: command.action }, ...Object.fromEntries(fields) },
      required: ["action", ...((schema["required"] ?? []) as string[])],
    };
  });
}

function refusals(): Json {
  const statuses = [...new Set(problemCodes.map(statusOfProblem))];
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = problemCodes.filter((code) => statusOfProblem(code) === status);
      const description = codes.map((code) => `\`${code}\`: ${titleOfProblem(code)}`).join("; ");
      const schema = { $ref: "#/components/schemas/Problem" };
      return [status, { description, content: { "application/problem+json": { schema } } }];
    }),
  );
}

/** `routes`: the document of the routes, whose schemas this one refers to. */
export function envelopeDocument({ openapi, info, servers, security, components }: Json): Json {
  const replies = [...new Set(commands.map((command) => String(replyRef(command)["$ref"])))];
  const header = { name: "Idempotency-Key", in: "header", schema: { type: "string" } };
  const operation: Json = {
    operationId: "envelope",
    summary: "Any command, named by `action`",
    description: `Each command can give the problems of its route in openapi.json, and ${ENVELOPE_REFUSALS.map((code) => `\`${code}\``).join(", ")}.`,
    parameters: [header],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { oneOf: inputs(), discriminator: { propertyName: "action" } } },
      },
    },
    responses: {
      200: {
        description: "Done",
        content: { "application/json": { schema: { anyOf: replies.map(($ref) => ({ $ref })) } } },
      },
      202: {
        description: "Accepted: deleteClientIds",
        content: { "application/json": { schema: { $ref: "#/components/schemas/DeletionAccepted" } } },
      },
      ...refusals(),
    },
  };
  const title = "Ringmaster: the envelope";
  const description = "Every command at one address. openapi.json describes the same commands as routes.";
  return {
    openapi,
    info: { ...(info as Json), title, description },
    servers,
    security,
    paths: { "/": { post: within(operation) } },
    components: { securitySchemes: (components as Json)["securitySchemes"] },
  };
}
