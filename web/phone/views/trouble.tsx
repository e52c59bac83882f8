/** Says if camera or microphone are not there, and what can be done; a refused permission, where to give it. */
import type { Room } from "../state/room.ts";
import { browserKind } from "../edge/browser-kind.ts";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

export function Trouble({ room }: { readonly room: Room }) {
  const { trouble: t } = useLanguage().t;
  const { camera, microphone } = useStore(room).trouble;
  if (!camera && !microphone) return null;
  return (
    <div className="notice" aria-live="polite">
      {microphone && <p>{t.microphone[microphone]}</p>}
      {camera && <p>{t.camera[camera]}</p>}
      {(camera === "refused" || microphone === "refused") && <p>{t.allow[browserKind()]}</p>}
    </div>
  );
}
