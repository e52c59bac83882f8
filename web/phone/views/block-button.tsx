/** Blocks a person, or lets them call again. */
import type { Home } from "../open-phone.ts";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

interface BlockButtonProps {
  readonly home: Pick<Home, "peace">;
  readonly clientId: string;
  readonly name: string;
}

export function BlockButton({ home: { peace }, clientId, name }: BlockButtonProps) {
  const { t } = useLanguage();
  const { blocked, busy } = useStore(peace);
  const isBlocked = blocked.has(clientId);
  return (
    <button
      type="button"
      className="button small"
      disabled={busy}
      onClick={() => peace.block(clientId, !isBlocked)}
    >
      {isBlocked ? t.people.unblock(name) : t.people.block(name)}
    </button>
  );
}
