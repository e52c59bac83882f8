/** What the app's port shows besides the API: `GET /`, the push inboxes, the mailboxes, how a call went, and places on its stage. */
import { consolePages } from "./console.ts";
import { type Door, PERSON, type Shape } from "./door.ts";
import type { HttpRequest, HttpResponse } from "./http-api/http-message.ts";
import { PEOPLE } from "./people.ts";
import type { PushMessage } from "./push-networks/push-networks.ts";
import { builtPage, localConfig } from "./site.ts";
import { stagePhones } from "./stage-phones.ts";
import type { Runtime } from "./runtime.ts";
import type { Pages, StreamResponse } from "./servers.ts";

/** The longest that a request may wait for something to happen. */
const MAX_WAIT_SECONDS = 60;

export interface PageAddresses {
  readonly app: string;
  readonly tls: string;
  readonly aws: string;
}

export function createPages(runtime: Runtime, addresses: PageAddresses): Pages {
  const phones = stagePhones(runtime.ivs);
  const console = consolePages(runtime, addresses);
  return async (request) => {
    const view = await console(request);
    if (view) return view;
    if (request.method === "POST") return phones(request);
    if (request.method !== "GET") return undefined;
    if (request.path === "/") return html(await frontPage(runtime, addresses));
    if (request.path === "/config.json") return json(localConfig(runtime.outputs, addresses));
    const page = builtPage(request);
    if (page) return page;
    const [, local, kind, id] = request.path.split("/").map(decodeURIComponent);
    if (local !== "local" || !id) return undefined;
    if (kind === "push") return pushInbox(runtime, id, request);
    if (kind === "mail") return mailbox(runtime, id, request);
    if (kind === "calls") return callReport(runtime, id, request);
    return undefined;
  };
}

/** What arrived at a device token: as a list, or live as server-sent events. `?wait=<seconds>` waits for the first. */
async function pushInbox(
  { pinpoint: { inbox }, door }: Runtime,
  token: string,
  request: HttpRequest,
): Promise<HttpResponse | StreamResponse> {
  if (String(request.headers["accept"]).includes("text/event-stream")) return live(inbox, token);
  await waitFor(door, request, () => inbox.read(token).length > 0);
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
  { cognito, door }: Runtime,
  username: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  await waitFor(door, request, () => cognito.mailOf(username).length > 0);
  return json(cognito.mailOf(username));
}

/** How the call's execution stands and which states it entered. `?wait=<seconds>` waits for its end. */
async function callReport(
  { door, outputs }: Runtime,
  callId: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  const executionArn = `${outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  const describe = (): Promise<Shape> => states(door, "DescribeExecution", { executionArn });
  await waitFor(
    door,
    request,
    async () => (await describe().catch(() => undefined))?.["status"] !== "RUNNING",
  );
  const { status } = await describe();
  const { events } = await states(door, "GetExecutionHistory", { executionArn, maxResults: 1000 });
  const entered = (events as { stateEnteredEventDetails?: { name: string } }[]).flatMap(
    ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [],
  );
  return text(
    `call ${callId}: execution ${String(status)}\n${entered.map((name) => `  ${name}\n`).join("")}`,
  );
}

const states = (door: Door, operation: string, input: Shape): Promise<Shape> =>
  door.call({ service: "states", operation, input, caller: PERSON });

async function waitFor({ clock }: Door, { query }: HttpRequest, condition: () => boolean | Promise<boolean>) {
  const seconds = Math.min(MAX_WAIT_SECONDS, Number(new URLSearchParams(query).get("wait") ?? 0));
  // Nobody waits longer than asked: then the reply says what there is.
  if (seconds > 0) await clock.until(condition, seconds * 1000).catch(() => undefined);
}

interface Execution {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: number;
}

/** The last executions of the call workflow, each as a row. */
async function callRows(door: Door, stateMachineArn: string | undefined): Promise<string[]> {
  const { executions } = await states(door, "ListExecutions", { stateMachineArn, maxResults: 10 });
  const rows = (executions as Execution[]).map(async ({ executionArn, name, status, startDate }) => {
    const { output } = await states(door, "DescribeExecution", { executionArn });
    const { endReason } = JSON.parse((output as string | undefined) ?? "{}") as { endReason?: string };
    const started = new Date(startDate * 1000).toISOString().slice(11, 19);
    return `<tr><td><a href="/local/calls/${name}"><code>${name}</code></a></td><td>${endReason ?? status.toLowerCase()}</td><td>${started}</td></tr>`;
  });
  return Promise.all(rows);
}

async function frontPage({ door, outputs }: Runtime, { app, tls, aws }: PageAddresses): Promise<string> {
  const calls = await callRows(door, outputs["CallWorkflowArn"]);
  const people = PEOPLE.map(
    ({ username, password }) => `<tr><td>${username}</td><td><code>${password}</code></td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ringmaster</title><style>${STYLE}</style><main>
<h1>Ringmaster</h1><p>The back end of a calling app, running here as the stack would on AWS.</p>
<h2>Addresses</h2><table>
<tr><td>REST API</td><td><code>${app}</code></td></tr>
<tr><td>The same over TLS</td><td><code>${tls}</code></td></tr>
<tr><td>AWS APIs</td><td><code>${aws}</code></td></tr>
${Object.entries(outputs)
  .map(([name, value]) => `<tr><td>${name}</td><td><code>${value}</code></td></tr>`)
  .join("\n")}
</table>
<h2>People</h2><table><tr><th>Sign-in</th><th>Password</th></tr>${people.join("")}</table>
<p>Whoever signs up finds the code in the terminal and at <code>/local/mail/&lt;username&gt;</code>.</p>
<h2>Last calls</h2>${calls.length > 0 ? `<table><tr><th>Call</th><th>Ended</th><th>Started (UTC)</th></tr>${calls.join("")}</table>` : "<p>None yet. The terminal shows a walk-through of one.</p>"}
<p>Each call is one execution: <code>aws stepfunctions list-executions --endpoint-url ${aws} --state-machine-arn ${outputs["CallWorkflowArn"]}</code></p>
</main></html>`;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;background:#f7f5f0;margin:0}
main{max-width:56rem;margin:0 auto;padding:2rem 1rem}h1{margin:0;font-size:2rem}h2{margin:2rem 0 .5rem;font-size:1.1rem}
table{border-collapse:collapse;width:100%;background:#fff}td,th{text-align:left;padding:.4rem .7rem;border-bottom:1px solid #e4dfd4;overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace}@media(prefers-color-scheme:dark){body{color:#e8e4da;background:#171a20}table{background:#1f242d}td,th{border-color:#333a46}a{color:#9cc3ff}}`;

const reply = (type: string, body: string): HttpResponse => ({
  status: 200,
  headers: { "content-type": type },
  body,
});
const html = (body: string): HttpResponse => reply("text/html; charset=utf-8", body);
const text = (body: string): HttpResponse => reply("text/plain; charset=utf-8", body);
const json = (body: unknown): HttpResponse => reply("application/json", `${JSON.stringify(body)}\n`);
