/** A LiveKit server of this machine, in its development mode: found on the PATH, started on the loopback address, stopped with us. */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The release that the adapter was tried with. */
export const LIVEKIT_RELEASE = "v1.9.12";
export const GET_LIVEKIT = `go install github.com/livekit/livekit-server/cmd/server@${LIVEKIT_RELEASE}`;

/** The key that the server's development mode knows. It opens nothing but servers of this machine. */
export const DEVELOPMENT_KEY = { key: "devkey", secret: "secret" } as const;

/** As releases name it, and as `go install` does: the second may be anybody's server, so it is asked. */
const NAMES = ["livekit-server", "server"] as const;

/** `LIVEKIT_SERVER`, else what the PATH has; undefined if there is none. */
export function findLiveKitServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { LIVEKIT_SERVER: given, PATH = "" } = env;
  const places = NAMES.flatMap((name) => PATH.split(delimiter).map((place) => join(place, name)));
  return (given ? [given] : places).find(isLiveKit);
}

function isLiveKit(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return false;
  }
  const { error, stdout } = spawnSync(file, ["--version"], { encoding: "utf8", timeout: 5_000 });
  return !error && stdout.startsWith("livekit-server version");
}

export interface LiveKitServerOptions {
  readonly binary: string;
  /** For requests and signalling; media uses the two after it, TCP and UDP. */
  readonly port: number;
  readonly webhookUrl: string;
}

export interface LiveKitServer {
  /** Where phones connect. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when it listens; rejects with its last words if it does not. */
export async function startLiveKitServer({
  binary,
  port,
  webhookUrl,
}: LiveKitServerOptions): Promise<LiveKitServer> {
  const config = {
    port,
    rtc: { tcp_port: port + 1, udp_port: port + 2, use_external_ip: false, enable_loopback_candidate: true },
    webhook: { api_key: DEVELOPMENT_KEY.key, urls: [webhookUrl] },
    logging: { level: "info" },
  };
  const child = spawn(binary, ["--dev", "--bind", "127.0.0.1", "--node-ip", "127.0.0.1"], {
    // JSON is YAML.
    env: { ...process.env, LIVEKIT_CONFIG: JSON.stringify(config) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stopNow = (): void => void child.kill("SIGKILL");
  process.once("exit", stopNow);
  await new Promise<void>((resolve, reject) => {
    let words = "";
    const hear = (chunk: Buffer): void => {
      words = `${words}${chunk.toString()}`.slice(-2_000);
      if (words.includes("starting LiveKit server")) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${binary} ended (${code}):\n${words}`)));
  });
  return {
    url: `ws://127.0.0.1:${port}`,
    async stop() {
      process.off("exit", stopNow);
      // It waits for its participants otherwise.
      child.kill("SIGKILL");
      await gone;
    },
  };
}
