/** All that the doctor looks at, in the order in which a deployment meets it. */
import type { Check } from "./check.ts";
import { bootstrap } from "./checks/bootstrap.ts";
import { lambdaConcurrency } from "./checks/lambda-concurrency.ts";
import { mail } from "./checks/mail.ts";
import { names } from "./checks/names.ts";
import { pinpoint } from "./checks/pinpoint.ts";
import { publicKeys } from "./checks/public-keys.ts";
import { region } from "./checks/region.ts";
import { stackState } from "./checks/stack-state.ts";
import { publishers, stages } from "./checks/stages.ts";
import { tokenRevocation } from "./checks/token-revocation.ts";

export const CHECKS: readonly Check[] = [
  region,
  bootstrap,
  stackState,
  names,
  publicKeys,
  pinpoint,
  stages,
  publishers,
  lambdaConcurrency,
  mail,
  tokenRevocation,
];
