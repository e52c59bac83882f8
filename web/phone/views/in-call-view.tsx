/** People talk. Without a picture of anyone the ring takes its place. */
import { lazy, Suspense, useState } from "react";
import { Ring } from "../../look/ring.tsx";
import type { Talk } from "../../../packages/client/src/engine/screen.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { Avatar } from "./avatar.tsx";
import type { CallViewProps } from "./call-view.ts";
import { HowItIs } from "./how-it-is.tsx";
import { InCallControls } from "./in-call-controls.tsx";
import { Members } from "./members.tsx";
import { OtherPicture, OwnPicture } from "./picture.tsx";
import { Trouble } from "./trouble.tsx";
import type { Clock } from "../../../packages/client/src/time/clock.ts";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useNow, useStore } from "./use-store.tsx";
import "./in-call-view.css";

type InCall = Extract<Screen, { kind: "in-call" | "reconnecting" }>;

const AddPeople = lazy(() => import("./add-people.tsx").then((file) => ({ default: file.AddPeople })));

export function InCallView({ home, screen, others }: CallViewProps<InCall>) {
  const room = useStore(home.room);
  const nameOf = useNames(home);
  const [adding, setAdding] = useState(false);
  const seen = room.parties.some(({ hasVideo }) => hasVideo);
  const ring = screen.kind === "in-call" ? "answered" : "calling";
  return (
    <div className={seen ? "call talk seen" : "call talk"}>
      <div className="pictures" data-seen={room.parties.filter(({ hasVideo }) => hasVideo).length}>
        {room.parties.map(({ participantId, clientId, stream, hasVideo }) => (
          <OtherPicture key={participantId} stream={stream} name={nameOf(clientId)} hidden={!hasVideo} />
        ))}
      </div>
      {seen ? (
        <div className="chip">
          <Ring state={ring} size={22} />
          <h1>{others.name}</h1>
          <Timer talk={screen.talk} clock={home.clock} />
        </div>
      ) : (
        <div className="face">
          <Avatar name={others.name} state={ring} size={240} />
          <h1>{others.name}</h1>
          <Timer talk={screen.talk} clock={home.clock} />
        </div>
      )}
      {room.ownVideo && <OwnPicture stream={room.ownVideo} />}
      <div className="controls">
        {others.isGroup && <Members home={home} />}
        <HowItIs home={home} screen={screen} others={others} />
        <Trouble room={home.room} />
        <InCallControls home={home} isGroup={others.isGroup} onAdd={() => setAdding(true)} />
      </div>
      {adding && (
        <Suspense>
          <AddPeople home={home} callId={screen.talk.callId} onDone={() => setAdding(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Timer({ talk, clock }: { readonly talk: Talk; readonly clock: Clock }) {
  const { formats } = useLanguage();
  const now = useNow(clock);
  return <p className="how timer">{formats.duration(now - (talk.answeredAtMs ?? now))}</p>;
}
