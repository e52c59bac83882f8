/** Y10 to Y12: what the stack says of a call to others. */
import { type Call, legNumbers, legOf } from "../../calls/call.ts";
import { catalogue, type EventName } from "../../events/catalogue.ts";
import type { OpenChecker } from "./checking.ts";
import type { BusEvent } from "./events-and-queues.ts";
import { callsOf, historyRowsOf, isCallRow } from "./stored.ts";

const HEX_OF_TOKEN = Buffer.from("device-token").toString("hex");
/** A push token as people.ts makes them, a participant token, a key. */
const SECRET = new RegExp(`device-token|${HEX_OF_TOKEN}|eyJ[\\w-]{10,}\\.|PRIVATE KEY`);

export const checkMessages: OpenChecker = (checking) => {
  const { report } = checking;
  const events = new Map<string, BusEvent["detail"][]>();
  const ends = new Map<string, Set<unknown>>();
  const snapshots = new Map<string, string>();

  function hearLeg(detail: BusEvent["detail"]): void {
    const key = `${String(detail["callId"])} ${String(detail["leg"])}`;
    events.set(key, [...(events.get(key) ?? []), detail]);
  }

  return {
    onEvent({ "detail-type": name, detail }) {
      const callId = String(detail["callId"]);
      const parsed = catalogue[name as EventName]?.schema.safeParse(detail);
      if (!parsed?.success) report("Y10", `${name} is not as its schema says`, callId);
      if (SECRET.test(JSON.stringify(detail))) report("Y11", `a secret is in ${name}`, callId);
      if (detail["version"] === undefined) return;
      const { status, endReason, answeredAtMs, endedAtMs } = detail;
      const version = Number(detail["version"]);
      const said = JSON.stringify([status, endReason, answeredAtMs, endedAtMs]);
      const before = snapshots.get(`${callId} ${version}`) ?? said;
      if (before !== said) report("Y10", `version ${version} is both ${before} and ${said}`, callId);
      snapshots.set(`${callId} ${version}`, said);
      if (name === "LegUpdated") hearLeg(detail);
      if (name === "CallEnded") ends.set(callId, (ends.get(callId) ?? new Set()).add(version));
    },
    onWrite({ after }) {
      if (!after || !isCallRow(after)) return;
      if (SECRET.test(JSON.stringify(after)))
        report("Y11", "a secret is in the record", String(after["callId"]));
    },
    onDeadLetter(name, why, what) {
      if (checking.awsWorks) report("Y12", `${name}: ${JSON.stringify(why)} of ${JSON.stringify(what)}`);
    },
    async conclude() {
      const rows = Map.groupBy(historyRowsOf(checking.stack), ({ callId }) => callId);
      const calls = callsOf(checking.stack);
      for (const call of calls) {
        if (call.status !== "ended") continue;
        const versions = [...(ends.get(call.callId) ?? [])];
        if (versions.length !== 1 || versions[0] !== call.version) {
          report("Y10", `CallEnded says ${versions.join(", ")}, the record ${call.version}`, call.callId);
        }
        checkLastWords(call);
        const remembered = (rows.get(call.callId) ?? []).map(
          ({ leg, endReason }) => `${String(leg)} ${String(endReason)}`,
        );
        const expected = rowsExpected(call);
        if (remembered.toSorted().join() !== expected.toSorted().join()) {
          report("Y10", `history has ${remembered.join()}, not ${expected.join()}`, call.callId);
        }
      }
      await checkHistory(calls.at(-1));
    },
  };

  /** What a subscriber heard last, which drops older versions. */
  function checkLastWords(call: Call): void {
    for (const number of legNumbers(call)) {
      const { silenced, status, leftReason } = legOf(call, number);
      const heard = events.get(`${call.callId} ${number}`) ?? [];
      if (silenced !== undefined) {
        if (heard.length > 0) report("Y10", "a silenced leg is told", call.callId);
        continue;
      }
      const last = heard.reduce<BusEvent["detail"] | undefined>(
        (newest, one) => (newest && Number(newest["version"]) >= Number(one["version"]) ? newest : one),
        undefined,
      );
      const said = [last?.["status"], last?.["endReason"], last?.["legStatus"], last?.["legEndReason"]].join(
        " ",
      );
      const stands = [call.status, call.endReason, status, leftReason].join(" ");
      if (said !== stands)
        report("Y10", `leg ${number} heard "${said}", the record has "${stands}"`, call.callId);
    }
  }

  /** AWS itself writes a wait's arguments, the task token among them. */
  async function checkHistory(call: Call | undefined): Promise<void> {
    if (!call) return;
    const history = await checking.stack.workflow.history(call.callId).catch(() => undefined);
    if (SECRET.test(JSON.stringify(history ?? ""))) report("Y11", "a secret is in the history", call.callId);
  }
};

const rowsExpected = (call: Call): string[] =>
  legNumbers(call)
    .filter((number) => legOf(call, number).silenced !== "blocked")
    .map((number) => `${number} ${legOf(call, number).leftReason ?? call.endReason}`);
