import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseS3Uri, type S3Place } from "../../deploy/s3-uri.js";
import { hostRules } from "../config-references.js";
import type { HostRule } from "../domain/image-reference-rules.js";

/** The flags that say where pictures and their items are, as typed. */
export type InputFlags = Readonly<{
  images?: string;
  items?: string;
  downloads?: string;
  fetchImages?: string;
}>;

/** The flags of `catalog build` that say what it reads and writes where, as typed. */
export type PlaceFlags = InputFlags & Readonly<{ out?: string; pack?: string }>;

/** What has to be fetched before anybody can look at it. */
export type RemoteInputs = Readonly<{
  /** Keeps what was fetched from one time to the next. */
  downloadsFolder: string;
  images: S3Place | null;
  items: S3Place | null;
  /** Who may be asked for the pictures of items that have none beside them; null where nobody is. */
  hosts: readonly HostRule[] | null;
  /** Whether there are pictures beside the items at all. */
  hasFolder: boolean;
}>;

/** Where pictures and their items are. */
export type InputPlaces = Readonly<{
  imagesFolder: string;
  itemsFile: string | null;
  /** Null where everything is on disk. */
  remote: RemoteInputs | null;
}>;

export type BuildPlaces = InputPlaces &
  Readonly<{
    outFolder: string;
    /** Where the packed artifact goes; null where it is not packed. */
    packFile: string | null;
    /** Where the packed artifact goes up to. */
    upload: S3Place | null;
  }>;

/** Folders, files and `s3://` addresses as a build takes them; problems are added to the list. */
export async function readPlaces(flags: PlaceFlags, problems: string[]): Promise<BuildPlaces> {
  const out = readS3Flag("--out", flags.out, problems);
  const pack = readS3Flag("--pack", flags.pack, problems);
  const upload = readUpload({ out, pack }, problems);
  const inputs = await readInputs(flags, "--images", problems);
  const { downloads = "" } = flags;
  if (upload !== null && inputs.remote === null) requireDownloads(downloads, problems);
  const work = join(downloads, "out", toName(flags.out ?? flags.pack ?? ""));
  const outFolder = isS3(flags.out) ? join(work, "artifact") : (flags.out ?? "");
  if (!flags.out) problems.push("--out is missing: the folder for the artifact");
  else if (!isS3(flags.out)) requireOutside(downloads, outFolder, problems);
  return {
    ...{ ...inputs, outFolder, upload },
    packFile: flags.pack !== undefined && pack === null ? flags.pack : upload && join(work, "model.tar.gz"),
  };
}

/** Pictures and items wherever they are, the pictures by a flag of this name; problems are added to the list. */
export async function readInputs(
  flags: InputFlags,
  imagesFlag: "--images" | "--add",
  problems: string[],
): Promise<InputPlaces> {
  const images = readS3Flag(imagesFlag, flags.images, problems);
  const items = readS3Flag("--items", flags.items, problems);
  if (items?.key === "" || items?.key.endsWith("/")) problems.push(`--items must name an object, not "${flags.items}"`);
  const hosts = readHosts(flags, problems);
  const isRemote = isS3(flags.images) || isS3(flags.items) || hosts !== null;
  const { downloads: downloadsFolder = "" } = flags;
  if (isRemote) requireDownloads(downloadsFolder, problems);
  const hasFolder = flags.images !== undefined || hosts === null;
  const isOnDisk = hasFolder && !isS3(flags.images);
  const imagesFolder = isOnDisk
    ? await readFolder(imagesFlag, flags.images, problems)
    : join(downloadsFolder, "pictures");
  if (isOnDisk) requireOutside(downloadsFolder, imagesFolder, problems);
  const itemsFile = flags.items !== undefined && !isS3(flags.items) ? await readFileName(flags.items, problems) : null;
  const remote = isRemote ? { downloadsFolder, images, items, hosts, hasFolder } : null;
  return { imagesFolder, itemsFile, remote };
}

function isS3(value: string | undefined): boolean {
  return value?.startsWith("s3:") ?? false;
}

function readS3Flag(flag: string, value: string | undefined, problems: string[]): S3Place | null {
  if (value === undefined || !isS3(value)) return null;
  const place = parseS3Uri(value);
  if (place === null) problems.push(`${flag} must be s3://bucket/key, not "${value}"`);
  return place;
}

function readHosts({ fetchImages, items }: PlaceFlags, problems: string[]): readonly HostRule[] | null {
  if (fetchImages === undefined) return null;
  if (items === undefined) problems.push("--fetch-images means nothing without --items, whose image_url it follows");
  const parsed = hostRules(fetchImages);
  if ("value" in parsed) return parsed.value;
  problems.push(`--fetch-images must be ${parsed.must}`);
  return [];
}

type Uploads = Readonly<{ out: S3Place | null; pack: S3Place | null }>;

function readUpload({ out, pack }: Uploads, problems: string[]): S3Place | null {
  if (out !== null && pack !== null) problems.push("--out and --pack are both in S3, where one archive goes");
  const upload = out ?? pack;
  if (upload !== null && !/[^/]\.tar\.gz$/.test(upload.key)) {
    problems.push(`${out === null ? "--pack" : "--out"} must end in .tar.gz: in S3 an artifact is an archive`);
  }
  return upload;
}

async function readFolder(flag: string, folder: string | undefined, problems: string[]): Promise<string> {
  if (!folder) problems.push(`${flag} is missing: the folder of the pictures`);
  else if (!(await stat(folder).catch(() => null))?.isDirectory()) problems.push(`${flag}: ${folder} is not a folder`);
  return folder ?? "";
}

async function readFileName(file: string, problems: string[]): Promise<string> {
  if (!(await stat(file).catch(() => null))?.isFile()) problems.push(`--items: ${file} is not a file`);
  return file;
}

function requireDownloads(downloads: string, problems: string[]): void {
  if (downloads === "") problems.push("--downloads is missing: the folder for what is fetched or sent");
}

/** Pictures that were fetched would be taken for the catalog's own, or be replaced with the artifact. */
export function requireOutside(downloads: string, folder: string, problems: string[]): void {
  if (downloads === "" || folder === "" || !`${resolve(downloads)}/`.startsWith(`${resolve(folder)}/`)) return;
  problems.push(`--downloads: ${downloads} must not lie inside ${folder}`);
}

/** Builds for two places may share a downloads folder. */
function toName(uri: string): string {
  return createHash("sha256").update(uri).digest("hex").slice(0, 16);
}
