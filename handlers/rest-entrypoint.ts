/**
 * The REST API: both spellings of every command (api/commands.ts). The gateway has matched the route and verified the
 * JWT; here the person is read from its claims, the input is parsed, the command runs, and a refusal becomes a problem.
 */
import { createHash } from "node:crypto";
import type { Context } from "aws-lambda";
import * as z from "zod/mini";
import { type SignIn, signInSchema } from "../calls/acting-phone.ts";
import { type Command, commands, maxBodyBytesOf, statusOf } from "../api/commands.ts";
import { MAX_BODY_BYTES, MAX_DELETION_BODY_BYTES } from "../calls/limits.ts";
import { type FieldError, invalidRequest, Problem } from "../api/problems.ts";
import { admission } from "./store/admission-store.ts";
import { callStore } from "./store/call-store.ts";
import { directory } from "./store/directory.ts";
import { clientStore } from "./store/client-store.ts";
import { eventBus } from "./edge/event-bus.ts";
import { participantTokens, roomOffers } from "./media/joining.ts";
import { personStore } from "./store/person-store.ts";
import { acting } from "./rest/acting.ts";
import { commandHandlers } from "./rest/command-handlers.ts";
import type { Person, CommandContext } from "./rest/command-context.ts";
import { persist } from "./edge/contention.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger, measure } from "./edge/handler.ts";
import { givenMembers, jsonObject } from "./rest/request-body.ts";

/** AWS leaves out what a request does not have; its emulators and its own test events say null. */
const orNothing = z.pipe(
  z.nullish(z.record(z.string(), z.string())),
  z.transform((given) => given ?? {}),
);

/** API Gateway HTTP API, payload format 2.0: the parts that are used. */
export const httpEvent = z.object({
  routeKey: z.string(),
  body: z.nullish(z.string()),
  isBase64Encoded: z._default(z.boolean(), false),
  pathParameters: orNothing,
  queryStringParameters: orNothing,
  /** Names in lower case. */
  headers: orNothing,
  requestContext: z.object({
    requestId: z.string(),
    /** When the gateway received the request. */
    timeEpoch: z.optional(z.number()),
    authorizer: z.optional(z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) })),
  }),
});
type HttpEvent = z.output<typeof httpEvent>;

export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function restEntrypoint(context: CommandContext, event: HttpEvent): Promise<HttpReply> {
  try {
    const person = personOf(event, context.signInClaim);
    const { command, input } = requestOf(event);
    logger.appendKeys({ action: command.action });
    const reply = await run(context, person, command, input);
    measureTimeToToken(command, event);
    return json(statusOf(command), stamped(context, reply), "application/json");
  } catch (error) {
    if (error instanceof Problem) return refused(context, error);
    throw error;
  }
}

/** As the caller waits for it, except for the way from and to the phone: starting a new instance counts. */
function measureTimeToToken({ action }: Command, { requestContext: { timeEpoch } }: HttpEvent): void {
  if (action === "initiateCall" && timeEpoch !== undefined) measure("TimeToToken", timeEpoch);
}

async function run(
  context: CommandContext,
  person: Person,
  command: Command,
  input: Readonly<Record<string, unknown>>,
): Promise<object> {
  const parsed = command.input.safeParse(givenMembers(command.input, input));
  if (!parsed.success) throw invalidRequest(fieldErrors(parsed.error));
  // The table pairs each action with the handler of that action, which the compiler cannot follow through a lookup.
  const handle = commandHandlers[command.action] as (
    context: CommandContext,
    person: Person,
    input: unknown,
  ) => Promise<object>;
  const { allowed, context: own } = acting(context, person);
  const attempt = () => handle(own, person, parsed.data);
  const [reply] = await Promise.all([persist(context.edge, attempt), allowed]);
  return reply;
}

/** The gateway takes ID tokens too: only an access token may act. */
function personOf({ requestContext: { authorizer } }: HttpEvent, signInClaim: string): Person {
  const claims = authorizer?.jwt.claims ?? {};
  const { sub, username, token_use: use, "cognito:groups": groups } = claims;
  if (use !== "access" || typeof sub !== "string") {
    throw new Problem("access_token_required", "expected a Cognito access token of a signed-in user");
  }
  return {
    sub,
    username: typeof username === "string" ? username : sub,
    operator: groupsOf(groups).includes("operators"),
    signIn: signInOf(claims, signInClaim),
  };
}

/** Kept with phones and calls, so not the claim itself. */
function signInOf(claims: Readonly<Record<string, unknown>>, name: string): SignIn | undefined {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof claim !== "string" || claim === "") return undefined;
  return signInSchema.parse(createHash("sha256").update(claim).digest("hex").slice(0, 32));
}

/** The gateway hands a list claim over as one string: `[one two]`. */
function groupsOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map(String);
  return typeof claim === "string" ? claim.replace(/^\[(.*)\]$/, "$1").split(/[\s,]+/) : [];
}

/** `POST /` is the envelope, in which `action` names the command; any other route names it itself. */
function requestOf(event: HttpEvent): { command: Command; input: Record<string, unknown> } {
  const { body, bytes } = bodyOf(event);
  const command =
    event.routeKey === "POST /"
      ? commands.find(({ action }) => action === body["action"])
      : commands.find(({ route }) => event.routeKey === `${route.method} ${route.path}`);
  if (command) {
    refuseBody(bytes, maxBodyBytesOf(command));
    return { command, input: inputOf(event, body) };
  }
  refuseBody(bytes, MAX_BODY_BYTES);
  const known = commands.map(({ action }) => action).join(", ");
  throw new Problem("unknown_action", "the action is not known", {
    errors: [{ field: "action", message: `expected one of ${known}` }],
  });
}

/** One key is a header's alone: a body that an app logs or stores must not decide what a repeat is. */
function inputOf(
  { headers, pathParameters, queryStringParameters }: HttpEvent,
  body: Record<string, unknown>,
) {
  const idempotencyKey = headers["idempotency-key"];
  return { ...body, ...queryStringParameters, ...pathParameters, idempotencyKey };
}

/** What a command takes is known when its action has been read: until then, as much as the largest. */
function bodyOf({ body: given, isBase64Encoded }: HttpEvent): {
  body: Record<string, unknown>;
  bytes: number;
} {
  const body = given ?? "";
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  const bytes = Buffer.byteLength(text);
  refuseBody(bytes, MAX_DELETION_BODY_BYTES);
  return { body: jsonObject(text), bytes };
}

function refuseBody(bytes: number, most: number): void {
  if (bytes > most) throw new Problem("body_too_large", `expected at most ${most} bytes`);
}

const fieldErrors = (error: z.core.$ZodError): FieldError[] =>
  error.issues.map(({ path, message }) => ({ field: path.join(".") || "body", message }));

function refused(at: Clocked, problem: Problem): HttpReply {
  logger.appendKeys({ code: problem.code });
  if (problem.details.contended) count("RepliesContended");
  logger.info("refused", {
    detail: problem.message,
    cause: problem.cause instanceof Error ? problem.cause.message : undefined,
  });
  return replyOf(at, problem);
}

function replyOf(at: Clocked, problem: Problem): HttpReply {
  const { retryAfterSeconds } = problem.details;
  const reply = json(problem.status, stamped(at, problem.body), "application/problem+json");
  return retryAfterSeconds === undefined
    ? reply
    : { ...reply, headers: { ...reply.headers, "retry-after": String(retryAfterSeconds) } };
}

/** An unexpected failure is a problem too: the gateway would say less. */
function failed(error: Error): HttpReply {
  logger.error("failed", error);
  return refused({ edge }, unexpected(error));
}

const unexpected = (cause: unknown): Problem =>
  new Problem("try_again", "the request failed inside; repeating it completes or repairs what it began", {
    retryAfterSeconds: 1,
    cause,
  });

type Clocked = Pick<CommandContext, "edge">;

/** When it is sent: the last thing that is added. */
const stamped = ({ edge: { now } }: Clocked, reply: object): object => ({ ...reply, serverNowMs: now() });

const json = (statusCode: number, body: unknown, type: string): HttpReply => ({
  statusCode,
  headers: { "content-type": type, "cache-control": "no-store" },
  body: JSON.stringify(body),
});

const env = readEnvironment(
  "AWS_REGION",
  "CLIENTS_TABLE",
  "DEVICES_TABLE",
  "OWNERS_TABLE",
  "PEOPLE_TABLE",
  "CALLS_TABLE",
  "BUS_NAME",
  "RING_SECONDS",
  "MAX_CALL_SECONDS",
  "TOKEN_SECONDS",
  "RING_ATTEMPTS_PER_MINUTE",
  "REGISTRATIONS_PER_HOUR",
  "DELETIONS_PER_HOUR",
  "SIGN_IN_CLAIM",
  "STACK_NAME",
  "CLEAN_UP_BUCKET",
  "CLEAN_UP_WORKFLOW_ARN",
);
const context: CommandContext = {
  calls: callStore(env),
  clients: clientStore(env),
  persons: personStore(env),
  directory: directory(env),
  rooms: roomOffers(edge),
  admission: admission(env),
  tokens: participantTokens(edge),
  publisher: eventBus(env),
  settings: async () => (await import("./store/client-settings.ts")).clientSettings(env),
  cleanUps: async () => {
    const { operationStore } = await import("./clients/operation-store.ts");
    const { cleanUpWorkflow } = await import("./clients/clean-up-workflow.ts");
    const { operationCounts } = await import("./store/operation-counts.ts");
    return { operations: operationStore(env), workflow: cleanUpWorkflow(env), counts: operationCounts(env) };
  },
  edge,
  ringSeconds: env.RING_SECONDS,
  maxCallSeconds: env.MAX_CALL_SECONDS,
  signInClaim: env.SIGN_IN_CLAIM,
  tokenSeconds: env.TOKEN_SECONDS,
  limits: {
    calls: env.RING_ATTEMPTS_PER_MINUTE,
    registrations: env.REGISTRATIONS_PER_HOUR,
    deletions: env.DELETIONS_PER_HOUR,
  },
};

const respond = async (event: HttpEvent): Promise<HttpReply> => {
  const startedMs = edge.now();
  const reply = await restEntrypoint(context, event).catch(failed);
  measure("RequestDuration", startedMs);
  count(`Replies_${Math.floor(reply.statusCode / 100)}xx`);
  logger.info("replied", { status: reply.statusCode, durationMs: edge.now() - startedMs });
  return reply;
};
const handle = defineHandler(httpEvent, respond, ({ requestContext }) => requestContext.requestId);

/** What is not even a request of the gateway has been logged, and gets the same answer. */
export const handler = async (event: unknown, context: Context): Promise<HttpReply> => {
  try {
    return await handle(event, context);
  } catch (error) {
    return replyOf({ edge }, unexpected(error));
  }
};
