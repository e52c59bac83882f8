/** How an execution stands, and the way to it in the AWS console. */
import type { ReactNode } from "react";
import { executionPage } from "../state/aws-console.ts";
import type { Execution } from "../state/facts.ts";
import { Copy } from "./copy.tsx";
import { useWorld } from "./world.tsx";

interface ExecutionLineProps {
  readonly execution: Pick<Execution, "executionArn" | "status" | "error">;
  /** Links to others, before it. */
  readonly children?: ReactNode;
}

export function ExecutionLine({ execution: { executionArn, status, error }, children }: ExecutionLineProps) {
  const { stack } = useWorld();
  const page = executionPage(stack, executionArn);
  return (
    <p className="executions">
      {children}
      <span className="quiet">
        Execution {status.toLowerCase().replace("_", " ")}
        {error !== undefined && `: ${error}`}
      </span>
      <Copy value={executionArn} what="execution’s ARN" />
      {page !== undefined && (
        <a href={page} target="_blank" rel="noreferrer">
          In the AWS console
        </a>
      )}
    </p>
  );
}
