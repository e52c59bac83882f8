/** Who is at this phone: signing up and in, registering the phone, and the name that others see. */
import { nameProblem } from "../../../people/name-text.ts";
import type { Credentials, Session } from "../../sign-in/session.ts";
import type { Me } from "../../../packages/client/src/engine/call-facts.ts";
import { type Clock, pause } from "../../../packages/client/src/time/clock.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { People, Person } from "./people.ts";
import { isEnd } from "./session-watch.ts";
import { type Wrong, WrongName, wrongOf } from "./wrong.ts";

export interface OwnName {
  readonly firstName: string;
  readonly lastName: string;
}

interface Form {
  readonly busy: boolean;
  /** Said above the form. */
  readonly wrong?: Wrong | undefined;
}

export type AccountState =
  | { readonly kind: "opening" }
  | ({ readonly kind: "signed-out" } & Form)
  | ({ readonly kind: "confirming"; readonly username: string } & Form)
  /** The password is forgotten: a code is to be sent. */
  | ({ readonly kind: "forgetting" } & Form)
  /** The code is sent. */
  | ({ readonly kind: "resetting"; readonly username: string } & Form)
  | ({ readonly kind: "naming"; readonly proposed: OwnName } & Form)
  | { readonly kind: "ready"; readonly me: Me; readonly person: Person }
  | { readonly kind: "failed"; readonly problem: Problem };

interface OwnDevice {
  readonly deviceId: string;
  readonly deviceToken: string;
  readonly notifyType: "GCM" | "WEB";
  /** The line that this phone was told to use, if not the person's first. */
  readonly line?: string | undefined;
}

export interface AccountWorld {
  readonly session: Omit<Session, "isOperator" | "accessToken">;
  readonly commands: Commands;
  readonly people: Pick<People, "get" | "create" | "update">;
  readonly clock: Clock;
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
  forgetPassword(): void;
  /** Sends a code to the user's e-mail address. */
  sendResetCode(username: string): Promise<void>;
  setPassword(code: string, password: string): Promise<void>;
  takeName(name: OwnName): Promise<void>;
  /** Changes the name that others see; what is wrong with it, if anything. */
  rename(name: OwnName): Promise<Wrong | undefined>;
  /** The phone rings no more for the user who was signed in. Never fails, and never waits long for a server. */
  signOut(): Promise<void>;
  /** The server accepts this session no more: back to signing in, silently for a ready-made person. */
  ended(): void;
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
/** Signing out waits no longer for a server that does not answer. */
const SIGN_OUT_PATIENCE_MS = 2_000;
/** A session that ends again so soon is not begun silently: it would go on for ever. */
const SILENT_AGAIN_MS = 20_000;

const SESSION_ENDED: AccountState = {
  kind: "signed-out",
  busy: false,
  wrong: { code: "session_ended", message: "" },
};

export function proposedName(username: string): OwnName {
  const lastName = LAST_NAMES.get(username);
  if (!lastName) return { firstName: "", lastName: "" };
  return { firstName: username.charAt(0).toUpperCase() + username.slice(1), lastName };
}

export function openAccount(world: AccountWorld): Account {
  const { session, readyMade, clock } = world;
  const watchers = listeners();
  let state: AccountState = { kind: "opening" };
  /** Signed up and not confirmed: the confirmation signs them in. */
  let newcomer: Credentials | undefined;
  let silentAtMs = -Infinity;
  let resuming = false;

  function show(next: AccountState): void {
    state = next;
    watchers.tell();
  }

  /** What goes wrong is said above the form that was sent. */
  async function submit(
    form: AccountState,
    work: () => Promise<void>,
    meanwhile: AccountState = { ...form, busy: true, wrong: undefined } as AccountState, // only forms are submitted
  ): Promise<void> {
    show(meanwhile);
    try {
      await work();
    } catch (error) {
      show({ ...form, busy: false, wrong: wrongOf(error) } as AccountState); // only forms are submitted
    }
  }

  async function open(): Promise<void> {
    show({ kind: "opening" });
    const present = session.username();
    if (readyMade && present !== readyMade.username) {
      if (present) await session.signOut();
      return signIn(readyMade, { kind: "opening" });
    }
    await (present ? settle() : show({ kind: "signed-out", busy: false }));
  }

  async function signIn(credentials: Credentials, meanwhile?: AccountState): Promise<void> {
    const { username } = credentials;
    const work = async (): Promise<void> => {
      const next = await session.signIn(credentials);
      switch (next) {
        case "signed-in":
          return settle();
        case "confirm-email":
          newcomer = credentials;
          await session.resendCode(username);
          return show({ kind: "confirming", username, busy: false });
        case "reset-password":
          return show({ kind: "resetting", username, busy: false });
      }
    };
    await submit({ kind: "signed-out", busy: false }, work, meanwhile);
  }

  async function settle(): Promise<void> {
    const next = await settled(world, session.username() ?? "");
    if (next.kind === "failed" && isEnd(next.problem)) return show(SESSION_ENDED);
    // The session may have ended meanwhile: then its end is on the screen.
    if (session.username() !== undefined) show(next);
  }

  void open();
  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    signIn: (credentials) => signIn(credentials),
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
        if (newcomer) await signIn(newcomer, { kind: "opening" });
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
    forgetPassword: () => show({ kind: "forgetting", busy: false }),
    async sendResetCode(username) {
      await submit({ kind: "forgetting", busy: false }, async () => {
        await session.forgotPassword(username);
        show({ kind: "resetting", username, busy: false });
      });
    },
    async setPassword(code, password) {
      if (state.kind !== "resetting") return;
      const { username } = state;
      await submit({ kind: "resetting", username, busy: false }, async () => {
        await session.setPassword({ username, password, code });
        await signIn({ username, password }, { kind: "opening" });
      });
    },
    async takeName(name) {
      const form: AccountState = { kind: "naming", proposed: name, busy: false };
      await submit(form, async () => show(await named(world, name)));
    },
    async rename(name) {
      if (state.kind !== "ready") return undefined;
      try {
        checkName(name);
      } catch (error) {
        return wrongOf(error);
      }
      const updated = await world.people.update({ id: state.person.id, ...name });
      if (!updated.ok) return wrongOfProblem(updated.problem);
      show({ ...state, person: updated.value });
      return undefined;
    },
    async signOut() {
      if (state.kind === "ready") {
        const told = world.commands.send("unregister", { ...state.me }).catch(() => undefined);
        await Promise.race([told, pause(clock, SIGN_OUT_PATIENCE_MS)]);
      }
      await Promise.race([session.signOut(), pause(clock, SIGN_OUT_PATIENCE_MS)]);
      show({ kind: "signed-out", busy: false });
    },
    ended() {
      if (resuming || !hasSession(state)) return;
      session.forget();
      const isSilent = readyMade !== undefined && clock.now() - silentAtMs > SILENT_AGAIN_MS;
      silentAtMs = clock.now();
      if (!isSilent) return show(SESSION_ENDED);
      // Other requests are refused meanwhile as well.
      resuming = true;
      void open().finally(() => (resuming = false));
    },
    again: () => void open(),
  };
}

/** A form that is being sent may have signed in already. */
function hasSession(state: AccountState): boolean {
  switch (state.kind) {
    case "signed-out":
    case "confirming":
    case "forgetting":
    case "resetting":
      return state.busy;
    case "opening":
    case "naming":
    case "ready":
    case "failed":
      return true;
  }
}

const wrongOfProblem = ({ code, title, detail }: Problem): Wrong => ({
  code: code === "network" ? "network" : "unexpected",
  message: `${title}: ${detail}`,
});

/** Throws what is wrong with a name. */
function checkName({ firstName, lastName }: OwnName): void {
  const [first, last] = [nameProblem("The first name", firstName), nameProblem("The last name", lastName)];
  if (first) throw new WrongName("first_name", first);
  if (last) throw new WrongName("last_name", last);
}

/** Registers the phone of a person with a name; asks a newcomer for a name first. */
async function settled(world: AccountWorld, username: string): Promise<AccountState> {
  const found = await world.people.get(world.session.userId());
  if (!found.ok) return { kind: "failed", problem: found.problem };
  if (!found.value) return { kind: "naming", proposed: proposedName(username), busy: false };
  return atHome(world, username, found.value);
}

/** The person's own phones all ring for the same client, unless one was told to use another line of theirs. */
async function atHome(world: AccountWorld, username: string, person: Person): Promise<AccountState> {
  const { commands, people } = world;
  const { deviceId, deviceToken, notifyType, line } = await world.deviceOf(username);
  const device = { notifyType, deviceToken, deviceId };
  const known = line ?? person.clientId ?? undefined;
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
  checkName(name);
  const id = session.userId();
  const username = session.username() ?? "";
  const created = await people.create({ id, ...name });
  if (created.ok) return atHome(world, username, created.value);
  // Another phone of theirs may have been quicker.
  const found = await people.get(id);
  if (found.ok && found.value) return atHome(world, username, found.value);
  if (created.problem.code === "network") throw new TypeError(created.problem.detail);
  throw new Error(`${created.problem.title}: ${created.problem.detail}`);
}
