/** Says what in a talk is not as it should be. */
import { useEffect, useState } from "react";
import { howItIs, type Situation } from "../state/how-it-is.ts";
import type { CallViewProps } from "./call-view.ts";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";

/** A party's streams come a moment after the party. */
const STREAMS_LATE_MS = 4_000;

export function HowItIs({ home, screen, others }: CallViewProps<Situation["screen"]>) {
  const { t } = useLanguage();
  const room = useStore(home.room);
  const nameOf = useNames(home);
  const isSettled = useSettled(room.parties.map(({ participantId }) => participantId).join(" "));
  const how = howItIs(t, { screen, room, isSettled, all: others.name, nameOf });
  return (
    <p className={how ? "how-it-is" : "visually-hidden"} aria-live="polite">
      {how}
    </p>
  );
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
