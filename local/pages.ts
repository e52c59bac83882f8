/** What the app's port shows besides the API: `GET /`, the push inboxes, the mailboxes, how a call went, and places on its stage. */
import { consolePages } from "./console.ts";
import { AwsError, type LocalAws, PERSON, type Shape } from "../packages/local-aws/src/local-aws.ts";
import { frontPage, type PageAddresses } from "./front-page.ts";
import type { HttpRequest, HttpResponse } from "../packages/local-aws/src/http-api/http-message.ts";
import type { PushMessage } from "../packages/local-aws/src/push-networks/push-networks.ts";
import { builtPage, localConfig } from "./site.ts";
import { stagePhones } from "./stage-phones.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";
import type { Pages, StreamResponse } from "../packages/local-aws/src/servers.ts";

/** The longest that a request may wait for something to happen. */
const MAX_WAIT_SECONDS = 60;

/** `origins`: whose pages may read `/config.json`, which is what lets them sign in at the AWS port. */
export function createPages(
  runtime: Runtime,
  addresses: PageAddresses,
  origins: readonly string[] = [],
): Pages {
  const phones = stagePhones(runtime.ivs);
  const console = consolePages(runtime, addresses);
  return async (request) => {
    const view = await console(request);
    if (view) return view;
    if (request.method === "POST") return phones(request);
    if (request.method !== "GET") return undefined;
    if (request.path === "/") return html(frontPage(runtime.outputs, addresses));
    if (request.path === "/config.json")
      return readableFrom(origins, request, json(localConfig(runtime.outputs, addresses)));
    const page = builtPage(request);
    if (page) return page;
    const [, kind, id] = namedIn(request.path);
    if (!id) return undefined;
    if (kind === "push") return pushInbox(runtime, id, request);
    if (kind === "mail") return mailbox(runtime, id, request);
    if (kind === "calls") return callReport(runtime, id, request);
    return undefined;
  };
}

function readableFrom(
  origins: readonly string[],
  { headers }: HttpRequest,
  page: HttpResponse,
): HttpResponse {
  const origin = headers["origin"];
  const isNamed = typeof origin === "string" && origins.includes(origin);
  const cors = { vary: "origin", ...(isNamed && { "access-control-allow-origin": origin }) };
  return { ...page, headers: { ...page.headers, ...cors } };
}

/** `/local/<kind>/<id>`, decoded. */
function namedIn(path: string): readonly string[] {
  try {
    return (/^\/local\/(\w+)\/([^/]+)$/.exec(path) ?? []).map(decodeURIComponent);
  } catch {
    // Half an escape names nothing.
    return [];
  }
}

/** What arrived at a device token: as a list, or live as server-sent events. `?wait=<seconds>` waits for the first. */
async function pushInbox(
  { pinpoint: { inbox }, localAws }: Runtime,
  token: string,
  request: HttpRequest,
): Promise<HttpResponse | StreamResponse> {
  if (String(request.headers["accept"]).includes("text/event-stream")) return live(inbox, token);
  await waitFor(localAws, request, () => inbox.read(token).length > 0);
  return json(inbox.read(token));
}

function live(inbox: Runtime["pinpoint"]["inbox"], token: string): StreamResponse {
  return {
    status: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    stream(write) {
      const send = (message: PushMessage): void => write(`data: ${JSON.stringify(message)}\n\n`);
      for (const message of inbox.read(token)) send(message);
      return inbox.subscribe(token, send);
    },
  };
}

/** The e-mails that Cognito would have sent to this user. `?wait=<seconds>` waits for the first. */
async function mailbox(
  { cognito, localAws }: Runtime,
  username: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  await waitFor(localAws, request, () => cognito.mailOf(username).length > 0);
  return json(cognito.mailOf(username));
}

/** How the call's execution stands and which states it entered. `?wait=<seconds>` waits for its end. */
async function callReport(
  { localAws, outputs }: Runtime,
  callId: string,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  const executionArn = `${outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  const describe = (): Promise<Shape | undefined> =>
    states(localAws, "DescribeExecution", { executionArn }).catch(unlessUnknown);
  await waitFor(localAws, request, async () => (await describe())?.["status"] !== "RUNNING");
  const execution = await describe();
  if (!execution) return undefined;
  const { events } = await states(localAws, "GetExecutionHistory", { executionArn, maxResults: 1000 });
  const entered = (events as { stateEnteredEventDetails?: { name: string } }[]).flatMap(
    ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
  );
  return text(
    `call ${callId}: execution ${String(execution["status"])}\n${entered.map((name) => `  ${name}\n`).join("")}`,
  );
}

/** Any other failure is a mistake of the runtime and is reported as one. */
function unlessUnknown(error: unknown): undefined {
  const isUnknown = error instanceof AwsError && /^(?:ExecutionDoesNotExist|InvalidArn)$/.test(error.name);
  if (!isUnknown) throw error;
}

const states = (localAws: LocalAws, operation: string, input: Shape): Promise<Shape> =>
  localAws.call({ service: "states", operation, input, caller: PERSON });

async function waitFor(
  { clock }: LocalAws,
  { query }: HttpRequest,
  condition: () => boolean | Promise<boolean>,
) {
  const seconds = Math.min(MAX_WAIT_SECONDS, Number(new URLSearchParams(query).get("wait") ?? 0));
  // After the time asked for, the reply shows what there is.
  if (seconds > 0) await clock.until(condition, seconds * 1000).catch(() => undefined);
}

const reply = (type: string, body: string): HttpResponse => ({
  status: 200,
  headers: { "content-type": type },
  body,
});
const html = (body: string): HttpResponse => reply("text/html; charset=utf-8", body);
const text = (body: string): HttpResponse => reply("text/plain; charset=utf-8", body);
const json = (body: unknown): HttpResponse => reply("application/json", `${JSON.stringify(body)}\n`);
