import { shown } from "../../src/domain/json-fields.js";
import { createPickleCursor, type PickleCursor } from "./pickle-cursor.js";
import { opcodeName } from "./pickle-opcode-names.js";

/**
 * What one name of Python stands for. Nothing of Python runs or is looked up: `call` is a function of ours, which takes
 * what the pickle would call that name with. Without it the name may be mentioned but not called.
 */
export type PickleGlobal = Readonly<{
  call?: (parameters: readonly unknown[]) => unknown;
  /** Attributes set on the result are dropped; without this, and without the next, they are refused. */
  dropsAttributes?: boolean;
  /** Takes the attributes set on the result. */
  takesAttributes?: (made: object, attributes: unknown) => void;
}>;

export type PickleRules = Readonly<{
  /** By "module.name"; every other name is refused. */
  globals: ReadonlyMap<string, PickleGlobal>;
  /** What stands for a thing that is kept outside of the pickle; without it those are refused. */
  persistent?: (id: unknown) => unknown;
}>;

/** A tuple, apart from a list, which is an array. */
export type PickleTuple = Readonly<{ tuple: readonly unknown[] }>;
/** A name of the allow-list, mentioned. */
export type PickleName = Readonly<{ global: string; rule: PickleGlobal }>;

/** Some 150 bytes a tensor: a hundred times what the largest published CLIP needs. */
export const maxPickleBytes = 2 ** 25;
/** An empty dict is one byte there and 200 here; a hundred thousand tensors, or items of V4, have ten each. */
const maxContainers = 2 ** 21;
/** Python's writer keeps everything that it might meet again; a Map of more than this takes minutes. */
const maxRemembered = 2 ** 22;

/**
 * Reads a pickle of protocol 2 to 5 and executes nothing. Lists become arrays, dicts Maps, sets Sets, bytes Uint8Arrays,
 * whole numbers beyond 2^53 bigints; all else is what `rules` make of it. Lists and dicts may contain themselves.
 * Opcodes and names that are not on the list are refused by name. Memory stays proportional to the bytes.
 * @throws Error whose message completes "its pickle ...".
 */
export function readPickle(bytes: Uint8Array<ArrayBuffer>, rules: PickleRules): unknown {
  if (bytes.length > maxPickleBytes) throw new Error(`has ${bytes.length} bytes; at most ${maxPickleBytes} are read`);
  const machine = createMachine(createPickleCursor(bytes), rules);
  if (machine.cursor.remaining() === 0) throw new Error("is empty");
  if (machine.cursor.take(1)[0] !== opcodes.PROTO) throw new Error("does not begin with its protocol");
  const [protocol] = machine.cursor.take(1);
  if (protocol! < 2 || protocol! > 5) throw new Error(`has protocol ${protocol}; 2 to 5 are read`);
  for (;;) {
    const [opcode] = machine.cursor.take(1);
    if (opcode === opcodes.STOP) return machine.result();
    const step = steps.get(opcode!);
    if (step === undefined) throw new Error(`uses ${opcodeName(opcode!)}, which is not read`);
    step(machine);
  }
}

export function isPickleTuple(value: unknown): value is PickleTuple {
  return typeof value === "object" && value !== null && "tuple" in value && Array.isArray(value.tuple);
}

export function isPickleName(value: unknown): value is PickleName {
  return typeof value === "object" && value !== null && "global" in value && typeof value.global === "string";
}

type Machine = ReturnType<typeof createMachine>;

function createMachine(cursor: PickleCursor, rules: PickleRules) {
  const stack: unknown[] = [];
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  const builders = new WeakMap<object, (attributes: unknown) => void>();
  let containers = 0;
  const floor = () => marks.at(-1) ?? 0;
  const pop = (): unknown => {
    if (stack.length <= floor()) throw new Error("takes more from its stack than it put there");
    return stack.pop();
  };
  const top = (): unknown => {
    if (stack.length <= floor()) throw new Error("takes more from its stack than it put there");
    return stack.at(-1);
  };
  const popToMark = (): unknown[] => {
    const mark = marks.pop();
    if (mark === undefined) throw new Error("ends a group that it did not begin");
    return stack.splice(mark);
  };
  const result = () => {
    if (marks.length > 0 || stack.length !== 1) throw new Error("does not end with one value");
    if (cursor.remaining() > 0) throw new Error(`ends ${cursor.remaining()} bytes before its file does`);
    return stack[0];
  };
  return {
    cursor,
    rules,
    push: (value: unknown) => {
      if (typeof value === "object" && value !== null && ++containers > maxContainers) {
        throw new Error(`makes more than ${maxContainers} lists, dicts and the like`);
      }
      stack.push(value);
    },
    pop,
    top,
    mark: () => void marks.push(stack.length),
    popToMark,
    remember: (index: number) => {
      memo.set(index, top());
      if (memo.size > maxRemembered) throw new Error(`keeps more than ${maxRemembered} things`);
    },
    remembered: () => memo.size,
    recall: (index: number) => {
      if (!memo.has(index)) throw new Error(`recalls number ${index}, which it never kept`);
      stack.push(memo.get(index));
    },
    builders,
    result,
  };
}

const opcodes = { PROTO: 0x80, STOP: 0x2e };

type Step = (machine: Machine) => void;

const uint8 = ({ cursor }: Machine) => cursor.view(1).getUint8(0);
const uint16 = ({ cursor }: Machine) => cursor.view(2).getUint16(0, true);
const uint32 = ({ cursor }: Machine) => cursor.view(4).getUint32(0, true);
const uint64 = ({ cursor }: Machine) => cursor.view(8).getBigUint64(0, true);

/** Every opcode that is carried out, by its code; PROTO and STOP are the loop's own. */
const stepsByCode: readonly (readonly [code: string, step: Step])[] = [
  ["(", (machine) => machine.mark()],
  ["N", (machine) => machine.push(null)],
  ["\x88", (machine) => machine.push(true)],
  ["\x89", (machine) => machine.push(false)],
  ["K", (machine) => machine.push(uint8(machine))],
  ["M", (machine) => machine.push(uint16(machine))],
  ["J", (machine) => machine.push(machine.cursor.view(4).getInt32(0, true))],
  ["G", (machine) => machine.push(machine.cursor.view(8).getFloat64(0, false))],
  ["\x8a", (machine) => machine.push(toWholeNumber(machine.cursor.take(uint8(machine))))],
  ["\x8c", (machine) => machine.push(machine.cursor.text(uint8(machine)))],
  ["X", (machine) => machine.push(machine.cursor.text(uint32(machine)))],
  ["\x8d", (machine) => machine.push(machine.cursor.text(uint64(machine)))],
  ["C", (machine) => machine.push(machine.cursor.take(uint8(machine)).slice())],
  ["B", (machine) => machine.push(machine.cursor.take(uint32(machine)).slice())],
  ["\x8e", (machine) => machine.push(machine.cursor.take(uint64(machine)).slice())],
  ["\x96", (machine) => machine.push(machine.cursor.take(uint64(machine)).slice())],
  [")", (machine) => machine.push({ tuple: [] })],
  ["t", (machine) => machine.push({ tuple: machine.popToMark() })],
  ["\x85", (machine) => machine.push({ tuple: popped(machine, 1) })],
  ["\x86", (machine) => machine.push({ tuple: popped(machine, 2) })],
  ["\x87", (machine) => machine.push({ tuple: popped(machine, 3) })],
  ["]", (machine) => machine.push([])],
  ["a", (machine) => append(machine, popped(machine, 1))],
  ["e", (machine) => append(machine, machine.popToMark())],
  ["}", (machine) => machine.push(new Map())],
  ["s", (machine) => setItems(machine, popped(machine, 2))],
  ["u", (machine) => setItems(machine, machine.popToMark())],
  ["\x8f", (machine) => machine.push(new Set())],
  ["\x90", (machine) => addItems(machine, machine.popToMark())],
  ["\x91", (machine) => machine.push(new Set(machine.popToMark()))],
  ["q", (machine) => machine.remember(uint8(machine))],
  ["r", (machine) => machine.remember(uint32(machine))],
  ["\x94", (machine) => machine.remember(machine.remembered())],
  ["h", (machine) => machine.recall(uint8(machine))],
  ["j", (machine) => machine.recall(uint32(machine))],
  ["\x95", checkFrame],
  ["c", (machine) => mention(machine, machine.cursor.line(), machine.cursor.line())],
  ["\x93", mentionFromStack],
  ["R", reduce],
  ["b", build],
  ["Q", recallPersistent],
];
const steps: ReadonlyMap<number, Step> = new Map(stepsByCode.map(([code, step]) => [code.charCodeAt(0), step]));

function popped(machine: Machine, count: 1 | 2 | 3): unknown[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

function checkFrame(machine: Machine): void {
  const length = uint64(machine);
  if (length > machine.cursor.remaining()) throw new Error(`has a frame of ${length} bytes, more than are left`);
}

/** Two's complement, lowest byte first. */
function toWholeNumber(bytes: Uint8Array): number | bigint {
  const digits = [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
  const value = BigInt.asIntN(8 * bytes.length, BigInt(`0x0${digits.join("")}`));
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function append(machine: Machine, items: readonly unknown[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw new Error("appends to something that is no list");
  for (const item of items) list.push(item);
}

function addItems(machine: Machine, items: readonly unknown[]): void {
  const set = machine.top();
  if (!(set instanceof Set)) throw new Error("adds to something that is no set");
  for (const item of items) set.add(item);
}

function setItems(machine: Machine, items: readonly unknown[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map)) throw new Error("sets items of something that is no dict");
  if (items.length % 2 !== 0) throw new Error("sets a key of a dict without its value");
  for (let index = 0; index < items.length; index += 2) {
    // Python's own writer never does; the reader who takes the first would see another file than the one who takes the last.
    if (dict.has(items[index])) throw new Error(`sets ${shown(items[index])} of a dict twice`);
    dict.set(items[index], items[index + 1]);
  }
}

function mention(machine: Machine, module: unknown, name: unknown): void {
  if (typeof module !== "string" || typeof name !== "string") throw new Error("names something by what is no text");
  const full = `${module}.${name}`;
  const rule = machine.rules.globals.get(full);
  if (rule === undefined) throw new Error(`names ${shownGlobal(full)}, which is not allowed`);
  machine.push({ global: full, rule } satisfies PickleName);
}

function mentionFromStack(machine: Machine): void {
  const [module, name] = popped(machine, 2);
  mention(machine, module, name);
}

function reduce(machine: Machine): void {
  const [callee, parameters] = popped(machine, 2);
  if (!isPickleName(callee)) throw new Error("calls something that is no name");
  if (callee.rule.call === undefined) throw new Error(`calls ${callee.global}, which is not allowed`);
  if (!isPickleTuple(parameters)) throw new Error(`calls ${callee.global} with something that is no tuple`);
  const made = callee.rule.call(parameters.tuple);
  const { dropsAttributes = false, takesAttributes } = callee.rule;
  if (typeof made === "object" && made !== null && (dropsAttributes || takesAttributes !== undefined)) {
    machine.builders.set(made, (attributes) => takesAttributes?.(made, attributes));
  }
  machine.push(made);
}

function build(machine: Machine): void {
  const attributes = machine.pop();
  const target = machine.top();
  const take = typeof target === "object" && target !== null ? machine.builders.get(target) : undefined;
  if (take === undefined) throw new Error("sets attributes of something that may have none");
  take(attributes);
}

function recallPersistent(machine: Machine): void {
  const { persistent } = machine.rules;
  if (persistent === undefined) throw new Error("refers to something outside of it");
  machine.push(persistent(machine.pop()));
}

/** Plain where it is plain, else quoted, so that it stays on its line. */
function shownGlobal(name: string): string {
  return /^[\w.]{1,120}$/.test(name) ? name : shown(name);
}
