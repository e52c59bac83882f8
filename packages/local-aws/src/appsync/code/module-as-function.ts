/**
 * The module of a resolver as the text of a function: what it imports are the function's argument, what it exports are
 * its result. AppSync knows two exports, and here one module can be imported from.
 */
const MODULE = "@aws-appsync/utils";
const IMPORT = /^\s*import\s*(\{[^}]*\}|\*\s*as\s+\w+)\s*from\s*["']([^"']+)["'];?/gm;
const EXPORT_LIST = /^\s*export\s*\{([^}]*)\};?/gm;
const EXPORTED_FUNCTION = /^\s*export\s+(?=function\s+(request|response)\b)/gm;

export function moduleAsFunction(text: string): string {
  const exported: string[] = [];
  const body = text
    .replaceAll(IMPORT, importOf)
    .replaceAll(EXPORT_LIST, (_, names: string) => {
      exported.push(...namesIn(names));
      return "";
    })
    .replaceAll(EXPORTED_FUNCTION, (_, name: string) => {
      exported.push(name);
      return "";
    });
  if (/^\s*(import|export)\b/m.test(body)) throw new Error("an import or export of the code cannot be read");
  return `(function (tools) { "use strict"; ${body}\nreturn { ${exported.join(", ")} }; })`;
}

function importOf(_: string, names: string, module: string): string {
  if (module !== MODULE) throw new Error(`the module ${module} is not part of the local runtime`);
  if (names.startsWith("*")) throw new Error(`import what is used of ${MODULE} by name`);
  return `const ${names.replaceAll(/\bas\b/g, ":")} = tools;`;
}

/** `own as exported` becomes `exported: own`. */
function namesIn(list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  return names
    .filter((name) => name !== "")
    .map((name) => {
      const [own = "", exported = own] = name.split(/\s+as\s+/);
      return `${exported}: ${own}`;
    });
}
