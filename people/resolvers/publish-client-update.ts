/** publishClientUpdate: hands the event to those who have subscribed; nothing is stored. */
export { request, response } from "./publish-call-update.ts";
