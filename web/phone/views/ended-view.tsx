/** A call is over: why, how long it was, and what next. */
import { type RingState, ringOf } from "../../look/ring.tsx";
import { durationOf, saidOfEnd } from "../state/words.ts";
import type { Ended } from "../../../packages/client/src/engine/screen.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { RoundButton } from "./round-button.tsx";

export function EndedView({ home: { phone }, screen, name }: CallViewProps<Ended>) {
  const { other, media, answeredAtMs, endedAtMs } = screen;
  const { title, detail } = saidOfEnd(screen, name);
  const mayGoBack = typeof screen.cause === "object" && screen.cause.code === "caller_in_call";
  return (
    <div className="call">
      <div className="face">
        <Avatar name={name} state={ringAtEnd(screen)} size={220} />
        <h1>{title}</h1>
        {!`${title} ${detail ?? ""}`.includes(name) && <p className="how">{name}</p>}
        {detail && <p className="quiet">{detail}</p>}
        {answeredAtMs !== undefined && (
          <p className="quiet timer">You talked for {durationOf(endedAtMs - answeredAtMs)}.</p>
        )}
      </div>
      <div className="deeds">
        <RoundButton icon="close" label="Close" onPress={() => phone.press("dismiss")} />
        {mayGoBack ? (
          <RoundButton icon="call" label="Go back" kind="answer" onPress={() => phone.press("go-back")} />
        ) : (
          <RoundButton
            icon={media === "video" ? "video" : "call"}
            label={screen.outgoing || answeredAtMs !== undefined ? "Call again" : "Call back"}
            kind="answer"
            onPress={() => phone.dial({ clientId: other.clientId, name }, media)}
          />
        )}
      </div>
    </div>
  );
}

function ringAtEnd({ ending, cause, answeredAtMs }: Ended): RingState {
  if (ending && ending !== "answered_elsewhere") return ringOf("ended", ending);
  if (cause === "lost" || typeof cause === "object") return "broken";
  return answeredAtMs !== undefined || ending ? "over" : "nothing";
}
