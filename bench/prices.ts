/** List prices of us-east-1 in US dollars for one unit of what the door meters (docs/scale.md names the sources). */
export const PRICES: Readonly<Record<string, number>> = {
  "dynamodb:read-unit": 0.125 / 1e6,
  "dynamodb:write-unit": 0.625 / 1e6,
  "events:event": 1 / 1e6,
  "lambda:request": 0.2 / 1e6,
  "lambda:gb-second": 0.0000133334,
  "logs:ingested-byte": 0.5 / 1024 ** 3,
  "s3:read-request": 0.4 / 1e6,
  "s3:write-request": 5 / 1e6,
  "states:transition": 25 / 1e6,
  "states:express-request": 1 / 1e6,
  "states:express-gb-second": 0.00001667,
};

export const dollarsOf = (units: Readonly<Record<string, number>>): number =>
  Object.entries(units).reduce((sum, [unit, amount]) => sum + amount * (PRICES[unit] ?? 0), 0);
