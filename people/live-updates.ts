/** The mutations by which the event bus sends live updates. Subscribers receive only the selected fields, so each selects all. */

/** The state of a call, for phones that follow it. */
export const PUBLISH_CALL_UPDATE = `mutation PublishCallUpdate($input: CallUpdateInput!) {
  publishCallUpdate(input: $input) {
    callId
    clientId
    version
    status
    endReason
    role
    legStatus
    legEndReason
    otherClientId
    media
    createdAtMs
    ringUntilMs
    answeredAtMs
    endedAtMs
    serverNowMs
  }
}`;

/** A change of a client, for its owner. */
export const PUBLISH_CLIENT_UPDATE = `mutation PublishClientUpdate($input: ClientUpdateInput!) {
  publishClientUpdate(input: $input) {
    clientId
    change
    deviceId
    atMs
  }
}`;
