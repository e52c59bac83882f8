/** An incoming call: who calls, how, and the answer. */
import { useEffect, useState } from "react";
import type { Ringtone } from "../edge/ringtone.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { RoundButton } from "./round-button.tsx";
import type { Shown as Screen } from "../state/phone.ts";

type Ringing = Extract<Screen, { kind: "ringing" }>;

export function RingingView({ home, screen, name }: CallViewProps<Ringing>) {
  const { phone, ringtone } = home;
  const { media } = screen.talk;
  const silenced = useSilenced(ringtone);
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state="ringing" size={220} />
        <h1>{name}</h1>
        <p className="how">is calling{media === "video" ? " with video" : ""}</p>
        {silenced && <p className="quiet">Click anywhere to hear it ring.</p>}
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

/** Until a user touches the page. */
function useSilenced(ringtone: Ringtone): boolean {
  const [silenced, setSilenced] = useState(() => ringtone.isSilenced());
  useEffect(() => {
    const heard = (): void => setSilenced(ringtone.isSilenced());
    addEventListener("click", heard);
    return () => removeEventListener("click", heard);
  }, [ringtone]);
  return silenced;
}
