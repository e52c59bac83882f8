/** The mutation by which the event bus tells people what has become of their clients; it selects every field there is. */
export const PUBLISH_CLIENT_UPDATE = `mutation PublishClientUpdate($input: ClientUpdateInput!) {
  publishClientUpdate(input: $input) {
    clientId
    change
    deviceId
    atMs
  }
}`;
