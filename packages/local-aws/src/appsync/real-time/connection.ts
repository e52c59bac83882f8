/** One client of the real-time endpoint: its handshake, its subscriptions, and the signs of life it is sent. */
import * as z from "zod";
import { RequestError } from "../graphql-error.ts";
import { identify } from "../identity.ts";
import { jsonIn } from "../nesting.ts";
import type { Served } from "../served.ts";
import {
  type Connection,
  CONNECTION_TIMEOUT_MS,
  type Handshake,
  headersOf,
  KEEP_ALIVE_MS,
  LONGEST_CONNECTION_MS,
  MAX_SUBSCRIPTIONS,
  type Peer,
  PROTOCOL,
  type ProtocolError,
} from "./protocol.ts";
import { subscribe } from "./subscribe.ts";
import type { Subscribers } from "./subscribers.ts";

const messageSchema = z.object({
  type: z.string(),
  id: z.string().optional(),
  payload: z.unknown().optional(),
});
type Message = z.infer<typeof messageSchema>;

export function openConnection(
  served: Served | undefined,
  subscribers: Subscribers,
  handshake: Handshake,
  peer: Peer,
): Connection {
  /** By id; undefined while a subscription is being checked. */
  const subscriptions = new Map<string, (() => void) | undefined>();
  let state: "open" | "ready" | "closed" = "open";
  let stopTimers = (): void => undefined;

  function closed(): void {
    state = "closed";
    stopTimers();
    for (const end of subscriptions.values()) end?.();
    subscriptions.clear();
  }

  function close(code: number, reason: string): void {
    peer.close(code, reason);
    closed();
  }

  /** True if the client may go on. */
  async function initialize(): Promise<boolean> {
    const refused = await refusedHandshake(served, handshake);
    if (refused) {
      peer.send({ type: "connection_error", payload: { errors: [refused] } });
      close(1000, "connection refused");
      return false;
    }
    if (state !== "open" || !served) return state === "ready";
    state = "ready";
    peer.send({ type: "connection_ack", payload: { connectionTimeoutMs: CONNECTION_TIMEOUT_MS } });
    stopTimers = keepAlive(served, peer, () => close(1001, "connections last a day"));
    return true;
  }

  async function start({ id, payload }: Message): Promise<void> {
    if (id === undefined) return fail(undefined, "BadRequestException", "id is required");
    if (subscriptions.has(id)) return fail(id, "DuplicatedOperationError", `operation ${id} exists already`);
    if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
      return fail(
        id,
        "MaxSubscriptionsReachedError",
        `Max number of ${MAX_SUBSCRIPTIONS} subscriptions reached`,
      );
    }
    if (!served) return;
    subscriptions.set(id, undefined);
    const wanted = await subscribe(served, payload, handshake.sourceIp);
    // Stopped or closed meanwhile.
    if (!subscriptions.has(id)) return;
    if (!("prepared" in wanted)) {
      subscriptions.delete(id);
      return peer.send({ type: "error", id, payload: { errors: wanted } });
    }
    const deliver = (payload: object): void => peer.send({ type: "data", id, payload });
    subscriptions.set(id, subscribers.add({ ...wanted, deliver }));
    peer.send({ type: "start_ack", id });
  }

  function stop({ id = "" }: Message): void {
    if (!subscriptions.has(id)) return fail(id, "UnknownOperationError", `Unknown operation id ${id}`);
    subscriptions.get(id)?.();
    subscriptions.delete(id);
    peer.send({ type: "complete", id });
  }

  function fail(id: string | undefined, errorType: string, message: string): void {
    const payload = { errors: [{ errorType, message }] };
    peer.send(id === undefined ? { type: "error", payload } : { type: "error", id, payload });
  }

  async function receive(text: string): Promise<void> {
    if (state === "closed") return;
    const message = messageSchema.safeParse(jsonIn(text)).data;
    if (!message) return fail(undefined, "BadRequestException", "Invalid message: not a message in JSON");
    const { type, id } = message;
    if (state === "open" && !(await initialize())) return;
    if (type === "connection_init") return;
    if (type === "start") return start(message);
    if (type === "stop") return stop(message);
    return fail(id, "UnsupportedOperation", `${type} not supported through the realtime channel`);
  }

  return { receive, closed };
}

async function refusedHandshake(
  served: Served | undefined,
  handshake: Handshake,
): Promise<ProtocolError | undefined> {
  if (!served) return { errorType: "NotFoundException", message: "There is no GraphQL API.", errorCode: 404 };
  if (!handshake.protocols.includes(PROTOCOL)) {
    return { errorType: "NoProtocolError", message: `The subprotocol must be ${PROTOCOL}.`, errorCode: 400 };
  }
  const headers = headersOf(handshake) ?? {};
  const { authorization } = headers;
  // What is signed is a request that is never made.
  const signed = { path: "/graphql/connect", query: "", headers, body: "{}" };
  try {
    await identify(served, { authorization, sourceIp: handshake.sourceIp, signed });
    return undefined;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { errorType: error.errorType, message: error.message, errorCode: error.status };
  }
}

/** A sign of life at once and then every minute, each minute of connection metered as it begins. */
function keepAlive({ localAws }: Served, peer: Peer, tooOld: () => void): () => void {
  const endMs = localAws.clock.now() + LONGEST_CONNECTION_MS;
  let cancel = (): void => undefined;
  function beat(): void {
    if (localAws.clock.now() >= endMs) return tooOld();
    localAws.meter("appsync:connection-minute", 1);
    peer.send({ type: "ka" });
    cancel = localAws.clock.after(KEEP_ALIVE_MS, beat);
  }
  beat();
  return () => cancel();
}
