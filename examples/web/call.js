import { createPhone } from "@ringmaster/client";
import { ivsMedia } from "@ringmaster/client/ivs";
import { localStage } from "@ringmaster/client/local";
import config from "./config.json";

const $ = (id) => document.getElementById(id);
const user = config.people.find(({ username }) => location.search === `?as=${username}`) ?? config.people[0];
const firstName = user.username[0].toUpperCase() + user.username.slice(1);

/** As a ready-made person of `npm start`. */
async function signIn() {
  const person = { USERNAME: user.username, PASSWORD: user.password };
  const by = { AuthFlow: "USER_PASSWORD_AUTH", ClientId: config.userPoolClientId, AuthParameters: person };
  const target = "AWSCognitoIdentityProviderService.InitiateAuth";
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const reply = await fetch(config.cognitoUrl, { method: "POST", headers, body: JSON.stringify(by) });
  return (await reply.json()).AuthenticationResult.AccessToken;
}

let token;
const phone = createPhone({
  apiUrl: config.apiUrl,
  graphqlUrl: config.graphqlUrl,
  accessToken: async ({ refresh }) => (token = refresh || !token ? await signIn() : token),
  storage: sessionStorage, // each tab is a phone of its own; without this line, each browser is
  media: ivsMedia({ sdk: localStage(config.apiUrl) }),
});

let call;
phone.subscribe(() => {
  if (phone.snapshot().call === call) return;
  call = phone.snapshot().call;
  call.subscribe(show);
  show();
  void listPeople().then(show); // no push reaches a page, so the directory names the caller
});

function show() {
  const { state, reason, direction, other, parties } = call.snapshot();
  $("call").hidden = false;
  $("people").hidden = state !== "ended";
  $("other").textContent = names.get(other.clientId) ?? "Someone";
  $("state").textContent = reason ? `${state}: ${reason}` : state;
  $("answer").hidden = direction === "outgoing" || !["incoming", "ringing"].includes(state);
  $("hang-up").hidden = state === "ended";
  const picture = parties[0]?.picture ?? null;
  if ($("picture").srcObject !== picture) $("picture").srcObject = picture;
}
$("answer").onclick = () => call.answer();
$("hang-up").onclick = () => call.hangUp();

const names = new Map();
async function listPeople() {
  const { items } = await phone.ask(`{ searchPeople(name: "") { items { firstName clientId } } }`);
  for (const { firstName, clientId } of items) names.set(clientId, firstName);
  const others = [...names].filter(([clientId]) => clientId && clientId !== phone.snapshot().me.clientId);
  const buttons = others.map(([clientId, name]) => {
    const onclick = () => phone.call(clientId, { media: "video" });
    return Object.assign(document.createElement("button"), { textContent: `Call ${name}`, onclick });
  });
  $("people").replaceChildren(...buttons);
}

async function start() {
  const input = { firstName, lastName: "Example", clientId: (await phone.register()).clientId };
  const create = `mutation ($input: CreatePersonInput!) { createPerson(input: $input) { id } }`;
  if (!(await phone.ask("{ myPerson { id } }"))) await phone.ask(create, { input });
  await listPeople();
  $("me").textContent = `You are ${firstName}`;
  addEventListener("focus", () => void listPeople()); // people who have come since
  addEventListener("pagehide", () => phone.leavePage()); // loaded again, the page comes back to its call
}
start().catch((error) => ($("me").textContent = String(error)));
