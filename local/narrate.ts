/** Prints what happens in the runtime, one readable line for each step of a call. */
import { LegUpdated } from "../events/legs.ts";
import { StagePoolLow } from "../events/stage-pool-low.ts";
import type { Door, Happening } from "../packages/local-aws/src/door.ts";

type Told = Happening & { readonly atMs: number };

/** States, events, pushes and the API's replies; undefined for all that is no step of a call. */
export function sentenceOf(happening: Told): string | undefined {
  switch (happening.kind) {
    case "log":
      return replyIn(happening.line);
    case "event":
      return line("event", happening.detailType, callOf(happening.detail), partyOf(happening.detail));
    case "state-entered":
      return ofBatch(happening.machine) ? undefined : line("state", happening.state, executionOf(happening));
    case "execution-ended":
      return ofBatch(happening.machine)
        ? undefined
        : line("workflow", happening.status.toLowerCase(), executionOf(happening));
    case "push": {
      const { data, channel, address, outcome } = happening;
      return line(
        "push",
        data["type"] ?? "?",
        callOf({ callId: data["call_id"] }),
        `${channel} ${address} ${outcome}`,
      );
    }
    case "verification-code":
      return line("mail", `${happening.purpose} code of ${happening.username}: ${happening.code}`, "");
    case "invocation":
      return happening.error && line("error", `${happening.functionName}: ${happening.error}`, "");
    case "request":
      return happening.status >= 500 || happening.status === 401 || happening.status === 429
        ? line("request", `${happening.method} ${happening.path} → ${happening.status}`, "")
        : undefined;
    case "execution-started":
    case "aws-call":
      return undefined;
  }
}

/** Events that repeat another line, or are no step of a call. */
const REPEATS = new Set<string>([
  LegUpdated.name,
  StagePoolLow.name,
  "Step Functions Execution Status Change",
]);

/** Prints the steps; the returned function stops it. */
export function narrate(door: Door, print: (text: string) => void): () => void {
  return door.observe((happening) => {
    if (happening.kind === "event" && REPEATS.has(happening.detailType)) return;
    const sentence = sentenceOf(happening);
    if (sentence) print(`${clockTime(happening.atMs)}  ${sentence}`);
  });
}

/** From what the REST entrypoint logs of a request that it answered. */
function replyIn(text: string): string | undefined {
  if (!text.includes('"message":"replied"')) return undefined;
  const { action, status, code, callId } = JSON.parse(text) as Record<string, string>;
  return line("request", `${action ?? "?"} → ${status}${code ? ` ${code}` : ""}`, callOf({ callId }));
}

const line = (kind: string, what: string, call: string, more = ""): string =>
  `${kind.padEnd(8)} ${what.padEnd(26)} ${call}${more && `  ${more}`}`.trimEnd();

/** The last characters of a call id tell calls apart at a glance. */
const callOf = (detail: unknown): string => {
  const callId = (detail as { callId?: unknown } | null)?.callId;
  return typeof callId === "string" ? `call …${callId.slice(-6)}` : "";
};

/** Children of a Map Run, of which there may be thousands. */
const ofBatch = (machine: string): boolean => machine.includes("/");

const executionOf = ({ machine, execution }: { machine: string; execution: string }): string =>
  `${machine === "call" ? "call" : machine} …${execution.slice(-6)}`;

const partyOf = (detail: unknown): string => {
  const { role, legStatus } = detail as { role?: string; legStatus?: string };
  return role ? `${role} ${legStatus}` : "";
};

const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 23);
