/** Why a view cannot be shown: what the page is told instead, RFC 9457 as far as it needs. */

export class ViewProblem extends Error {
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.name = "ViewProblem";
    this.status = status;
    this.title = title;
  }
}

export interface ProblemOfView {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

const THROTTLED = /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughput|SlowDown/;

/** Any failure as the page is told it. What AWS refuses is told in AWS's words: they name the permission or the resource. */
export function problemOf(error: unknown): ProblemOfView {
  if (error instanceof ViewProblem) {
    const { status, title, message: detail } = error;
    return { status, title, detail };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (THROTTLED.test(name)) return { status: 503, title: "AWS throttles the console", detail: message };
  return { status: 502, title: `The stack could not be read: ${name}`, detail: message };
}
