/**
 * What speeds int8 up: `vnni` and `amx` are x64's instructions for it (amx implies vnni), `dot-product` is arm64's, `none`
 * is a family whose instances may be older than VNNI.
 */
export type CpuFeatures = "amx" | "vnni" | "dot-product" | "none";

export type InstanceFacts = Readonly<{
  type: string;
  architecture: "amd64" | "arm64";
  vcpus: number;
  /** Half the vCPUs on x64, where a vCPU is a hyperthread; all of them on Graviton, which has none. */
  physicalCores: number;
  memoryGib: number;
  features: CpuFeatures;
  gpu: Readonly<{ name: string; count: number; memoryGb: number }> | null;
  /** Whether real-time and async endpoints take the type, ... */
  hosting: boolean;
  /** ... and whether transform jobs do. */
  batch: boolean;
}>;

type Family = Readonly<{
  /** vCPUs and GiB by size. */
  sizes: Readonly<Record<string, readonly [vcpus: number, memoryGib: number]>>;
  features: CpuFeatures;
  architecture?: "arm64";
  gpu?: Readonly<{ name: string; count: number; memoryGb: number }>;
  /** Sizes that transform jobs refuse; `all` of them where the family is not theirs. */
  notInBatch?: readonly string[] | "all";
}>;

const compute = { large: [2, 4], xlarge: [4, 8], "2xlarge": [8, 16] } as const;
const general = { large: [2, 8], xlarge: [4, 16], "2xlarge": [8, 32] } as const;
const host = { xlarge: [4, 16], "2xlarge": [8, 32], "4xlarge": [16, 64] } as const;

/**
 * Sizes and enums: the public SageMaker API model (botocore 1.43.67) and price lists of 2026. Processors: AWS's instance
 * pages (m5 and c5 Skylake or Cascade Lake as it happens, m6i and c6i Ice Lake, m7i and c7i Sapphire Rapids, Graviton 2
 * and 3). Of GPU hosts the GPU counts, not the processor.
 */
const families: Readonly<Record<string, Family>> = {
  m5: { sizes: { ...general, "4xlarge": [16, 64] }, features: "none" },
  c5: { sizes: compute, features: "none", notInBatch: ["large"] },
  m6i: { sizes: general, features: "vnni" },
  c6i: { sizes: compute, features: "vnni" },
  m7i: { sizes: { large: [2, 8] }, features: "amx" },
  c7i: { sizes: compute, features: "amx" },
  c6g: { sizes: { large: [2, 4], xlarge: [4, 8] }, features: "dot-product", architecture: "arm64", notInBatch: "all" },
  m6g: { sizes: { large: [2, 8], xlarge: [4, 16] }, features: "dot-product", architecture: "arm64", notInBatch: "all" },
  c7g: { sizes: { large: [2, 4], xlarge: [4, 8] }, features: "dot-product", architecture: "arm64", notInBatch: "all" },
  g4dn: {
    sizes: { xlarge: [4, 16], "2xlarge": [8, 32] },
    features: "none",
    gpu: { name: "T4", count: 1, memoryGb: 16 },
  },
  g5: { sizes: host, features: "none", gpu: { name: "A10G", count: 1, memoryGb: 24 } },
  g6: { sizes: host, features: "none", gpu: { name: "L4", count: 1, memoryGb: 24 } },
  // The price list has a batch rate for g6e, the API's enum has not the type: not offered for batch.
  g6e: {
    sizes: { xlarge: [4, 32] },
    features: "none",
    gpu: { name: "L40S", count: 1, memoryGb: 48 },
    notInBatch: "all",
  },
  g7e: {
    sizes: { "2xlarge": [8, 64] },
    features: "none",
    gpu: { name: "RTX PRO 6000", count: 1, memoryGb: 96 },
    notInBatch: "all",
  },
};

/** The instance types that the planner looks at, family by family. */
export const instanceTable: readonly InstanceFacts[] = Object.entries(families).flatMap(([name, family]) =>
  Object.entries(family.sizes).map(([size, [vcpus, memoryGib]]) => ({
    type: `ml.${name}.${size}`,
    architecture: family.architecture ?? "amd64",
    vcpus,
    physicalCores: family.architecture === "arm64" ? vcpus : vcpus / 2,
    memoryGib,
    features: family.features,
    gpu: family.gpu ?? null,
    hosting: true,
    batch: family.notInBatch !== "all" && !family.notInBatch?.includes(size),
  })),
);

/** What is known of a type; undefined where nothing is. */
export function findInstance(type: string): InstanceFacts | undefined {
  return instanceTable.find((instance) => instance.type === type);
}
