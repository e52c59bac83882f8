/** An incoming call: who calls, who else is called, how, and the answer. */
import { useEffect, useState } from "react";
import type { Ringtone } from "../edge/ringtone.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { RoundButton } from "./round-button.tsx";
import type { Shown as Screen } from "../state/phone.ts";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";

type Ringing = Extract<Screen, { kind: "ringing" }>;

export function RingingView({ home, screen, others: { name, isGroup } }: CallViewProps<Ringing>) {
  const { phone, ringtone } = home;
  const { t } = useLanguage();
  const isVideo = screen.talk.media === "video";
  const silenced = useSilenced(ringtone);
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state="ringing" size={220} />
        <h1>{name}</h1>
        <p className="how">{isVideo ? t.call.isCallingVideo : t.call.isCalling}</p>
        {isGroup && <WithOthers home={home} callerId={screen.talk.other.clientId} />}
        {silenced && <p className="quiet">{t.call.clickToHear}</p>}
      </div>
      <div className="deeds">
        <RoundButton
          icon="hang-up"
          label={t.call.decline}
          kind="stop"
          onPress={() => phone.press("decline")}
        />
        <RoundButton
          icon={isVideo ? "video" : "call"}
          label={t.call.answer}
          kind="answer"
          onPress={() => phone.press("answer")}
        />
      </div>
    </div>
  );
}

function WithOthers({ home, callerId }: Pick<CallViewProps, "home"> & { readonly callerId: string }) {
  const { t, formats } = useLanguage();
  const nameOf = useNames(home);
  const { members } = useStore(home.company);
  const besides = members.filter(
    ({ clientId, status }) => clientId !== callerId && clientId !== home.me.clientId && status !== "left",
  );
  if (besides.length === 0) return null;
  return (
    <p className="quiet">{t.call.with(formats.list(besides.map(({ clientId }) => nameOf(clientId))))}</p>
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
