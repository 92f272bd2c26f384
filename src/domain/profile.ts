/** Which behavior ranks: `v4` is StyGig V4 to the last digit, `v5` is ours. */
export const profiles = ["v4", "v5"] as const;
export type Profile = (typeof profiles)[number];

/** The behavior when nobody asks for one. */
export const defaultProfile: Profile = "v5";
