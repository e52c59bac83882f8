import { createPhone, watchCall } from "@ringmaster/client";
import { passwordSignIn } from "@ringmaster/client/cognito";
import { ivsMedia } from "@ringmaster/client/ivs";
import { localStage } from "@ringmaster/client/local";
import config from "./config.json";

const $ = (id) => document.getElementById(id);
const user = config.people.find(({ username }) => location.search === `?as=${username}`) ?? config.people[0];
const firstName = user.username[0].toUpperCase() + user.username.slice(1);
const names = new Map();
const phone = createPhone({
  ...config, // apiUrl and graphqlUrl
  accessToken: passwordSignIn(config, user),
  storage: sessionStorage, // each tab is a phone of its own; without this line, each browser is
  media: ivsMedia({ sdk: localStage(config.apiUrl) }),
});

function show({ state, reason, direction, other, parties }, call) {
  $("call").hidden = false;
  $("other").textContent = names.get(other.clientId) ?? "Someone";
  $("state").textContent = reason ? `${state}: ${reason}` : state;
  $("answer").hidden = direction === "outgoing" || !["incoming", "ringing"].includes(state);
  $("answer").onclick = () => call.answer();
  $("hang-up").hidden = state === "ended";
  $("hang-up").onclick = () => call.hangUp();
  const picture = parties[0]?.picture ?? null;
  if ($("picture").srcObject !== picture) $("picture").srcObject = picture;
}

async function listPeople() {
  const { items } = await phone.ask(`{ searchPeople(name: "") { items { firstName clientId } } }`);
  const others = items.filter(({ clientId }) => clientId && clientId !== phone.snapshot().me.clientId);
  const buttons = others.map(({ clientId, firstName }) => {
    names.set(clientId, firstName);
    const onclick = () => phone.call(clientId, { media: "video" });
    return Object.assign(document.createElement("button"), { textContent: `Call ${firstName}`, onclick });
  });
  $("people").replaceChildren(...buttons);
}

const create = `mutation ($input: CreatePersonInput!) { createPerson(input: $input) { id } }`;
const input = { firstName, lastName: "Example", clientId: (await phone.register()).clientId };
if (!(await phone.ask("{ myPerson { id } }"))) await phone.ask(create, { input });
await listPeople();
watchCall(phone, show);
phone.onCall((call) => void listPeople().then(() => show(call.snapshot(), call))); // the directory names who calls
addEventListener("focus", () => void listPeople()); // people who have come since
addEventListener("pagehide", () => phone.leavePage()); // loaded again, the page comes back to its call
$("me").textContent = `You are ${firstName}`;
