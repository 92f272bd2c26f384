import { loadSharedConfigFiles } from "@smithy/core/config";
import type { Parsed } from "../domain/parsed.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a profile of the AWS configuration files says of region and role; secrets are not looked at. */
export type AwsProfile = Readonly<{ region?: string; roleArn?: string }>;

/**
 * The profile named by a flag, else by AWS_PROFILE, else `default`, from the files that AWS_CONFIG_FILE and
 * AWS_SHARED_CREDENTIALS_FILE name or the usual ones. Null where there is none of it, unless somebody named it.
 */
export async function readAwsProfile(name: string | undefined, env: Environment): Promise<Parsed<AwsProfile | null>> {
  const wanted = name ?? (env.AWS_PROFILE || undefined);
  const files = {
    ...(env.AWS_CONFIG_FILE ? { configFilepath: env.AWS_CONFIG_FILE } : {}),
    ...(env.AWS_SHARED_CREDENTIALS_FILE ? { filepath: env.AWS_SHARED_CREDENTIALS_FILE } : {}),
    // Another deployment in this process may follow a change of the files.
    ignoreCache: true,
  };
  const { configFile, credentialsFile } = await loadSharedConfigFiles(files);
  const key = wanted ?? "default";
  if (configFile[key] === undefined && credentialsFile[key] === undefined) {
    return wanted === undefined
      ? { value: null }
      : { problems: [`--profile ${wanted} is in no AWS configuration file`] };
  }
  const { region, role_arn: roleArn } = { ...credentialsFile[key], ...configFile[key] };
  return { value: { ...(region ? { region } : {}), ...(roleArn ? { roleArn } : {}) } };
}
