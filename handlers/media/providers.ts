/** The media providers that a deployment can choose from; the first is the default. Each has its folder here. */
export const MEDIA_PROVIDERS = ["ivs", "livekit"] as const;
export type MediaProvider = (typeof MEDIA_PROVIDERS)[number];
