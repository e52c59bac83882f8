/**
 * Requests that functions make to AWS, answered in process.
 *
 * I1 Only requests made inside a running function, to *.amazonaws.com; all others pass untouched.
 * I2 The SDK is unchanged: it writes to what it takes for a request of node:https and reads what it takes for the reply.
 * I3 Virtual time stands still while the request is on its way, but not while local AWS has it: some operations wait.
 */
import type { ClientRequest, RequestOptions } from "node:http";
import type https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import type { Caller } from "../local-aws.ts";
import { runningFunction, type RunningFunction } from "../lambda/running-function.ts";
import { answer } from "./answer.ts";
import { AwsRequest, type OnResponse } from "./aws-request.ts";
import type { WireRequest, WireResponse } from "./http-message.ts";

interface Flight {
  readonly running: RunningFunction;
  /** Lets virtual time move while local AWS has the request. */
  landed(): void;
  /** Stops it again for the way back, unless the function no longer waits for the answer. */
  depart(): void;
  /** The request is over, answered or given up. */
  end(): void;
}

/** The one mutable module object that bundles import, whatever a test runner puts around imports. */
const mutableHttps = process.getBuiltinModule("node:https");

let isInstalled = false;

/** Once per process: which local AWS answers is known by the function that asks. */
export function interceptFunctions(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { request, get } = mutableHttps;
  const originalFetch = globalThis.fetch;

  function interceptedRequest(...args: unknown[]): ClientRequest {
    const running = runningFunction.getStore();
    const call = running && asOptions(args);
    if (!running || !call || !isAws(call.options))
      return Reflect.apply(request, mutableHttps, args) as ClientRequest;
    return fly(running, call.options, call.callback);
  }

  mutableHttps.request = interceptedRequest as typeof https.request;
  mutableHttps.get = ((...args: unknown[]) => {
    if (!runningFunction.getStore()) return Reflect.apply(get, mutableHttps, args) as ClientRequest;
    const made = interceptedRequest(...args);
    made.end();
    return made;
  }) as typeof https.get;
  globalThis.fetch = async (input, init) => {
    const running = runningFunction.getStore();
    if (!running) return originalFetch(input, init);
    const made = new Request(input, init);
    const { hostname, protocol } = new URL(made.url);
    if (protocol !== "https:" || !isAwsHost(hostname)) return originalFetch(made);
    return fetchFromLocalAws(running, made);
  };
  syncBuiltinESMExports();
}

const isAwsHost = (host: string): boolean => host.endsWith(".amazonaws.com");
const isAws = ({ hostname, host }: RequestOptions): boolean =>
  isAwsHost((hostname ?? host ?? "").replace(/:\d+$/, ""));

/** The three spellings of `https.request`. */
function asOptions(args: unknown[]): { options: RequestOptions; callback?: OnResponse | undefined } {
  const callback = args.find((argument) => typeof argument === "function") as OnResponse | undefined;
  const [first, second] = args;
  const options = typeof first === "object" && !(first instanceof URL) ? first : undefined;
  if (options) return { options: options as RequestOptions, callback };
  const { hostname, pathname, search } = new URL(String(first));
  const more = typeof second === "object" ? (second as RequestOptions) : {};
  return { options: { hostname, path: pathname + search, ...more }, callback };
}

function fly(running: RunningFunction, options: RequestOptions, onResponse?: OnResponse): ClientRequest {
  const flight = createFlight(running);
  const made = new AwsRequest(options, (request) => askLocalAws(flight, request), onResponse);
  made.once("close", () => flight.end());
  // The parts of a ClientRequest that clients use are there.
  return made as unknown as ClientRequest;
}

function createFlight(running: RunningFunction): Flight {
  let land = (): void => undefined;
  let over = false;
  const depart = (): void => {
    if (over) return;
    land();
    const onTheWay = new Promise<void>((resolve) => (land = resolve));
    void running.localAws.clock.hold(() => onTheWay);
  };
  depart();
  const end = (): void => {
    over = true;
    land();
  };
  return { running, depart, end, landed: () => land() };
}

/** Local AWS's work belongs to no function: what it logs or asks for itself is the runtime's. */
async function askLocalAws(flight: Flight, request: WireRequest): Promise<WireResponse> {
  const { localAws, roleArn: arn, functionName } = flight.running;
  const caller: Caller = { kind: "role", arn, functionName };
  const answered = runningFunction.run(undefined, () => answer(localAws, request, caller));
  flight.landed();
  const response = await answered;
  flight.depart();
  return response;
}

async function fetchFromLocalAws(running: RunningFunction, made: Request): Promise<Response> {
  const flight = createFlight(running);
  try {
    const { hostname: host, pathname: path, search } = new URL(made.url);
    const body = Buffer.from(await made.arrayBuffer());
    const request = {
      method: made.method,
      host,
      path,
      query: search.slice(1),
      headers: Object.fromEntries(made.headers),
      body,
    };
    const { status, headers, body: text } = await askLocalAws(flight, request);
    const content = typeof text === "string" ? text : new Uint8Array(text);
    return new Response(content.length === 0 ? null : content, { status, headers });
  } finally {
    flight.end();
  }
}
