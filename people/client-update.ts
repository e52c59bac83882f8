/** The mutation by which the event bus tells people of changes to their clients; it selects every field. */
export const PUBLISH_CLIENT_UPDATE = `mutation PublishClientUpdate($input: ClientUpdateInput!) {
  publishClientUpdate(input: $input) {
    clientId
    change
    deviceId
    atMs
  }
}`;
