/** The camera and the microphone of this page, as far as there are any and the person lets them be used. */
import type { Media } from "../../../calls/call.ts";
import type { CaptureTrouble } from "../../../packages/client/src/media.ts";
import type { Captured } from "../state/room.ts";

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};

/** Both at once, so that the browser asks once; if that fails, each for itself. */
export async function capture(wanted: Media | "camera"): Promise<Captured> {
  if (wanted !== "video") return one(wanted === "camera" ? "video" : "audio");
  const both = await ask({ audio: true, video: PICTURE });
  if (Array.isArray(both)) return { tracks: both, trouble: {} };
  const [audio, video] = [await one("audio"), await one("video")];
  return {
    tracks: [...audio.tracks, ...video.tracks],
    trouble: { ...audio.trouble, ...video.trouble },
  };
}

async function one(media: Media): Promise<Captured> {
  const got = await ask(media === "audio" ? { audio: true } : { video: PICTURE });
  if (Array.isArray(got)) return { tracks: got, trouble: {} };
  return { tracks: [], trouble: media === "audio" ? { microphone: got } : { camera: got } };
}

async function ask(wanted: MediaStreamConstraints): Promise<MediaStreamTrack[] | CaptureTrouble> {
  // Absent where a page is not served securely.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return "missing";
  try {
    return (await devices.getUserMedia(wanted)).getTracks();
  } catch (error) {
    return troubleOf(error instanceof DOMException ? error.name : "");
  }
}

function troubleOf(name: string): CaptureTrouble {
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "in-use" : "failed";
}
