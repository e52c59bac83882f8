/** Names in views: the directory's, else what is known besides. */
import type { Home } from "../open-phone.ts";
import type { Others } from "../state/words.ts";
import { isGroup } from "../state/company.ts";
import type { Shown as Screen } from "../state/phone.ts";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

/** Of a client; `known`: what a push said. */
export function useNames({
  directory,
}: Pick<Home, "directory">): (clientId: string, known?: string) => string {
  const { t } = useLanguage();
  useStore(directory);
  return (clientId, known) => directory.nameOf(clientId) || known || t.app.someone;
}

const NO_OTHERS: Others = { name: "", isGroup: false };

/** Who is in the call on the screen beside this phone. */
export function useOthers(home: Home, screen: Screen): Others {
  const { formats } = useLanguage();
  const nameOf = useNames(home);
  const company = useStore(home.company);
  if (screen.kind === "idle") return NO_OTHERS;
  const other = "talk" in screen ? screen.talk.other : screen.other;
  const callId = "talk" in screen ? screen.talk.callId : "callId" in screen ? screen.callId : undefined;
  if (callId === undefined || callId !== company.callId || !isGroup(company))
    return { name: nameOf(other.clientId, other.name), isGroup: false };
  const others = company.members.filter(({ clientId }) => clientId !== home.me.clientId);
  const there = others.filter(({ status }) => status !== "left");
  // Who calls is named alone; so are all of a call that is over.
  if (screen.kind === "ringing") return { name: nameOf(other.clientId, other.name), isGroup: true };
  const named = there.length > 0 && screen.kind !== "ended" ? there : others;
  return { name: formats.list(named.map(({ clientId }) => nameOf(clientId))), isGroup: true };
}
