/** LiveKit as a media provider: over the server in this process, and over the real one with real phones. */
import { decodeJwt } from "jose";
import type { ApiKeys } from "../../handlers/media/livekit/api-keys.ts";
import { participantTokens } from "../../handlers/media/livekit/participant-tokens.ts";
import { receiveWebhook } from "../../handlers/media/livekit/receive-webhook.ts";
import { namedRoom } from "../../handlers/media/livekit/room.ts";
import { roomChecks } from "../../handlers/media/livekit/room-checks.ts";
import { roomOffers } from "../../handlers/media/livekit/room-offers.ts";
import { roomRemovals } from "../../handlers/media/livekit/room-removals.ts";
import { roomService } from "../../handlers/media/livekit/room-service.ts";
import { signedToken, type TokenClaims } from "../../handlers/media/livekit/signed-token.ts";
import { PARTICIPANT_CHANGED, WEBHOOK_SOURCE } from "../../handlers/media/livekit/participant-changed.ts";
import { type ParticipantChange, participantEvents } from "../../handlers/media/livekit/webhook.ts";
import type { SentWebhook } from "../../handlers/media/livekit/webhook-token.ts";
import { DEVELOPMENT_KEY } from "../../local/livekit-server.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { createSecretsManager } from "../../packages/local-aws/src/secrets-manager/secrets-manager.ts";
import { openFakeServer } from "../livekit/fake-server.ts";
import { openPhones, type Phones } from "../livekit/phones.ts";
import { openRealServer, type RealServer } from "../livekit/real-server.ts";
import type { Around, MediaPlane, MediaProvider, OpenProvider } from "./media-world.ts";

const KEYS: ApiKeys = { current: DEVELOPMENT_KEY, all: [DEVELOPMENT_KEY] };
const SECRET_NAME = "livekit-keys";

/** A server, and phones at it. */
interface Side extends Pick<MediaPlane, "join" | "publish" | "leave" | "renewedToken" | "close"> {
  readonly url: string;
  /** The server's clock. */
  readonly now: () => number;
}

/** What it said, as the bus carries it. */
type Hear = (change: ParticipantChange) => void;

export const openFakeLiveKit: OpenProvider = (around) =>
  providerOf(around, async (hear) => {
    const { now } = around.edge;
    const server = await openFakeServer({
      keys: [DEVELOPMENT_KEY],
      now,
      webhook: async (sent) => void (await received(sent, hear, now)),
    });
    return { ...server, now };
  });

async function providerOf(
  { aws, edge }: Around,
  open: (hear: Hear) => Promise<Side>,
): Promise<MediaProvider & MediaPlane> {
  aws.localAws.register(createSecretsManager(aws.localAws).service);
  const SecretString = JSON.stringify({ keys: [DEVELOPMENT_KEY] });
  const input = { Name: SECRET_NAME, SecretString };
  await aws.localAws.call({ service: "secretsmanager", operation: "CreateSecret", input, caller: PERSON });
  const said: unknown[] = [];
  const event = (detail: ParticipantChange) => ({
    source: WEBHOOK_SOURCE,
    "detail-type": PARTICIPANT_CHANGED,
    detail,
  });
  const side = await open((change) => void said.push(event(change)));
  const env = { AWS_REGION: "us-east-1", LIVEKIT_URL: side.url, LIVEKIT_SECRET: SECRET_NAME };
  const service = roomService({ url: side.url, keys: async () => KEYS, now: side.now });
  return {
    offers: roomOffers,
    closing: { held: async () => undefined },
    tokens: participantTokens(env, edge.now),
    checks: roomChecks(service),
    removals: roomRemovals(service, { ...edge, now: side.now }),
    events: participantEvents,
    keptForRemoval: namedRoom,
    join: (token) => side.join(token),
    publish: (id) => side.publish(id),
    leave: (id) => side.leave(id),
    renewedToken: async (id) => (await side.renewedToken?.(id)) ?? "",
    close: () => side.close?.() ?? Promise.resolve(),
    said,
    foreign: event({ change: "joined", room: "somewhere", identity: "somebody", atMs: edge.now() }),
  };
}

/** By the very function that takes webhooks; undefined if it is about no participant of a call. */
async function received(
  sent: SentWebhook,
  hear: Hear,
  now: () => number,
): Promise<ParticipantChange | undefined> {
  let change: ParticipantChange | undefined;
  const publish = async (given: ParticipantChange) => void (change = given);
  const outcome = await receiveWebhook({ keys: async () => KEYS, now, publish }, sent);
  if ("reason" in outcome) throw new Error(outcome.reason);
  if (change) hear(change);
  return change;
}

/** The process's own time, which the tests' virtual time leaves alone. */
const realNow = (): number => performance.timeOrigin + performance.now();

/** The leeway that the server gives to `exp`, and a second, since it counts whole ones. */
const LEEWAY_MS = 61_000;

/** One server and one browser for all tests: opened by the first, closed by `close`. */
export function realLiveKit(binary: string): {
  open: OpenProvider;
  phones: () => Promise<Phones>;
  close(): Promise<void>;
} {
  let deliver: (sent: SentWebhook) => Promise<void> = async () => undefined;
  let server: Promise<RealServer> | undefined;
  let phones: Promise<Phones> | undefined;
  const opened = () => {
    server ??= openRealServer(binary, (sent) => deliver(sent));
    phones ??= openPhones();
    return Promise.all([server, phones]);
  };
  return {
    phones: async () => (await opened())[1],
    open: (around) =>
      providerOf(around, async (hear) => {
        const [{ url }, pages] = await opened();
        const waiting: { change: string; identity: string; heard: () => void }[] = [];
        const inside = new Set<string>();
        deliver = async (sent) => {
          // Its events come in real time, and what is asserted is virtual.
          const now = around.edge.now;
          const change = await received(sent, (told) => hear({ ...told, atMs: now() }), realNow);
          if (!change) return;
          if (change.change === "joined") inside.add(change.identity);
          else inside.delete(change.identity);
          const at = waiting.findIndex(
            (one) => one.change === change.change && one.identity === change.identity,
          );
          if (at >= 0) waiting.splice(at, 1)[0]?.heard();
        };
        const said = (change: "joined" | "left", identity: string) =>
          new Promise<void>((heard) => void waiting.push({ change, identity, heard }));
        const leave = async (identity: string): Promise<void> => {
          const left = said("left", identity);
          await pages.leave(identity);
          await left;
        };
        return {
          url,
          now: realNow,
          async join(token) {
            const identity = decodeJwt(token).sub ?? "";
            const joined = said("joined", identity);
            await pages.join(url, redated(token, around.edge.now()));
            await joined;
            return identity;
          },
          async publish(identity) {
            const published = said("joined", identity);
            await pages.publish(identity);
            await published;
          },
          leave,
          renewedToken: (identity) => pages.renewedToken(identity),
          // Calls of the next test have the same ids.
          close: async () => void (await Promise.all([...inside].map(leave))),
        };
      }),
    async close() {
      await (await phones)?.close();
      await (await server)?.close();
    },
  };
}

/** The same token by the server's clock, signed again: it has as long to go as in virtual time. */
function redated(token: string, nowMs: number): string {
  const { exp = 0, iss: _key, nbf: _nbf, ...claims } = decodeJwt(token) as TokenClaims & { exp?: number };
  const expiresAtMs = exp * 1000 - nowMs + realNow() - LEEWAY_MS;
  return signedToken(DEVELOPMENT_KEY, claims, { nowMs: realNow(), expiresAtMs });
}
