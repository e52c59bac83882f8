/** Which handler each command has. */
import type { Action } from "../../api/commands.ts";
import { ackRinging, declineCall, endCall, getCall } from "./in-call.ts";
import { initiateCall } from "./initiate-call.ts";
import { answerCall, rejoinCall } from "./join-call.ts";
import { fromKnownPhone } from "./phones.ts";
import type { CommandHandler } from "./command-context.ts";

// Nobody waits on these for a phone to ring: their code is loaded when one of them is first asked for.
const registering = () => import("../clients/register.ts");
const settings = () => import("../clients/client-settings.ts");
const entering = () => import("./enter-call.ts");
const deleting = () => import("../clients/delete-client-ids.ts");
const history = () => import("./history.ts");

export const commandHandlers: { [A in Action]: CommandHandler<A> } = {
  register: async (...request) => (await registering()).register(...request),
  unregister: async (...request) => (await registering()).unregister(...request),
  listClients: async (own, person) => (await settings()).listClients(own, person),
  getClient: async (...request) => (await settings()).getClient(...request),
  blockClient: async (...request) => (await settings()).blockClient(...request),
  unblockClient: async (...request) => (await settings()).unblockClient(...request),
  setDoNotDisturb: async (...request) => (await settings()).setDoNotDisturb(...request),
  initiateCall,
  answerCall: fromKnownPhone(answerCall),
  declineCall,
  ackRinging,
  rejoinCall,
  addToCall: async (...request) => (await entering()).addToCall(...request),
  endCall,
  getCall,
  listCalls: async (...request) => (await history()).listCalls(...request),
  deleteClientIds: async (...request) => (await deleting()).deleteClientIds(...request),
  getOperation: async (...request) => (await deleting()).getOperation(...request),
};
