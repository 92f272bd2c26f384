import type { VisionConfig } from "./vision-config.js";

const base = { innerWidth: 3072, width: 768, layers: 12, heads: 12, dimension: 512, epsilon: 1e-5 } as const;
const large = { innerWidth: 4096, width: 1024, layers: 24, heads: 16, dimension: 768, epsilon: 1e-5 } as const;

/** The shapes that OpenAI published (Radford et al., 2021, table 20) and that most others keep. */
export const architectures = {
  "vit-b-32": { ...base, side: 224, patch: 32, activation: "quick_gelu" },
  "vit-b-16": { ...base, side: 224, patch: 16, activation: "quick_gelu" },
  "vit-l-14": { ...large, side: 224, patch: 14, activation: "quick_gelu" },
  "vit-l-14-336": { ...large, side: 336, patch: 14, activation: "quick_gelu" },
} as const satisfies Readonly<Record<string, VisionConfig>>;

export type Architecture = keyof typeof architectures;

/** The name of a known shape, or one that tells the shape. */
export function architectureOf(config: VisionConfig): string {
  const isSame = (known: VisionConfig) =>
    Object.entries(known).every(
      ([field, value]) => field === "activation" || config[field as keyof VisionConfig] === value,
    );
  const known = Object.entries(architectures).find(([, each]) => isSame(each));
  const { layers, width, patch, side } = config;
  return known?.[0] ?? `vit-${layers}x${width}-${patch}-${side}`;
}
