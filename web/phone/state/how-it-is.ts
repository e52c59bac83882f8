/** What in a talk is not as it should be, in words: the connection, or what the others cannot send. */
import type { Texts } from "../texts/en.ts";
import type { Shown as Screen } from "./phone.ts";
import type { RoomState } from "./room.ts";

export interface Situation {
  readonly screen: Extract<Screen, { kind: "in-call" | "reconnecting" }>;
  readonly room: Pick<RoomState, "leftAlone"> & {
    readonly parties: readonly Omit<RoomState["parties"][number], "stream">[];
  };
  /** The others have been there for long enough to have sent what they can. */
  readonly isSettled: boolean;
  /** All of the others, in one line. */
  readonly all: string;
  readonly nameOf: (clientId: string) => string;
}

/** Empty if nothing is wrong. */
export function howItIs({ call: t }: Texts, { screen, room, isSettled, all, nameOf }: Situation): string {
  const { parties, leftAlone } = room;
  if (screen.kind === "reconnecting") return t.connectionLost;
  if (leftAlone) return t.otherLost(all);
  const unheard = parties.find(({ hasMicrophone }) => !hasMicrophone);
  if (unheard && isSettled) return t.otherNoMicrophone(nameOf(unheard.clientId));
  const muted = parties.find((party) => party.muted);
  if (muted) return t.otherMuted(nameOf(muted.clientId));
  const unseen = screen.talk.media === "video" ? parties.find(({ hasVideo }) => !hasVideo) : undefined;
  return unseen && isSettled ? t.otherNoCamera(nameOf(unseen.clientId)) : "";
}
