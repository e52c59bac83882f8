/** What a program needs: a runtime of an assembly, ports for SDKs and browsers, a clock to move, faults to put in the way. */
export { type Runtime, type RuntimeOptions, type FunctionEnvironment, startRuntime } from "./runtime.ts";
export { listen, type ListenOptions, type Pages, type Servers, type StreamResponse } from "./servers.ts";
export { inProcess } from "./wire/in-process.ts";
export { type Clock, realClock, virtualClock } from "./clock.ts";
export {
  type AwsCall,
  AwsError,
  type Caller,
  type LocalAws,
  type RuntimeEvent,
  type Observer,
  PERSON,
  type Shape,
} from "./local-aws.ts";
export type { Fault, Interference } from "./faults.ts";
export { type DataDirectory, openDataDirectory } from "./store/data-directory.ts";
export { type Certificate, certificateIn } from "./tls-certificate.ts";
export { credentialsFile } from "./local-credentials.ts";
