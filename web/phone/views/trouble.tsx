/** Says if camera or microphone are not there, and what can be done. */
import type { CaptureTrouble } from "../../../packages/client/src/media.ts";
import type { Room } from "../state/room.ts";
import { useStore } from "./use-store.tsx";

const CAUSES: Readonly<Record<CaptureTrouble, string>> = {
  refused: "is not allowed for this page. Allow it beside the address to be",
  missing: "was not found. Connect one to be",
  "in-use": "is used by another program. Close that to be",
  failed: "does not work. Check it to be",
};

export function Trouble({ room }: { readonly room: Room }) {
  const { camera, microphone } = useStore(room).trouble;
  if (!camera && !microphone) return null;
  return (
    <div className="notice" aria-live="polite">
      {microphone && <p>Your microphone {CAUSES[microphone]} heard.</p>}
      {camera && <p>Your camera {CAUSES[camera]} seen. The call goes on with sound.</p>}
    </div>
  );
}
