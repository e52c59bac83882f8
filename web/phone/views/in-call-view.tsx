/** Two people talk. Without a picture of the other side the ring takes its place. */
import { Ring } from "../../look/ring.tsx";
import type { RoomState } from "../state/room.ts";
import type { Talk } from "../../../packages/client/src/engine/screen.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { durationOf } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { OtherPicture, OwnPicture } from "./picture.tsx";
import { RoundButton } from "./round-button.tsx";
import { Trouble } from "./trouble.tsx";
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import { useNow, useStore } from "./use-store.tsx";
import "./in-call-view.css";

type InCall = Extract<Screen, { kind: "in-call" | "reconnecting" }>;

export function InCallView({ home, screen, name }: CallViewProps<InCall>) {
  const room = useStore(home.room);
  const seen = room.parties.some(({ hasVideo }) => hasVideo);
  const how = howItIs(screen, room, name);
  return (
    <div className={seen ? "call talk seen" : "call talk"}>
      <div className="pictures">
        {room.parties.map(({ participantId, stream, hasVideo }) => (
          <OtherPicture key={participantId} stream={stream} name={name} hidden={!hasVideo} />
        ))}
      </div>
      {seen ? (
        <div className="chip">
          <Ring state={screen.kind === "in-call" ? "answered" : "calling"} size={22} />
          <h1>{name}</h1>
          <Timer talk={screen.talk} clock={home.clock} />
        </div>
      ) : (
        <div className="face">
          <Avatar name={name} state={screen.kind === "in-call" ? "answered" : "calling"} size={240} />
          <h1>{name}</h1>
          <Timer talk={screen.talk} clock={home.clock} />
        </div>
      )}
      {room.ownVideo && <OwnPicture stream={room.ownVideo} />}
      <div className="controls">
        <p className={how ? "how-it-is" : "visually-hidden"} aria-live="polite">
          {how}
        </p>
        <Trouble room={home.room} />
        <Controls home={home} room={room} />
      </div>
    </div>
  );
}

/** What is not as it should be, in words; empty if nothing is. */
function howItIs(screen: InCall, { parties, leftAlone }: RoomState, name: string): string {
  if (screen.kind === "reconnecting") return "Your connection is lost. Coming back …";
  if (leftAlone) return `${name} has lost the connection. Waiting …`;
  if (parties.some(({ muted }) => muted)) return `${name} has muted the microphone.`;
  return "";
}

function Timer({ talk, clock }: { readonly talk: Talk; readonly clock: Clock }) {
  const now = useNow(clock);
  return <p className="how timer">{durationOf(now - (talk.answeredAtMs ?? now))}</p>;
}

type ControlsProps = Pick<CallViewProps, "home"> & { readonly room: RoomState };

function Controls({ home: { room: doing, phone }, room }: ControlsProps) {
  return (
    <div className="deeds">
      <RoundButton
        icon={room.muted ? "microphone-off" : "microphone"}
        label={room.muted ? "Unmute" : "Mute"}
        pressed={room.muted}
        disabled={!room.hasMicrophone}
        onPress={() => doing.setMuted(!room.muted)}
      />
      <RoundButton
        icon={room.cameraOn ? "video" : "video-off"}
        label={room.cameraOn ? "Camera off" : "Camera on"}
        onPress={() => doing.setCamera(!room.cameraOn)}
      />
      <RoundButton icon="hang-up" label="Hang up" kind="stop" onPress={() => phone.press("hang-up")} />
    </div>
  );
}
