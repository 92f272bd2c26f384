import { toFailureLine } from "../../aws-failure.js";
import { familyOf } from "../../instance-family.js";
import type { SendCall } from "../../planned-call.js";
import type { AwsSpec } from "./doctor.js";
import { type Check, failed, ok, unknown, type Verdict, warning } from "./finding.js";

type Parts = Readonly<{ send: SendCall; fetchJson: (url: string) => Promise<unknown> }>;
type EcrImage = Readonly<{ registryId: string; region: string; repositoryName: string; imageId: object }>;
type Manifest = Readonly<{
  config?: Readonly<{ digest: string }>;
  layers?: readonly Readonly<{ size: number }>[];
}>;
type Config = Readonly<{ architecture?: string; config?: Readonly<{ Env?: readonly string[] }> }>;

const docker = "application/vnd.docker.distribution.manifest";
const oci = "application/vnd.oci.image";
const manifestTypes = [
  `${docker}.v2+json`,
  `${docker}.list.v2+json`,
  `${oci}.manifest.v1+json`,
  `${oci}.index.v1+json`,
];
const rebuild = "push it with `stygig deploy image`, or `docker buildx build --provenance=false` for one platform";
const serverlessBytes = 10 * 1024 ** 3;

/** Whether the image is there, in a form that SageMaker takes, and for the processor that it will run on. */
export function imageCheck(spec: AwsSpec, parts: Parts): readonly Check[] {
  const { imageUri } = spec;
  return imageUri === null ? [] : [{ name: "image", look: () => judgeImage(imageUri, spec, parts) }];
}

async function judgeImage(imageUri: string, spec: AwsSpec, parts: Parts): Promise<Verdict> {
  const image = parseImage(imageUri);
  if (image === null) return unknown(`${imageUri} is not in ECR`, "endpoints take images from ECR in their own region");
  if (image.region !== spec.region) {
    return failed(`the image is in ${image.region}, and the endpoint in ${spec.region}`, "push it there as well");
  }
  const { images = [], failures = [] } = (await parts.send({
    service: "ecr",
    operation: "BatchGetImage",
    input: {
      ...{ registryId: image.registryId, repositoryName: image.repositoryName },
      ...{ imageIds: [image.imageId], acceptedMediaTypes: manifestTypes },
    },
  })) as Readonly<{
    images?: readonly Readonly<{ imageManifest: string; imageManifestMediaType?: string }>[];
    failures?: readonly Readonly<{ failureCode?: string; failureReason?: string }>[];
  }>;
  const [found] = images;
  if (found === undefined) {
    const { failureCode = "ImageNotFound", failureReason = "" } = failures[0] ?? {};
    return failed(`${failureCode}: ${failureReason || imageUri}`, "push it with `stygig deploy image`");
  }
  const manifest = JSON.parse(found.imageManifest) as Manifest & Readonly<{ mediaType?: string }>;
  const mediaType = found.imageManifestMediaType ?? manifest.mediaType ?? "";
  if (/index|list/.test(mediaType))
    return failed(`it is a list of images, ${mediaType}, which SageMaker refuses`, rebuild);
  if (manifest.config === undefined) return unknown(`its manifest is none that we know, ${mediaType}`, rebuild);
  const config = await readConfig(image, manifest.config.digest, parts).catch((error: unknown) => toFailureLine(error));
  if (typeof config !== "string") return judgeContent({ manifest, config, isOci: mediaType.startsWith(oci) }, spec);
  return unknown(
    `it is there; what it was built for could not be read: ${config}`,
    "ecr:GetDownloadUrlForLayer must be allowed, and ECR's storage be reached from here",
  );
}

function parseImage(imageUri: string): EcrImage | null {
  const pattern =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/;
  const [, registryId, region, repositoryName, imageTag = "latest", imageDigest] = pattern.exec(imageUri) ?? [];
  if (registryId === undefined || region === undefined || repositoryName === undefined) return null;
  return { registryId, region, repositoryName, imageId: imageDigest === undefined ? { imageTag } : { imageDigest } };
}

/** What the image was built as lies beside its layers, under an address that is good for a while. */
async function readConfig(image: EcrImage, layerDigest: string, { send, fetchJson }: Parts): Promise<Config> {
  const { registryId, repositoryName } = image;
  const input = { registryId, repositoryName, layerDigest };
  const { downloadUrl } = await send({ service: "ecr", operation: "GetDownloadUrlForLayer", input });
  return (await fetchJson(String(downloadUrl))) as Config;
}

type Content = Readonly<{ manifest: Manifest; config: Config; isOci: boolean }>;

function judgeContent({ manifest, config, isOci }: Content, { instanceType, mode }: AwsSpec): Verdict {
  const bytes = (manifest.layers ?? []).reduce((sum, { size }) => sum + size, 0);
  const { architecture = "unknown" } = config;
  const family = instanceType === null ? null : familyOf(instanceType);
  const wanted = family?.architecture ?? "amd64";
  const found = `${architecture}, ${Math.round(bytes / 1024 ** 2)} MiB packed`;
  if (architecture !== wanted) {
    return failed(`${found}, and ${instanceType ?? "the endpoint"} is ${wanted}`, `build it for ${wanted}`);
  }
  if (mode === "serverless" && bytes > serverlessBytes) {
    return failed(`${found}: a serverless endpoint's image may have 10 GiB`, "take the CPU image");
  }
  if (isOci) return warning(`${found}, with OCI media types`, `SageMaker is known to take Docker's; ${rebuild}`);
  const isForGpu = (config.config?.Env ?? []).some((each) => /^(STYGIG_)?EXECUTION_PROVIDERS=.*cuda/.test(each));
  if (family?.accelerator === "cuda" && !isForGpu) {
    return warning(
      `${found}: it is not the GPU image, and ${instanceType} has a GPU`,
      "take the GPU image, or a CPU type",
    );
  }
  return ok(found);
}
