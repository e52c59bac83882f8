/** What the phones of a client were told in its last calls, and what became of it. */
import type { ClientFacts } from "../state/facts.ts";
import { channelWord, pushWord, shortId } from "../state/words.ts";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";

interface PushTableProps {
  readonly pushes: ClientFacts["pushes"];
  readonly nowMs: number;
}

export function PushTable({ pushes, nowMs }: PushTableProps) {
  return (
    <section aria-labelledby="pushes">
      <h2 id="pushes">Pushes</h2>
      <Scroller label="Table of pushes">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Device</th>
              <th scope="col">By</th>
              <th scope="col">Outcome</th>
              <th scope="col">Call</th>
            </tr>
          </thead>
          <tbody>
            {pushes.map(({ callId, deviceId, type, channel, outcome, reason, atMs, ringingAtMs }) => (
              <tr key={`${callId} ${deviceId} ${type}`}>
                <td>
                  <Moment atMs={atMs} nowMs={nowMs} />
                </td>
                <td>{pushWord(type)}</td>
                <td>{deviceId}</td>
                <td>{channelWord(channel)}</td>
                <td className={outcome === "accepted" ? "" : "wrong"}>
                  {[outcome.replaceAll("_", " "), reason].filter(Boolean).join(": ")}
                  {type === "incoming_call" &&
                    outcome === "accepted" &&
                    (ringingAtMs === undefined ? ", never said that it rings" : ", rang")}
                </td>
                <td>
                  <Link to={{ page: "call", callId }}>{shortId(callId)}</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
