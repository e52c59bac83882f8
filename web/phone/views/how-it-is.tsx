/** What in a talk is not as it should be, in words. */
import { useEffect, useState } from "react";
import type { RoomState } from "../state/room.ts";
import type { Shown as Screen } from "../state/phone.ts";
import type { Texts } from "../texts/en.ts";
import type { CallViewProps } from "./call-view.ts";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";

type InCall = Extract<Screen, { kind: "in-call" | "reconnecting" }>;

/** A party's streams come a moment after the party. */
const STREAMS_LATE_MS = 4_000;

export function HowItIs({ home, screen, others }: CallViewProps<InCall>) {
  const { t } = useLanguage();
  const room = useStore(home.room);
  const nameOf = useNames(home);
  const isSettled = useSettled(room.parties.map(({ participantId }) => participantId).join(" "));
  const how = wordsFor(t, { screen, room, isSettled, all: others.name, nameOf });
  return (
    <p className={how ? "how-it-is" : "visually-hidden"} aria-live="polite">
      {how}
    </p>
  );
}

interface Situation {
  readonly screen: InCall;
  readonly room: RoomState;
  readonly isSettled: boolean;
  readonly all: string;
  readonly nameOf: (clientId: string) => string;
}

/** Empty if nothing is wrong. */
function wordsFor({ call: t }: Texts, { screen, room, isSettled, all, nameOf }: Situation): string {
  const { parties, leftAlone } = room;
  if (screen.kind === "reconnecting") return t.connectionLost;
  if (leftAlone) return t.otherLost(all);
  const mute = parties.find(({ hasMicrophone }) => !hasMicrophone);
  if (mute && isSettled) return t.otherNoMicrophone(nameOf(mute.clientId));
  const muted = parties.find((party) => party.muted);
  if (muted) return t.otherMuted(nameOf(muted.clientId));
  const unseen = screen.talk.media === "video" ? parties.find(({ hasVideo }) => !hasVideo) : undefined;
  return unseen && isSettled ? t.otherNoCamera(nameOf(unseen.clientId)) : "";
}

/** Whether the same people have been there for a while. */
function useSettled(who: string): boolean {
  const [settled, setSettled] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setSettled(who), STREAMS_LATE_MS);
    return () => clearTimeout(timer);
  }, [who]);
  return settled === who;
}
