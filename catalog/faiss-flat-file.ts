import { type ArtifactFile, indexPaths } from "../src/domain/artifact.js";
import { readVectorBlocks, type VectorFile } from "./vector-file.js";
import { writeArtifactFile } from "./write-artifact-file.js";

const headerBytes = 45;
/** What FAISS has written in two places for its own purposes, once, and ever since. */
const unused = 1n << 20n;
const innerProduct = 0;
/** Two megabytes of usual vectors. */
const rowsAtOnce = 1024;

/**
 * Writes vectors as a flat inner-product index, byte for byte as FAISS would, without holding them: such a file is a
 * header and then the vectors.
 */
export function writeFlatIndex(folder: string, vectors: VectorFile): Promise<ArtifactFile> {
  async function* content(): AsyncGenerator<Uint8Array> {
    yield toHeader(vectors);
    for await (const block of readVectorBlocks(vectors, rowsAtOnce)) {
      yield new Uint8Array(block.vectors.buffer, block.vectors.byteOffset, block.vectors.byteLength);
    }
  }
  return writeArtifactFile(folder, indexPaths.faiss, content());
}

/** As `native/faiss/index_file.cc` takes it apart. */
function toHeader({ rows, dimension }: VectorFile): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.write("IxFI", 0);
  header.writeInt32LE(dimension, 4);
  header.writeBigInt64LE(BigInt(rows), 8);
  header.writeBigInt64LE(unused, 16);
  header.writeBigInt64LE(unused, 24);
  // It needs no training, and that is trained.
  header.writeUInt8(1, 32);
  header.writeInt32LE(innerProduct, 33);
  header.writeBigUInt64LE(BigInt(rows) * BigInt(dimension), 37);
  return header;
}
