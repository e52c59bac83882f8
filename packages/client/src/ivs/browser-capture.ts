/** The camera and the microphone of a page, as far as there are any and the person lets them be used. */
import type { CaptureTrouble } from "../media.ts";
import type { MediaKind } from "../wire/contract.ts";
import type { Captured } from "./own-media.ts";
import type { Track } from "./stage.ts";

/** The part of a browser that is used. */
interface Browser {
  readonly navigator?: { readonly mediaDevices?: { getUserMedia(wanted: object): Promise<Stream> } };
  readonly MediaStream: new (tracks: never[]) => unknown;
}
interface Stream {
  getTracks(): Track[];
}
/** Not every platform that loads this file is one. */
const browser = globalThis as unknown as Browser;

export const newMediaStream = (tracks: Track[]): unknown => new browser.MediaStream(tracks as never[]);

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** Both at once, so that the browser asks once; if that fails, each for itself. */
export async function browserCapture(wanted: MediaKind | "camera"): Promise<Captured<Track>> {
  if (wanted !== "video") return one(wanted === "camera" ? "video" : "audio");
  const both = await ask({ audio: true, video: PICTURE });
  if (Array.isArray(both)) return { tracks: both, trouble: {} };
  const [audio, video] = [await one("audio"), await one("video")];
  return {
    tracks: [...audio.tracks, ...video.tracks],
    trouble: { ...audio.trouble, ...video.trouble },
  };
}

async function one(media: MediaKind): Promise<Captured<Track>> {
  const got = await ask(media === "audio" ? { audio: true } : { video: PICTURE });
  if (Array.isArray(got)) return { tracks: got, trouble: {} };
  return { tracks: [], trouble: media === "audio" ? { microphone: got } : { camera: got } };
}

async function ask(wanted: object): Promise<Track[] | CaptureTrouble> {
  // Absent where a page is not served securely.
  const devices = browser.navigator?.mediaDevices;
  if (!devices) return "missing";
  try {
    return (await devices.getUserMedia(wanted)).getTracks();
  } catch (error) {
    return troubleOf(error instanceof Error ? error.name : "");
  }
}

function troubleOf(name: string): CaptureTrouble {
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "in-use" : "failed";
}
