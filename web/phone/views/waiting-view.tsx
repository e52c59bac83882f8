/** A call that goes out, or one that was answered and is being put through. */
import type { Shown as Screen } from "../state/phone.ts";
import { waitingWords } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { Members } from "./members.tsx";
import { OwnPicture } from "./picture.tsx";
import { RoundButton } from "./round-button.tsx";
import { Trouble } from "./trouble.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

type Waiting = Extract<Screen, { kind: "dialling" | "calling" | "connecting" }>;

export function WaitingView({ home, screen, others: { name, isGroup } }: CallViewProps<Waiting>) {
  const { phone, room } = home;
  const { t } = useLanguage();
  const { ownVideo } = useStore(room);
  const heard = screen.kind === "calling" && screen.talk.heard;
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state={heard ? "ringing" : "calling"} size={220} />
        <h1>{name}</h1>
        <p className="how">{waitingWords(t, screen)}</p>
        {isGroup && <Members home={home} />}
      </div>
      {ownVideo && <OwnPicture stream={ownVideo} />}
      <div>
        <Trouble room={room} />
        <div className="deeds">
          <RoundButton
            icon="hang-up"
            label={screen.kind === "connecting" ? t.call.hangUp : t.call.cancel}
            kind="stop"
            onPress={() => phone.press("hang-up")}
          />
        </div>
      </div>
    </div>
  );
}
