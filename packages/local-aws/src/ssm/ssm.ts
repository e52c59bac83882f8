/** Systems Manager's Parameter Store: the parameters that the account has, to be read. */
import * as z from "zod";
import { AwsError, type LocalAws, type Service, type Shape } from "../local-aws.ts";

const request = z.strictObject({ Name: z.string(), WithDecryption: z.boolean().optional() });

export function createSsm(
  localAws: LocalAws,
  parameters: Readonly<Record<string, string>>,
): { service: Service } {
  const arnOf = (name: string): string =>
    localAws.arn("ssm", `parameter${name.startsWith("/") ? "" : "/"}${name}`);
  function getParameter(input: Shape): Shape {
    const parsed = request.safeParse(input);
    if (!parsed.success) throw new AwsError("ValidationException", z.prettifyError(parsed.error));
    const { Name } = parsed.data;
    const Value = Object.hasOwn(parameters, Name) ? parameters[Name] : undefined;
    // AWS says no more.
    if (Value === undefined) throw new AwsError("ParameterNotFound", "");
    return { Parameter: { Name, Type: "String", Value, Version: 1, ARN: arnOf(Name), DataType: "text" } };
  }
  const permissions = ({ Name }: Shape) => [{ action: "ssm:GetParameter", resource: arnOf(String(Name)) }];
  return { service: { name: "ssm", operations: { GetParameter: { permissions, run: getParameter } } } };
}
