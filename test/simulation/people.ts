/**
 * The people of a run and their phones: they do what the plan says, join and leave the media as phones do, repeat what failed, and
 * lose messages. The same people play on both levels.
 */
import { randomFrom } from "../../bench/random.ts";
import type { BusEvent } from "./events-and-queues.ts";
import type { Faults } from "./faults.ts";
import type { Act, PhoneName, Planned } from "./plan.ts";
import { PEOPLE, PHONES } from "./plan.ts";
import type { HttpReply, Sender } from "./stack.ts";

/** What people need of a stack, whichever level it is. */
export interface PlayedStack {
  now(): number;
  at(atMs: number, task: () => void): void;
  request(sender: Sender, body: object): Promise<HttpReply>;
  /** Connects to a stage and publishes; undefined if the token lets nobody in. */
  join(token: string): Promise<Place | undefined>;
}

/** A phone's connection to a stage. */
export interface Place {
  leave(): void;
  vanish(): void;
}

/** A request as it was sent and answered; without a reply it was lost on its way. */
export interface Asked {
  readonly by: PhoneName;
  readonly act: Act["kind"];
  readonly call: number;
  readonly callId: string | undefined;
  readonly clientId: string;
  readonly deviceId: string;
  readonly sentAtMs: number;
  repliedAtMs?: number;
  reply?: HttpReply;
}

interface Phone {
  readonly name: PhoneName;
  readonly deviceId: string;
  readonly session: string;
  tokens: number;
  alive: boolean;
  /** By call. */
  readonly places: Map<string, Place>;
}

interface Person {
  readonly sub: string;
  clientId: string;
  readonly phones: readonly Phone[];
}

export interface PeopleOptions {
  readonly stack: PlayedStack;
  readonly seed: number;
  readonly faults: Faults;
  readonly onAsked?: (asked: Asked) => void;
}

export interface People {
  /** Every phone registers; nothing goes wrong yet. */
  register(): Promise<void>;
  plan(acts: readonly Planned[], beginsMs: number): void;
  /** The run is over: who is in a call hangs up, or is gone. */
  goHome(): void;
  /** The consumer behind the subscriptions. */
  hear(event: BusEvent): void;
  readonly asked: readonly Asked[];
  readonly clientIds: readonly string[];
  readonly callIdOf: (call: number) => string | undefined;
}

const OPERATOR: Sender = { sub: "operator", session: "operators", operator: true };
const ATTEMPTS = 4;
const CHANNELS = [["GCM"], ["WEB"], ["APNS_VOIP", "APNS"]] as const;

export const tokenOf = ({ person, phone }: PhoneName, channel: string, number: number): string => {
  const name = `device-token-${person}-${phone}-${number}`;
  // An Apple token is hex.
  return channel.startsWith("APNS") ? Buffer.from(`${channel}${name}`.padEnd(32, ".")).toString("hex") : name;
};

export function openPeople({ stack, seed, faults, onAsked }: PeopleOptions): People {
  const random = randomFrom(seed ^ 0x1b873593);
  const within = (least: number, most: number): number => least + random() * (most - least);
  const persons = Array.from({ length: PEOPLE }, (_, person) => newPerson(person));
  const [asked, calls]: [Asked[], Map<number, string>] = [[], new Map()];

  const after = (delayMs: number, task: () => void): void => stack.at(stack.now() + delayMs, task);
  const personOf = ({ person }: PhoneName): Person => persons[person] as Person;
  const phoneOf = (name: PhoneName): Phone => personOf(name).phones[name.phone] as Phone;

  /** What the phone sends for an act; undefined if it cannot, because it does not know the call. */
  function bodyOf({ act, call, by }: Planned): object | undefined {
    const { clientId } = personOf(by);
    const { deviceId } = phoneOf(by);
    const callId = calls.get(call);
    const idsOf = (people: readonly number[]) => people.map((one) => (persons[one] as Person).clientId);
    const inCall = callId === undefined ? undefined : { callId, clientId, deviceId };
    switch (act.kind) {
      case "call":
        return { action: "initiateCall", callerId: clientId, calleeIds: idsOf(act.callees), deviceId };
      case "call back":
        return { action: "initiateCall", callerId: clientId, calleeIds: idsOf([act.callee]), deviceId };
      case "ring":
        return inCall && { action: "ackRinging", ...inCall };
      case "answer":
        return inCall && { action: "answerCall", ...inCall };
      case "decline":
        return inCall && { action: "declineCall", ...inCall };
      case "end":
        return inCall && { action: "endCall", ...inCall };
      case "end any":
        return { action: "endCall", clientId, deviceId };
      case "rejoin":
        return inCall && { action: "rejoinCall", ...inCall };
      case "take over":
        return inCall && { action: "rejoinCall", ...inCall, takeOver: true };
      case "look":
        return callId === undefined ? undefined : { action: "getCall", callId };
      case "add":
        return inCall && { action: "addToCall", callId, clientId, calleeIds: idsOf(act.callees) };
      case "operator ends":
        return inCall && { action: "endCall", callId, clientId, everyone: true };
      case "operator removes":
        return inCall && { action: "endCall", callId, clientId };
      case "block":
        return { action: "blockClient", clientId, blockedId: idsOf([act.other])[0] };
      case "unblock":
        return { action: "unblockClient", clientId, blockedId: idsOf([act.other])[0] };
      case "do not disturb":
        return { action: "setDoNotDisturb", clientId, untilMs: stack.now() + act.seconds * 1000 };
      case "register again":
      case "dies":
        return undefined;
    }
  }

  async function act(planned: Planned): Promise<void> {
    const phone = phoneOf(planned.by);
    if (!phone.alive) return;
    if (planned.act.kind === "dies") return die(phone);
    if (planned.act.kind === "register again") return registerAgain(phone, planned.act.newToken);
    const body = bodyOf(planned);
    if (!body) return;
    if (faults.meets("phone presses twice")) after(within(0, 800), () => void send(planned, body));
    await send(planned, body);
  }

  async function send(planned: Planned, body: object): Promise<void> {
    const phone = phoneOf(planned.by);
    for (let tried = 1; tried <= ATTEMPTS && phone.alive; tried += 1) {
      const reply = await ask(planned, body);
      if (reply && reply.status < 429) return follow(planned, phone, reply);
      await new Promise<void>((resolve) => after(within(800, 3_000), resolve));
    }
  }

  async function ask({ by, act: { kind }, call }: Planned, body: object): Promise<HttpReply | undefined> {
    const { sub, clientId } = personOf(by);
    const { deviceId, session } = phoneOf(by);
    const { callId } = body as { callId?: string };
    const one: Asked = { by, act: kind, call, callId, clientId, deviceId, sentAtMs: stack.now() };
    asked.push(one);
    if (faults.meets("request lost")) {
      await new Promise<void>((resolve) => after(5_000, resolve));
      return undefined;
    }
    const reply = await stack.request(kind.startsWith("operator") ? OPERATOR : { sub, session }, body);
    Object.assign(one, { reply, repliedAtMs: stack.now() });
    onAsked?.(one);
    return faults.meets("reply to the phone lost") ? undefined : reply;
  }

  /** What the phone does about the answer. */
  function follow({ act: { kind }, call, by }: Planned, phone: Phone, { status, body }: HttpReply): void {
    const callId = typeof body["callId"] === "string" ? body["callId"] : undefined;
    if (kind === "call" && callId !== undefined && !calls.has(call)) calls.set(call, callId);
    if (status === 200 && callId !== undefined && typeof body["token"] === "string") {
      void join(phone, callId, body["token"]);
    }
    if (status === 200 && kind === "end" && callId !== undefined) leave(personOf(by), callId);
  }

  async function join(phone: Phone, callId: string, token: string): Promise<void> {
    await new Promise<void>((resolve) => after(within(300, 2_000), resolve));
    if (!phone.alive) return;
    const place = await stack.join(token);
    if (place) phone.places.set(callId, place);
  }

  function leave({ phones }: Person, callId: string): void {
    for (const phone of phones) {
      const place = phone.places.get(callId);
      if (!place || faults.meets("phone does not leave the stage")) continue;
      phone.places.delete(callId);
      after(within(50, 600), () => place.leave());
    }
  }

  function die(phone: Phone): void {
    phone.alive = false;
    for (const place of phone.places.values()) place.vanish();
    phone.places.clear();
    after(within(20_000, 120_000), () => void (phone.alive = true));
  }

  async function registerAgain(phone: Phone, newToken: boolean): Promise<void> {
    if (newToken) phone.tokens += 1;
    for (const channel of channelsOf(phone.name)) {
      const { sub } = personOf(phone.name);
      await stack.request({ sub, session: phone.session }, registration(phone, channel));
    }
  }

  const registration = ({ name, deviceId, tokens }: Phone, channel: string) => ({
    action: "register",
    notifyType: channel,
    deviceToken: tokenOf(name, channel, tokens),
    deviceId,
  });

  async function register(): Promise<void> {
    for (const person of persons) {
      for (const phone of person.phones) {
        for (const channel of channelsOf(phone.name)) {
          const reply = await stack.request(
            { sub: person.sub, session: phone.session },
            registration(phone, channel),
          );
          if (reply.status !== 200) throw new Error(`registration: ${JSON.stringify(reply)}`);
          person.clientId = String(reply.body["id"]);
        }
      }
    }
  }

  function hear({ "detail-type": name, detail }: BusEvent): void {
    if (name === "CallInitiated") knowCall(detail);
    if (name !== "LegUpdated" || faults.meets("live update lost")) return;
    const isOver = detail["status"] === "ended" || detail["legStatus"] === "left";
    const person = persons.find(({ clientId }) => clientId === detail["clientId"]);
    if (!isOver || !person) return;
    const delayMs = faults.meets("live update late") ? within(1_000, 20_000) : within(50, 400);
    after(delayMs, () => leave(person, String(detail["callId"])));
  }

  /** The reply may be lost: the callees' phones know the call all the same. */
  function knowCall(detail: BusEvent["detail"]): void {
    const callId = String(detail["callId"]);
    if ([...calls.values()].includes(callId)) return;
    const open = asked.findLast(
      ({ act: kind, call, clientId }) =>
        kind === "call" && clientId === detail["callerId"] && !calls.has(call),
    );
    if (open) calls.set(open.call, callId);
  }

  return {
    register,
    hear,
    asked,
    get clientIds() {
      return persons.map(({ clientId }) => clientId);
    },
    callIdOf: (call) => calls.get(call),
    plan(acts, beginsMs) {
      for (const planned of acts) stack.at(beginsMs + planned.atMs, () => void act(planned));
    },
    goHome() {
      for (const person of persons) {
        const vanishes = random() < 0.15;
        for (const phone of person.phones) {
          if (vanishes) die(phone);
          const by = phone.name;
          const hangUp: Planned = { number: -1, atMs: 0, by, act: { kind: "end any" }, call: -1 };
          after(within(0, 5_000), () => void act(hangUp));
        }
      }
    },
  };
}

function newPerson(person: number): Person {
  const phones = Array.from({ length: PHONES }, (_, phone): Phone => {
    const deviceId = `phone-${person}-${phone}`;
    return {
      name: { person, phone },
      deviceId,
      session: deviceId,
      tokens: 1,
      alive: true,
      places: new Map(),
    };
  });
  return { sub: `sub-${person}`, clientId: "", phones };
}

const channelsOf = ({ person, phone }: PhoneName): readonly string[] =>
  phone === 0 ? CHANNELS[0] : (CHANNELS[person % CHANNELS.length] as readonly string[]);
