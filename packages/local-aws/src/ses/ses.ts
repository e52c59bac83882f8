/** SES v2: whether the account may send mail, and to whom. Nothing is sent here. */
import type { Account } from "../account.ts";
import type { Service, Shape } from "../local-aws.ts";

/** A day, and a second. */
const SANDBOX = { Max24HourSend: 200, MaxSendRate: 1 };
const PRODUCTION = { Max24HourSend: 50_000, MaxSendRate: 14 };

export function createSes({ production, sending }: Account["ses"]): { service: Service } {
  const account: Shape = {
    DedicatedIpAutoWarmupEnabled: false,
    EnforcementStatus: "HEALTHY",
    ProductionAccessEnabled: production,
    SendQuota: { ...(production ? PRODUCTION : SANDBOX), SentLast24Hours: 0 },
    SendingEnabled: sending,
  };
  const GetAccount = {
    permissions: () => [{ action: "ses:GetAccount", resource: "*" }],
    run: () => account,
  };
  return { service: { name: "ses", operations: { GetAccount } } };
}
