/** Prints what happens in the runtime, one readable line for each step of a call. */
import { LegUpdated } from "../events/legs.ts";
import { StagePoolLow } from "../events/stage-pool-low.ts";
import type { LocalAws, RuntimeEvent } from "../packages/local-aws/src/local-aws.ts";

type Told = RuntimeEvent & { readonly atMs: number };

/** States, events, pushes and the API's replies; undefined for all that is no step of a call. */
export function sentenceOf(event: Told): string | undefined {
  switch (event.kind) {
    case "log":
      return replyIn(event.line);
    case "event":
      return line("event", event.detailType, callOf(event.detail), partyOf(event.detail));
    case "state-entered":
      return ofBatch(event.machine) ? undefined : line("state", event.state, executionOf(event));
    case "execution-ended":
      return ofBatch(event.machine)
        ? undefined
        : line("workflow", event.status.toLowerCase(), executionOf(event));
    case "push": {
      const { data, channel, address, outcome } = event;
      return line(
        "push",
        data["type"] ?? "?",
        callOf({ callId: data["call_id"] }),
        `${channel} ${address} ${outcome}`,
      );
    }
    case "verification-code":
      return line("mail", `${event.purpose} code of ${event.username}: ${event.code}`, "");
    case "invocation":
      return event.error && line("error", `${event.functionName}: ${event.error}`, "");
    case "request":
      return event.status >= 500 || event.status === 401 || event.status === 429
        ? line("request", `${event.method} ${event.path} → ${event.status}`, "")
        : undefined;
    case "alarm":
      return line("alarm", `${event.name} ${event.state}`, "", event.reason);
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
export function narrate(localAws: LocalAws, print: (text: string) => void): () => void {
  return localAws.observe((event) => {
    if (event.kind === "event" && REPEATS.has(event.detailType)) return;
    const sentence = sentenceOf(event);
    if (sentence) print(`${clockTime(event.atMs)}  ${sentence}`);
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
