/**
 * What the synthesized stack is made from, for `npm test -- --changed`. It follows imports, and tests of whole calls run
 * the template and the bundles, which they do not import. Nothing here is ever loaded.
 */
/// <reference types="vite/types/importMeta.d.ts" />

export const stackSources = [
  import.meta.glob(["../infra/app.ts", "../handlers/*.ts", "../people/resolvers/*.ts", "../cdk.json"]),
  import.meta.glob("../people/schema.graphql", { query: "?raw" }),
];
