/** The legs of a call: whose part, on which device, and the participant tokens that were issued for it. */
import type { Leg, Party, StoredCall } from "../state/facts.ts";
import { nameOf, reasonWord } from "../state/words.ts";
import { Copyable } from "./copy.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { Scroller } from "./scroller.tsx";

interface LegTableProps {
  readonly call: StoredCall;
  readonly parties: readonly Party[];
  readonly nowMs: number;
}

export function LegTable({ call: { legs, stageId }, parties, nowMs }: LegTableProps) {
  return (
    <section aria-labelledby="legs">
      <h2 id="legs">Legs</h2>
      <Scroller label="Table of legs">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Client</th>
              <th scope="col">Role</th>
              <th scope="col">Stands</th>
              <th scope="col">Device</th>
              <th scope="col">Devices told</th>
              <th scope="col">Participant tokens</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(legs).map(([number, leg]) => (
              <tr key={number}>
                <td>
                  <Link to={{ page: "client", clientId: leg.clientId }}>
                    {nameOf(parties.find(({ clientId }) => clientId === leg.clientId) ?? leg)}
                  </Link>
                </td>
                <td>{leg.role}</td>
                <td>
                  {leg.status}
                  {leg.leftReason && `, ${reasonWord(leg.leftReason).toLowerCase()}`}
                  {leg.silenced !== undefined && `, kept silent (${leg.silenced.replaceAll("_", " ")})`}
                </td>
                <td>{leg.deviceId ?? "–"}</td>
                <td>{Object.keys(leg.devices).join(", ") || "–"}</td>
                <td>
                  <Tokens leg={leg} nowMs={nowMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <p className="quiet note">
        {stageId === undefined ? (
          "No stage is held."
        ) : (
          <>
            Stage <Copyable text={stageId} what="stage id" />
          </>
        )}
      </p>
    </section>
  );
}

/** One that is prepared while phones ring is given out by the answer, which sets its end. */
function Tokens({
  leg: { tokenCount, tokensUntilMs },
  nowMs,
}: {
  readonly leg: Leg;
  readonly nowMs: number;
}) {
  if (tokenCount === 0) return "none";
  if (tokensUntilMs === 0) return `${tokenCount}, not given out`;
  return (
    <>
      {tokenCount}, valid until <Moment atMs={tokensUntilMs} nowMs={nowMs} />
    </>
  );
}
