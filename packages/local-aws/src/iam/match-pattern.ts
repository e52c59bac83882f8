/** IAM's wildcards: `*` for any run of characters, `?` for one. */
export function matchesPattern(pattern: string, value: string): boolean {
  if (pattern === "*" || pattern === value) return true;
  if (!/[*?]/.test(pattern)) return false;
  let expression = compiled.get(pattern);
  if (!expression) {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    expression = new RegExp(`^${escaped.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}

/** Policies are few and asked on every call. */
const compiled = new Map<string, RegExp>();
