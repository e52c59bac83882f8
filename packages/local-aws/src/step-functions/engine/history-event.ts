/** One event of an execution's history, in the shape of GetExecutionHistory. */
import type { Shape } from "../../local-aws.ts";

export interface HistoryEvent extends Shape {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
}
