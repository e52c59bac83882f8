/**
 * Every Lambda function: its name, which is also the name of its file in `handlers/`, and how long and how large it runs.
 * Both the bundler and the stack start from this list.
 */
import { MEDIA_PROVIDERS, type MediaProvider } from "../handlers/media/providers.ts";

const DEFAULT_MEMORY_MB = 512;

export const functionSizes = {
  // A person waits for this one, and Lambda gives CPU by memory.
  "rest-entrypoint": { timeoutSeconds: 10, memoryMb: 1024 },
  "drive-call": { timeoutSeconds: 10, memoryMb: DEFAULT_MEMORY_MB },
  "follow-call": { timeoutSeconds: 10, memoryMb: DEFAULT_MEMORY_MB },
  "send-push": { timeoutSeconds: 20, memoryMb: DEFAULT_MEMORY_MB },
  "issue-token": { timeoutSeconds: 10, memoryMb: DEFAULT_MEMORY_MB },
  "close-stage": { timeoutSeconds: 30, memoryMb: DEFAULT_MEMORY_MB },
  "screen-hints": { timeoutSeconds: 20, memoryMb: DEFAULT_MEMORY_MB },
  "verify-legs": { timeoutSeconds: 30, memoryMb: DEFAULT_MEMORY_MB },
  "remove-participants": { timeoutSeconds: 60, memoryMb: DEFAULT_MEMORY_MB },
  "sweep-calls": { timeoutSeconds: 60, memoryMb: DEFAULT_MEMORY_MB },
  // It works for up to 57 seconds, and another run begins every minute.
  "keep-stages": { timeoutSeconds: 75, memoryMb: DEFAULT_MEMORY_MB },
  // A list may have two million lines, and all of them are in memory once.
  "list-clients": { timeoutSeconds: 540, memoryMb: 2048 },
  "delete-clients": { timeoutSeconds: 60, memoryMb: DEFAULT_MEMORY_MB },
  "report-clean-up": { timeoutSeconds: 240, memoryMb: 1024 },
  "heal-state": { timeoutSeconds: 600, memoryMb: DEFAULT_MEMORY_MB },
  "make-signing-key": { timeoutSeconds: 60, memoryMb: DEFAULT_MEMORY_MB },
  "fill-stages": { timeoutSeconds: 300, memoryMb: DEFAULT_MEMORY_MB },
  // 3,000 stages take 10 minutes, five a second as IVS allows.
  "delete-stages": { timeoutSeconds: 900, memoryMb: DEFAULT_MEMORY_MB },
  // A webhook's sender waits for this one.
  "receive-webhook": { timeoutSeconds: 10, memoryMb: DEFAULT_MEMORY_MB },
  "watch-rooms": { timeoutSeconds: 30, memoryMb: DEFAULT_MEMORY_MB },
  // Only in a stack that takes a bucket with it.
  "empty-bucket": { timeoutSeconds: 300, memoryMb: DEFAULT_MEMORY_MB },
} as const;

export type FunctionName = keyof typeof functionSizes;

/** In the default stack (names.ts). */
export const functionNameOf = (name: FunctionName): string => `ringmaster-${name}`;

/** Every bundle. */
export const functionNames = Object.keys(functionSizes) as FunctionName[]; // Object.keys forgets the key type

/** Functions that a stack has only with that media provider. */
const OF_PROVIDER: Readonly<Record<MediaProvider, readonly FunctionName[]>> = {
  ivs: ["keep-stages", "make-signing-key", "fill-stages", "delete-stages"],
  livekit: ["receive-webhook", "watch-rooms"],
};

/** In every stack with that media provider. */
export const stackFunctions = (media: MediaProvider): FunctionName[] => {
  const others = MEDIA_PROVIDERS.filter((one) => one !== media).flatMap((one) => OF_PROVIDER[one]);
  return functionNames.filter((name) => name !== "empty-bucket" && !others.includes(name));
};
