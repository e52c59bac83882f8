/**
 * The stage of this runtime, loaded only when a call begins: IVS's own SDK on AWS, the local one beside a local runtime, and LiveKit's
 * where calls meet there.
 */
import type { StageSdk } from "../../packages/client/src/local/stage.ts";

/** Where AWS publishes the SDK; a page that restricts its scripts has to allow it. */
export const IVS_SDK_URL = "https://web-broadcast.live-video.net/1.41.0/amazon-ivs-web-broadcast.js";

interface LoadOptions {
  /** Where the local IVS is asked to signal; without it, on the origin of the page. */
  readonly signallingUrl?: string;
  /** The LiveKit server, if calls meet at one. */
  readonly liveKitUrl?: string | undefined;
}

/** Rejects with an error that says what to do. A failed attempt may be repeated. */
export async function loadStage(runtime: "local" | "aws", options: LoadOptions = {}): Promise<StageSdk> {
  if (options.liveKitUrl !== undefined) return loadLiveKit(options.liveKitUrl);
  if (runtime === "aws") return globalSdk() ?? loadFromAws();
  const { localStageSdk, signallingUrlOf } = await import("../../packages/client/src/local/local-stage.ts");
  return localStageSdk(options.signallingUrl ?? signallingUrlOf(location.href));
}

async function loadLiveKit(url: string): Promise<StageSdk> {
  const [sdk, { liveKitStage }] = await Promise.all([
    import("livekit-client"),
    import("../../packages/client/src/livekit/stage.ts"),
  ]);
  return liveKitStage(sdk, url) as StageSdk; // the phone uses what both have
}

/** The script leaves its classes in a global of this name. */
const globalSdk = (): StageSdk | undefined =>
  (globalThis as { IVSBroadcastClient?: StageSdk }).IVSBroadcastClient;

let loading: Promise<StageSdk> | undefined;

function loadFromAws(): Promise<StageSdk> {
  loading ??= new Promise<StageSdk>((resolve, reject) => {
    const script = document.createElement("script");
    const failed = (why: string): void => {
      loading = undefined;
      script.remove();
      reject(new Error(`The IVS SDK could not be loaded (${why}). Allow ${IVS_SDK_URL} and call again.`));
    };
    script.addEventListener("load", () => {
      const sdk = globalSdk();
      return sdk ? resolve(sdk) : failed("it left no IVSBroadcastClient");
    });
    script.addEventListener("error", () => failed("the network or a content policy refused it"));
    script.src = IVS_SDK_URL;
    document.head.append(script);
  });
  return loading;
}
