/** Hooks for React and React Native. */
import { useSyncExternalStore } from "react";
import type { Call } from "./call.ts";
import type { CallSnapshot } from "./call-snapshot.ts";
import type { Phone, PhoneSnapshot } from "./phone.ts";

/** Which phone this is, its connection and its calls, as of now. */
export const usePhone = (phone: Phone): PhoneSnapshot =>
  useSyncExternalStore(phone.subscribe, phone.snapshot, phone.snapshot);

const nothing = (): (() => void) => () => undefined;
const none = (): undefined => undefined;

/** Everything about a call, as of now; undefined without one. */
export const useCall = (call: Call | undefined): CallSnapshot | undefined =>
  useSyncExternalStore(call?.subscribe ?? nothing, call?.snapshot ?? none, call?.snapshot ?? none);
