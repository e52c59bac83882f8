/** A call is over: why, how long it was, and what next. */
import { type RingState, ringOf } from "../../look/ring.tsx";
import { saidOfEnd, shortened } from "../state/words.ts";
import type { Ended } from "../../../packages/client/src/engine/screen.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { RoundButton } from "./round-button.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

export function EndedView({ home, screen, others }: CallViewProps<Ended>) {
  const { t, formats } = useLanguage();
  const { answeredAtMs, endedAtMs } = screen;
  const { name } = others;
  const { title, detail } = saidOfEnd(t, screen, { ...others, name: shortened(name) });
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state={ringAtEnd(screen)} size={220} />
        <h1>{title}</h1>
        {!`${title} ${detail ?? ""}`.includes(name) && <p className="how">{name}</p>}
        {detail && <p className="quiet">{detail}</p>}
        {answeredAtMs !== undefined && (
          <p className="quiet timer">{t.call.talked(formats.duration(endedAtMs - answeredAtMs))}</p>
        )}
      </div>
      <div className="deeds">
        <RoundButton icon="close" label={t.call.close} onPress={() => home.phone.press("dismiss")} />
        <NextButton home={home} screen={screen} others={others} />
      </div>
    </div>
  );
}

/** Back to the call that goes on, here or from another phone of one's own; or another call. */
function NextButton({ home, screen, others }: CallViewProps<Ended>) {
  const { t } = useLanguage();
  const { members } = useStore(home.company);
  const { phone, me } = home;
  const { callId, cause, media, other } = screen;
  const code = typeof cause === "object" ? cause.code : undefined;
  if (callId !== undefined && (code === "on_another_device" || cause === "moved"))
    return (
      <RoundButton icon="call" label={t.call.takeOver} kind="answer" onPress={() => phone.takeOver(callId)} />
    );
  if (code === "caller_in_call")
    return (
      <RoundButton icon="call" label={t.call.goBack} kind="answer" onPress={() => phone.press("go-back")} />
    );
  const besides = members.map(({ clientId }) => clientId).filter((id) => id !== me.clientId);
  const more = others.isGroup ? besides.filter((id) => id !== other.clientId) : undefined;
  return (
    <RoundButton
      icon={media === "video" ? "video" : "call"}
      label={screen.outgoing || screen.answeredAtMs !== undefined ? t.call.callAgain : t.call.callBack}
      kind="answer"
      onPress={() => phone.dial({ ...other, name: others.isGroup ? other.name : others.name }, media, more)}
    />
  );
}

function ringAtEnd({ ending, cause, answeredAtMs }: Ended): RingState {
  if (ending && ending !== "answered_elsewhere") return ringOf("ended", ending);
  if (cause === "lost" || typeof cause === "object") return "broken";
  return answeredAtMs !== undefined || ending ? "over" : "nothing";
}
