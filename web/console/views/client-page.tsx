/** A client: its devices, what it does not want, its calls. */
import { clientSchema } from "../state/facts.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { channelWord, shortId } from "../state/words.ts";
import { CallList } from "./call-list.tsx";
import { Copyable } from "./copy.tsx";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import { PushTable } from "./push-table.tsx";
import { Scroller } from "./scroller.tsx";
import { Empty, Page } from "./page.tsx";
import { useLive, useNow } from "./world.tsx";

type ClientRoute = Extract<Route, { page: "client" }>;

export function ClientPage({ route }: { readonly route: ClientRoute }) {
  const facts = useLive(factsUrlOf(route) ?? "", clientSchema);
  const nowMs = useNow(facts.view?.calls.some(({ status }) => status !== "ended") ?? false);
  return (
    <Page title={facts.view?.name ?? `Client ${shortId(route.clientId)}`} facts={facts}>
      {({
        clientId,
        devices,
        lostDevices,
        blockedIds,
        doNotDisturbUntilMs = 0,
        calls,
        activeCallId,
        lastSeenAtMs,
        username,
        pushes,
      }) => (
        <>
          <p className="client-id">
            <Copyable text={clientId} what="client id" />
          </p>
          <dl className="facts">
            {username !== undefined && (
              <div>
                <dt>User name</dt>
                <dd>{username}</dd>
              </div>
            )}
            <div>
              <dt>Last seen</dt>
              <dd>{lastSeenAtMs === undefined ? "–" : <Moment atMs={lastSeenAtMs} nowMs={nowMs} />}</dd>
            </div>
            <div>
              <dt>In a call</dt>
              <dd>
                {activeCallId === undefined ? (
                  "No"
                ) : (
                  <Link to={{ page: "call", callId: activeCallId }}>{shortId(activeCallId)}</Link>
                )}
              </dd>
            </div>
            <div>
              <dt>Do not disturb</dt>
              <dd>
                {doNotDisturbUntilMs > nowMs ? (
                  <>
                    until <Moment atMs={doNotDisturbUntilMs} nowMs={nowMs} />
                  </>
                ) : (
                  "Off"
                )}
              </dd>
            </div>
          </dl>
          <section aria-labelledby="devices">
            <h2 id="devices">Devices</h2>
            {devices.length === 0 ? (
              <p className="quiet">None: nothing can ring. A phone that registers shows up here.</p>
            ) : (
              <Scroller label="Table of devices">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Device</th>
                      <th scope="col">Reached by</th>
                      <th scope="col">Last seen</th>
                    </tr>
                  </thead>
                  <tbody>
                    {devices.map((device) => (
                      <tr key={device.deviceId}>
                        <td>
                          <Copyable text={device.deviceId} what="device id" />
                        </td>
                        <td>{device.channels.map(channelWord).join(", ")}</td>
                        <td>
                          {device.lastSeenAtMs === undefined ? (
                            "–"
                          ) : (
                            <Moment atMs={device.lastSeenAtMs} nowMs={nowMs} />
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroller>
            )}
          </section>
          {lostDevices.length > 0 && (
            <section aria-labelledby="lost">
              <h2 id="lost">Lost to another person</h2>
              <p className="quiet">
                Another person has registered the push token: the phone rings for them now.
              </p>
              <ul>
                {lostDevices.toReversed().map(({ deviceId, atMs }) => (
                  <li key={`${deviceId} ${atMs}`}>
                    <code>{deviceId}</code> <Moment atMs={atMs} nowMs={nowMs} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section aria-labelledby="blocked">
            <h2 id="blocked">Blocks</h2>
            {blockedIds.length === 0 ? (
              <p className="quiet">None.</p>
            ) : (
              <ul>
                {blockedIds.map((id) => (
                  <li key={id}>
                    <Link to={{ page: "client", clientId: id }}>
                      <code>{id}</code>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section aria-labelledby="calls">
            <h2 id="calls">Calls</h2>
            {calls.length === 0 ? <Empty title="No call yet" /> : <CallList calls={calls} nowMs={nowMs} />}
            {calls.length > 0 && (
              <p className="pager">
                <Link to={{ page: "calls", filter: { client: clientId } }}>All calls</Link>
              </p>
            )}
            {blockedIds.length > 0 && (
              <p className="quiet note">
                Calls from a blocked person are kept silent. They are listed with the caller only.
              </p>
            )}
          </section>
          {pushes.length > 0 && <PushTable pushes={pushes} nowMs={nowMs} />}
        </>
      )}
    </Page>
  );
}
