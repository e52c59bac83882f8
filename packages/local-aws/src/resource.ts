/** What a service of the local runtime offers to the template: the resource types it can create. */
import type { Shape } from "./door.ts";

export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface ResourceRequest {
  readonly logicalId: string;
  /** Properties with every intrinsic resolved. */
  readonly properties: Shape;
  /** What this logical id is already, from an earlier run whose state lasts: it is updated and keeps its id. */
  readonly before?: { readonly ref: string } | undefined;
  /** The name that CloudFormation would make: `<stack>-<logicalId>-<suffix>`, at most `maxLength` characters. */
  physicalName(maxLength?: number): string;
  /** Where the files of a function's asset are (AWS::Lambda::Function only). */
  assetPath(s3Key: string): string;
}

export interface ResourceType {
  /** Properties that change what the local resource does. */
  readonly honoured: readonly string[];
  /** Properties that make no difference on a laptop. Any property in neither list stops the start with its name. */
  readonly ignored?: readonly string[];
  /** Properties that CloudFormation changes by making a new resource: what the old one holds would be lost. */
  readonly replacedBy?: readonly string[];
  create(request: ResourceRequest): Promise<CreatedResource> | CreatedResource;
  /** Removes what was kept of a resource that the template has no longer. */
  remove?(ref: string): Promise<void> | void;
}

export type ResourceTypes = Readonly<Record<`${string}::${string}`, ResourceType>>;
