/** Holds api/refusals.ts to the handlers: each problem that a whole-call test meets is one that the table lists for its command. */
import { commands } from "../api/commands.ts";
import type { ProblemCode } from "../api/problems.ts";
import { ENVELOPE_REFUSALS, refusalsOf } from "../api/refusals.ts";
import type { Reply, request } from "../local/phones.ts";

type Sent = Parameters<typeof request>;

/** Undefined for a request that names no command. */
function commandOf([, , body, { method = "POST", path = "/" } = {}]: Sent) {
  if (path === "/") return commands.find(({ action }) => body.includes(`"action":"${action}"`));
  const parts = path.split("/");
  return commands.find(({ route }) => {
    const known = route.path.split("/");
    const fits = known.every((part, at) => part.startsWith("{") || part === parts[at]);
    return route.method === method && known.length === parts.length && fits;
  });
}

export function expectListed(sent: Sent, { body }: Reply): void {
  const code = body["code"] as ProblemCode | undefined;
  if (code === undefined) return;
  const command = commandOf(sent);
  const listed: readonly ProblemCode[] = [
    ...(command ? refusalsOf(command.action) : []),
    ...ENVELOPE_REFUSALS,
  ];
  if (listed.includes(code)) return;
  throw new Error(`${command?.action ?? "no command"} gave ${code}: list it in api/refusals.ts`);
}
