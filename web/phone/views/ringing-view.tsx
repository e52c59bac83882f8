/** Somebody calls: who, how, and the answer. */
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-pane.tsx";
import { RoundButton } from "./round-button.tsx";
import type { Screen } from "../state/screen.ts";

type Ringing = Extract<Screen, { kind: "ringing" }>;

export function RingingView({ home, screen, name }: CallViewProps<Ringing>) {
  const { phone, ringtone } = home;
  const { media } = screen.talk;
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state="ringing" size={220} />
        <h1>{name}</h1>
        <p className="how">is calling{media === "video" ? " with video" : ""}</p>
        {ringtone.isSilenced() && (
          <p className="quiet">This page may ring aloud once you have clicked in it.</p>
        )}
      </div>
      <div className="deeds">
        <RoundButton icon="hang-up" label="Decline" kind="stop" onPress={() => phone.press("decline")} />
        <RoundButton
          icon={media === "video" ? "video" : "call"}
          label="Answer"
          kind="answer"
          onPress={() => phone.press("answer")}
        />
      </div>
    </div>
  );
}
