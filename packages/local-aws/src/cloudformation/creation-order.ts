/** The order in which resources are created: each after what it refers to or depends on. */
import type { TemplateResource } from "./assembly.ts";
import { referencesIn } from "./intrinsics.ts";

export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const order: string[] = [];
  const settled = new Map<string, "visiting" | "done">();

  function visit(id: string, path: readonly string[]): void {
    const resource = resources[id];
    if (!resource || settled.get(id) === "done") return;
    if (settled.get(id) === "visiting") {
      throw new Error(
        `Circular dependency between resources: ${[...path.slice(path.indexOf(id)), id].join(" → ")}`,
      );
    }
    settled.set(id, "visiting");
    for (const needed of needsOf(resource)) visit(needed, [...path, id]);
    settled.set(id, "done");
    order.push(id);
  }

  for (const id of Object.keys(resources)) visit(id, []);
  return order;
}

export const needsOf = ({ Properties, DependsOn }: TemplateResource): string[] => [
  ...referencesIn(Properties),
  ...[DependsOn ?? []].flat(),
];
