/** List prices of us-east-1 in US dollars for one unit of what local AWS meters (docs/scale.md names the sources). */
export const PRICES: Readonly<Record<string, number>> = {
  "appsync:operation": 4 / 1e6,
  "appsync:real-time-update": 2 / 1e6,
  "appsync:connection-minute": 0.08 / 1e6,
  "dynamodb:read-unit": 0.125 / 1e6,
  "dynamodb:write-unit": 0.625 / 1e6,
  "events:event": 1 / 1e6,
  "events:archived-byte": 0.1 / 1024 ** 3,
  "http-api:request": 1 / 1e6,
  "lambda:request": 0.2 / 1e6,
  "lambda:gb-second": 0.0000133334,
  "logs:ingested-byte": 0.5 / 1024 ** 3,
  "mobiletargeting:push": 1 / 1e6,
  "s3:read-request": 0.4 / 1e6,
  "s3:write-request": 5 / 1e6,
  "scheduler:invocation": 1 / 1e6,
  "secretsmanager:api-call": 5 / 1e6,
  "sqs:request": 0.4 / 1e6,
  "states:transition": 25 / 1e6,
  "states:express-request": 1 / 1e6,
  "states:express-gb-second": 0.00001667,
  /** Sampled by Lambda: the first request of a second, and one in twenty of the others. */
  "xray:trace": 5 / 1e6,
};

/** IVS's own price of one participant's hour: by 3rd parties, as its price page could not be read. Audio alone is a tenth. */
export const PARTICIPANT_HOUR_DOLLARS = 0.072;

export const dollarsOf = (units: Readonly<Record<string, number>>): number =>
  Object.entries(units).reduce((sum, [unit, amount]) => sum + amount * (PRICES[unit] ?? 0), 0);

/** Metered, but without a price here: nothing except media. */
export const unpriced = (units: Readonly<Record<string, number>>): string[] =>
  Object.keys(units).filter((unit) => !(unit in PRICES) && unit !== "ivs:participant-second");
