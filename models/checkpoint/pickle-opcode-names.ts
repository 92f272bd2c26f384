/** What Python's pickletools calls the opcodes that are not carried out. */
const names: ReadonlyMap<string, string> = new Map([
  ["I", "INT"],
  ["L", "LONG"],
  ["\x8b", "LONG4"],
  ["S", "STRING"],
  ["T", "BINSTRING"],
  ["U", "SHORT_BINSTRING"],
  ["\x97", "NEXT_BUFFER"],
  ["\x98", "READONLY_BUFFER"],
  ["V", "UNICODE"],
  ["F", "FLOAT"],
  ["l", "LIST"],
  ["d", "DICT"],
  ["0", "POP"],
  ["2", "DUP"],
  ["1", "POP_MARK"],
  ["g", "GET"],
  ["p", "PUT"],
  ["\x80", "PROTO a second time"],
  ["\x82", "EXT1"],
  ["\x83", "EXT2"],
  ["\x84", "EXT4"],
  ["i", "INST"],
  ["o", "OBJ"],
  ["\x81", "NEWOBJ"],
  ["\x92", "NEWOBJ_EX"],
  ["P", "PERSID"],
]);

/** The name of an opcode that is refused, for the message that refuses it. */
export function opcodeName(code: number): string {
  return names.get(String.fromCharCode(code)) ?? `the unknown opcode 0x${code.toString(16).padStart(2, "0")}`;
}
