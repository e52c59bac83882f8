/**
 * The media server of a stack with `-c media=livekit` on a laptop: the one that `LIVEKIT_URL` names, with its key, or one that is found on
 * the PATH and started. Its secret is made in the local Secrets Manager, and its webhooks come to the local API.
 */
import { keepSecret } from "./kept-secret.ts";
import { DEVELOPMENT_KEY, findLiveKitServer, GET_LIVEKIT, startLiveKitServer } from "./livekit-server.ts";
import type { FunctionEnvironment } from "../packages/local-aws/src/runtime.ts";

/** Where the server's own development mode listens. */
const PORT = 7880;
const SECRET = "ringmaster/livekit";
const WEBHOOK_PATH = "/webhooks/livekit";

export interface MediaServer {
  /** Settings of the stack. */
  readonly context: Readonly<Record<string, string>>;
  /** Its keys, where functions read them. */
  readonly functionEnvironment: FunctionEnvironment;
  /** Begins to serve once the app's port is known. What to print, and how to stop. */
  serve(appUrl: string): Promise<{ readonly words: string; stop(): Promise<void> }>;
}

/** Throws one line that says how to get a server if there is none. `port` of a server that is started here. */
export function mediaServer(env: NodeJS.ProcessEnv = process.env, port = PORT): MediaServer {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret } = env;
  if (url && key && secret) {
    return serverOf(url, { key, secret }, async (appUrl) => ({
      words: `Calls meet at ${url}. Have it send its webhooks to ${appUrl}${WEBHOOK_PATH}, if it reaches this machine.`,
      stop: async () => undefined,
    }));
  }
  const binary = findLiveKitServer(env);
  if (url || !binary) {
    throw new Error(
      `-c media=livekit needs a server: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or put livekit-server on the PATH (${GET_LIVEKIT})`,
    );
  }
  return serverOf(`ws://127.0.0.1:${port}`, DEVELOPMENT_KEY, async (appUrl) => {
    const server = await startLiveKitServer({ binary, port, webhookUrl: `${appUrl}${WEBHOOK_PATH}` });
    return {
      words: `Calls meet at ${server.url}, a LiveKit server of this machine.`,
      stop: () => server.stop(),
    };
  });
}

function serverOf(
  livekitUrl: string,
  key: { readonly key: string; readonly secret: string },
  serve: MediaServer["serve"],
): MediaServer {
  return {
    context: { media: "livekit", livekitUrl, livekitSecret: SECRET },
    async functionEnvironment({ LIVEKIT_SECRET }, { localAws }) {
      await keepSecret(localAws, LIVEKIT_SECRET, JSON.stringify({ keys: [key] }));
      return {};
    },
    serve,
  };
}
