import type { ImageSpec } from "./image-spec.js";
import type { PlannedCall } from "./planned-call.js";

/** The calls around an image, in their order; `create` is sent only where there is no such repository. */
export type ImageCalls = Readonly<{
  identify: PlannedCall;
  look: PlannedCall;
  create: PlannedCall;
  logIn: PlannedCall;
  verify: PlannedCall;
}>;

/** Everything that is asked of AWS to push an image. */
export function planImageCalls({ repository, tag, accountId }: ImageSpec): ImageCalls {
  const registry = accountId === null ? {} : { registryId: accountId };
  const ecr = (operation: string, input: PlannedCall["input"]) => ({ service: "ecr", operation, input }) as const;
  return {
    identify: { service: "sts", operation: "GetCallerIdentity", input: {} },
    look: ecr("DescribeRepositories", { ...registry, repositoryNames: [repository] }),
    // Without tags, which would need one right more.
    create: ecr("CreateRepository", {
      ...{ ...registry, repositoryName: repository },
      imageScanningConfiguration: { scanOnPush: true },
    }),
    logIn: ecr("GetAuthorizationToken", {}),
    verify: ecr("DescribeImages", { ...registry, repositoryName: repository, imageIds: [{ imageTag: tag }] }),
  };
}
