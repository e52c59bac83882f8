/** The buttons of a talk. */
import type { CallViewProps } from "./call-view.ts";
import { RoundButton } from "./round-button.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

interface InCallControlsProps extends Pick<CallViewProps, "home"> {
  readonly isGroup: boolean;
  readonly onAdd: () => void;
}

export function InCallControls({ home: { room: doing, phone }, isGroup, onAdd }: InCallControlsProps) {
  const { t } = useLanguage();
  const room = useStore(doing);
  return (
    <div className="deeds">
      <RoundButton
        icon={room.muted ? "microphone-off" : "microphone"}
        label={room.muted ? t.call.unmute : t.call.mute}
        pressed={room.muted}
        disabled={!room.hasMicrophone}
        onPress={() => doing.setMuted(!room.muted)}
      />
      <RoundButton
        icon={room.cameraOn ? "video" : "video-off"}
        label={room.cameraOn ? t.call.cameraOff : t.call.cameraOn}
        onPress={() => doing.setCamera(!room.cameraOn)}
      />
      <RoundButton icon="add" label={t.call.add} onPress={onAdd} />
      <RoundButton
        icon="hang-up"
        label={isGroup ? t.call.leave : t.call.hangUp}
        kind="stop"
        onPress={() => phone.press("hang-up")}
      />
    </div>
  );
}
