/** Who is at this phone: signing up and in, registering the phone, and the name that others see. */
import { nameProblem } from "../../../people/name-text.ts";
import type { Credentials, Session } from "../../sign-in/session.ts";
import type { Me } from "../../../packages/client/src/engine/call-facts.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { People, Person } from "./people.ts";

export interface OwnName {
  readonly firstName: string;
  readonly lastName: string;
}

interface Form {
  readonly busy: boolean;
  /** In words, above the form. */
  readonly wrong?: string | undefined;
}

export type AccountState =
  | { readonly kind: "opening" }
  | ({ readonly kind: "signed-out" } & Form)
  | ({ readonly kind: "confirming"; readonly username: string } & Form)
  | ({ readonly kind: "naming"; readonly proposed: OwnName } & Form)
  | { readonly kind: "ready"; readonly me: Me; readonly person: Person }
  | { readonly kind: "failed"; readonly problem: Problem };

interface OwnDevice {
  readonly deviceId: string;
  readonly deviceToken: string;
  readonly notifyType: "GCM" | "WEB";
}

export interface AccountWorld {
  readonly session: Omit<Session, "isOperator" | "accessToken">;
  readonly commands: Commands;
  readonly people: Pick<People, "get" | "create" | "update">;
  /** By the name to sign in with. */
  readonly deviceOf: (username: string) => Promise<OwnDevice>;
  /** Of a local runtime: the ready-made person that the address of the page names. */
  readonly readyMade?: Credentials | undefined;
}

export interface Account {
  state(): AccountState;
  subscribe(listener: () => void): () => void;
  signIn(credentials: Credentials): Promise<void>;
  signUp(newcomer: Credentials & { readonly email: string }): Promise<void>;
  confirm(code: string): Promise<void>;
  resendCode(): Promise<void>;
  backToSignIn(): void;
  takeName(name: OwnName): Promise<void>;
  /** The phone rings no more for the user who was signed in. */
  signOut(): Promise<void>;
  again(): void;
}

/** What the ready-made people are called. */
const LAST_NAMES: ReadonlyMap<string, string> = new Map([
  ["alice", "Adams"],
  ["bob", "Brown"],
  ["carol", "Clark"],
  ["dave", "Davis"],
  ["olivia", "Owens"],
]);

export function proposedName(username: string): OwnName {
  const lastName = LAST_NAMES.get(username);
  if (!lastName) return { firstName: "", lastName: "" };
  return { firstName: username.charAt(0).toUpperCase() + username.slice(1), lastName };
}

export function openAccount(world: AccountWorld): Account {
  const { session, readyMade } = world;
  const watchers = listeners();
  let state: AccountState = { kind: "opening" };
  /** Signed up and not confirmed: the confirmation signs them in. */
  let newcomer: Credentials | undefined;

  function show(next: AccountState): void {
    state = next;
    watchers.tell();
  }

  /** What goes wrong is said above the form that was sent. */
  async function submit(form: AccountState, work: () => Promise<void>): Promise<void> {
    show({ ...form, busy: true, wrong: undefined } as AccountState); // only forms are submitted
    try {
      await work();
    } catch (error) {
      const wrong = error instanceof Error ? error.message : String(error);
      show({ ...form, busy: false, wrong } as AccountState); // only forms are submitted
    }
  }

  async function open(): Promise<void> {
    show({ kind: "opening" });
    const present = await session.username().catch(() => undefined);
    if (readyMade && present !== readyMade.username) {
      if (present) await session.signOut();
      return signIn(readyMade);
    }
    await (present ? settle() : show({ kind: "signed-out", busy: false }));
  }

  async function signIn(credentials: Credentials): Promise<void> {
    const form: AccountState = { kind: "signed-out", busy: false };
    await submit(form, async () => {
      const next = await session.signIn(credentials);
      if (next === "signed-in") return settle();
      newcomer = credentials;
      await session.resendCode(credentials.username);
      show({ kind: "confirming", username: credentials.username, busy: false });
    });
  }

  async function settle(): Promise<void> {
    const username = (await session.username()) ?? "";
    show(await settled(world, username));
  }

  void open();
  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    signIn,
    async signUp(wanted) {
      await submit({ kind: "signed-out", busy: false }, async () => {
        await session.signUp(wanted);
        newcomer = wanted;
        show({ kind: "confirming", username: wanted.username, busy: false });
      });
    },
    async confirm(code) {
      const { username = "" } = newcomer ?? {};
      await submit({ kind: "confirming", username, busy: false }, async () => {
        await session.confirm(username, code);
        if (newcomer) await signIn(newcomer);
        newcomer = undefined;
      });
    },
    async resendCode() {
      const { username = "" } = newcomer ?? {};
      await submit({ kind: "confirming", username, busy: false }, async () => {
        await session.resendCode(username);
        show({ kind: "confirming", username, busy: false });
      });
    },
    backToSignIn: () => show({ kind: "signed-out", busy: false }),
    async takeName(name) {
      const form: AccountState = { kind: "naming", proposed: name, busy: false };
      await submit(form, async () => show(await named(world, name)));
    },
    async signOut() {
      if (state.kind === "ready") await world.commands.send("unregister", { ...state.me });
      await session.signOut();
      show({ kind: "signed-out", busy: false });
    },
    again: () => void open(),
  };
}

/** Registers the phone of a person with a name; asks a newcomer for a name first. */
async function settled(world: AccountWorld, username: string): Promise<AccountState> {
  const found = await world.people.get(await world.session.userId());
  if (!found.ok) return { kind: "failed", problem: found.problem };
  if (!found.value) return { kind: "naming", proposed: proposedName(username), busy: false };
  return atHome(world, username, found.value);
}

/** The person's own phones all ring for the same client. */
async function atHome(world: AccountWorld, username: string, person: Person): Promise<AccountState> {
  const { commands, people } = world;
  const { deviceId, deviceToken, notifyType } = await world.deviceOf(username);
  const device = { notifyType, deviceToken, deviceId };
  const known = person.clientId ?? undefined;
  let registered = await commands.send("register", { ...device, ...(known && { clientId: known }) });
  // The client was cleaned up since, or is no longer this person's: a new one takes its place.
  if (!registered.ok && ["no_such_client", "not_your_client"].includes(registered.problem.code))
    registered = await commands.send("register", device);
  if (!registered.ok) return { kind: "failed", problem: registered.problem };
  const clientId = registered.value.id;
  if (clientId === known) return { kind: "ready", me: { clientId, deviceId }, person };
  const updated = await people.update({ id: person.id, clientId });
  if (!updated.ok) return { kind: "failed", problem: updated.problem };
  return { kind: "ready", me: { clientId, deviceId }, person: updated.value };
}

/** The person is kept under the user's own id, so that every phone of theirs finds it. */
async function named(world: AccountWorld, name: OwnName): Promise<AccountState> {
  const { people, session } = world;
  const wrong = nameProblem("The first name", name.firstName) ?? nameProblem("The last name", name.lastName);
  if (wrong) throw new Error(wrong);
  const id = await session.userId();
  const username = (await session.username()) ?? "";
  const created = await people.create({ id, ...name });
  if (created.ok) return atHome(world, username, created.value);
  // Another phone of theirs may have been quicker.
  const found = await people.get(id);
  if (found.ok && found.value) return atHome(world, username, found.value);
  throw new Error(`${created.problem.title}: ${created.problem.detail}`);
}
