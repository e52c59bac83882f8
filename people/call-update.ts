/**
 * The mutation by which the event bus tells phones the state of their calls. Subscribers receive only the selected fields,
 * so it selects every field of a call.
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
