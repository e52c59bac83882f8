/** Who is in a group call, and how the part of each stands: it rings, they are in it, they left, and why. */
import { ringOf } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import type { Member } from "../state/company.ts";
import { memberWords } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import { useLanguage } from "./use-language.tsx";
import { useNames } from "./use-names.tsx";
import { useStore } from "./use-store.tsx";
import "./members.css";

export function Members({ home }: { readonly home: Home }) {
  const { t } = useLanguage();
  const nameOf = useNames(home);
  const { members } = useStore(home.company);
  const others = members.filter(({ clientId }) => clientId !== home.me.clientId);
  return (
    <ul className="members" aria-label={t.call.members} aria-live="polite">
      {others.map((member) => (
        <li key={member.clientId} data-status={member.status}>
          <Avatar name={nameOf(member.clientId)} state={ringOfMember(member)} size={32} />
          <span className="who">{nameOf(member.clientId)}</span>
          <span className="quiet">{memberWords(t, member)}</span>
        </li>
      ))}
    </ul>
  );
}

function ringOfMember({ status, endReason }: Member) {
  switch (status) {
    case "invited":
      return "calling";
    case "ringing":
      return "ringing";
    case "joined":
      return "answered";
    case "left":
      return ringOf("ended", endReason);
  }
}
