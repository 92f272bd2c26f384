const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file system takes no file of that size",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file",
  EEXIST: "there is a file in the folder's place",
  ENOENT: "it cannot be made there",
  EIO: "the disk failed",
};

/** What the file system refused, as one line with the way on; other errors as they are. */
export function explainFileProblem(place: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const { code = error.name } = error as NodeJS.ErrnoException;
  const isRoom = ["ENOSPC", "EDQUOT"].includes(code);
  const advice = isRoom ? "; make room and run the same command again, it goes on where it stopped" : "";
  return new Error(`${place}: ${reasons[code] ?? "cannot be used"} (${code})${advice}`, { cause: error });
}
