/**
 * The mutation by which the event bus tells phones how their calls stand. Subscribers receive only what it selects, so
 * it selects every field that a call has.
 */
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
