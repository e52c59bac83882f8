/** Pinpoint in memory: an outcome for each address, which may not be true, and a phone that gets the push, or does not. */
import type { Faults } from "./faults.ts";
import type { Input } from "./model-aws.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ArrivedPush {
  readonly token: string;
  readonly data: Readonly<Record<string, string>>;
  readonly sentAtMs: number;
}

interface Message {
  readonly Addresses: Readonly<Record<string, unknown>>;
  readonly MessageConfiguration: {
    readonly GCMMessage?: { readonly RawContent: string };
    readonly APNSMessage?: { readonly RawContent: string };
  };
}

export interface MemoryPinpointOptions {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: () => number;
  /** The push has been taken. */
  readonly onSent: (push: ArrivedPush) => void;
  /** It has arrived at its phone. */
  readonly deliver: (push: ArrivedPush) => void;
}

export function memoryPinpoint({ time, faults, random, onSent, deliver }: MemoryPinpointOptions) {
  function sendOne(token: string, data: ArrivedPush["data"]) {
    if (faults.meets("push provider says that the token is gone")) {
      return { DeliveryStatus: "PERMANENT_FAILURE", StatusCode: 410, StatusMessage: "Unregistered" };
    }
    if (faults.meets("push throttled")) return { DeliveryStatus: "THROTTLED", StatusCode: 429 };
    if (faults.meets("push fails for the moment")) {
      return { DeliveryStatus: "TEMPORARY_FAILURE", StatusCode: 500 };
    }
    const push = { token, data, sentAtMs: time.now() };
    onSent(push);
    if (!faults.meets("push lost")) {
      const delayMs = faults.meets("push late") ? 5_000 + random() * 60_000 : 100 + random() * 400;
      time.at(time.now() + delayMs, () => deliver(push));
    }
    return { DeliveryStatus: "SUCCESSFUL", StatusCode: 200 };
  }

  return {
    run(_operation: string, { MessageRequest }: Input): unknown {
      const { Addresses, MessageConfiguration } = MessageRequest as Message;
      const data = dataOf(MessageConfiguration);
      const results = Object.keys(Addresses).map((token) => [token, sendOne(token, data)]);
      return { MessageResponse: { Result: Object.fromEntries(results) } };
    },
  };
}

function dataOf({ GCMMessage, APNSMessage }: Message["MessageConfiguration"]): ArrivedPush["data"] {
  type Content = { fcmV1Message?: { message: { data: ArrivedPush["data"] } } } & ArrivedPush["data"];
  const content = JSON.parse(GCMMessage?.RawContent ?? APNSMessage?.RawContent ?? "{}") as Content;
  return content.fcmV1Message?.message.data ?? content;
}
