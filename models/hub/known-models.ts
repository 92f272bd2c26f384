/** A model that has a short name here. The revision is a commit: the same bytes for everybody, whatever `main` becomes. */
export type KnownModel = Readonly<{
  name: string;
  aliases: readonly string[];
  repository: string;
  revision: string;
  license: string;
  /** The weights expected at that revision; bytes and digest where they are known. */
  weights: Readonly<{ file: string; bytes: number | null; sha256: string | null }>;
}>;

/**
 * Commits and digests are those that independent public projects pin; none was checked against the live hub
 * (docs/unverified.md). OpenAI's repositories declare no license on the hub: MIT is that of github.com/openai/CLIP.
 */
export const knownModels: readonly KnownModel[] = [
  {
    name: "clip-vit-base-patch32",
    aliases: ["vit-b-32"],
    repository: "openai/clip-vit-base-patch32",
    // `main` has pytorch_model.bin alone. This commit, of refs/pr/15, adds the same weights as safetensors.
    revision: "b33cedfd0df4e43b8238760678fcc89e1a0d38b3",
    license: "MIT",
    weights: {
      file: "model.safetensors",
      bytes: 605157884,
      sha256: "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d",
    },
  },
  {
    name: "clip-vit-base-patch16",
    aliases: ["vit-b-16"],
    repository: "openai/clip-vit-base-patch16",
    revision: "57c216476eefef5ab752ec549e440a49ae4ae5f3",
    license: "MIT",
    weights: { file: "pytorch_model.bin", bytes: null, sha256: null },
  },
  {
    name: "clip-vit-large-patch14",
    aliases: ["vit-l-14"],
    repository: "openai/clip-vit-large-patch14",
    revision: "32bd64288804d66eefd0ccbe215aa642df71cc41",
    license: "MIT",
    weights: {
      file: "model.safetensors",
      bytes: 1710540580,
      sha256: "a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb",
    },
  },
  {
    name: "clip-vit-large-patch14-336",
    aliases: ["vit-l-14-336"],
    repository: "openai/clip-vit-large-patch14-336",
    revision: "ce19dc912ca5cd21c8a653c79e251e808ccabcd1",
    license: "MIT",
    weights: {
      file: "pytorch_model.bin",
      bytes: 1711974081,
      sha256: "c6032c2e0caae3dc2d4fba35535fa6307dbb49df59c7e182b1bc4b3329b81801",
    },
  },
  {
    name: "fashion-clip",
    aliases: [],
    repository: "patrickjohncyh/fashion-clip",
    revision: "7e3ba62ce16b379a1ab479346b66f192e76f51b7",
    license: "MIT",
    weights: { file: "model.safetensors", bytes: null, sha256: null },
  },
  {
    name: "laion-b-32",
    aliases: [],
    repository: "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    revision: "1a25a446712ba5ee05982a381eed697ef9b435cf",
    license: "MIT",
    weights: { file: "model.safetensors", bytes: null, sha256: null },
  },
];

/** The model of that short name, alias or repository, or null. */
export function findKnownModel(name: string): KnownModel | null {
  return (
    knownModels.find((model) => model.name === name || model.repository === name || model.aliases.includes(name)) ??
    null
  );
}
