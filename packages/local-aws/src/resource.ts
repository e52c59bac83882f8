/** What a service of the local runtime offers to the template: the resource types it can create. */
import type { Shape } from "./local-aws.ts";

export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface ResourceRequest {
  readonly logicalId: string;
  /** What ids derive from where that is not the logical id: in a second stack, or when the first resource of this logical id is gone. */
  readonly identity?: string | undefined;
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
  /** The same of resources that hold nothing which the next start would lose. */
  readonly renewedBy?: readonly string[];
  /** The property that gives the resource a name of one's own. */
  readonly namedBy?: string;
  /** The name that a new resource would have, if another one has it. */
  taken?(request: ResourceRequest): Promise<string | undefined> | string | undefined;
  create(request: ResourceRequest): Promise<CreatedResource> | CreatedResource;
  /**
   * Deletes it, or throws as its service refuses to. What an earlier run has made is known by `replacedBy` only, and may not be here:
   * then what was kept of it goes.
   */
  remove?(ref: string, properties: Shape): Promise<void> | void;
}

export type ResourceTypes = Readonly<Record<`${string}::${string}`, ResourceType>>;

/** The name that a property gives it, else one that CloudFormation makes. */
export function nameOf(request: ResourceRequest, property: string, maxLength: number): string {
  const given = request.properties[property];
  return typeof given === "string" ? given : request.physicalName(maxLength);
}

/** What ids of a resource derive from. */
export const identityOf = ({ identity, logicalId }: ResourceRequest): string => identity ?? logicalId;
