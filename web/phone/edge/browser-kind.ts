/** Which browser this is, as far as the way to its settings depends on it. */
export type BrowserKind = "chromium" | "firefox" | "safari";

export function browserKind(userAgent = navigator.userAgent): BrowserKind {
  if (/Firefox|FxiOS/.test(userAgent)) return "firefox";
  return /Safari/.test(userAgent) && !/Chrome|Chromium|CriOS|Edg/.test(userAgent) ? "safari" : "chromium";
}
