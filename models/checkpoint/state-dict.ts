import { shown } from "../../src/domain/json-fields.js";
import { isTorchTensor, type TorchTensor } from "./torch-globals.js";

/** Where training programs keep the weights, beside their optimizer and their counters. */
const wrappers = ["state_dict", "model"] as const;
/** What wrapping a model for several devices, or compiling it, puts before every one of its names. */
const namePrefixes = ["module.", "_orig_mod."] as const;

/**
 * The named tensors of what `torch.save` was given: a state dict, or a training checkpoint around one. A prefix goes
 * only where every name has it. Other values beside the tensors (counters, versions) are left out.
 * @throws Error whose message completes "its pickle ...", when it is not clear which tensors are meant.
 */
export function tensorsOfStateDict(saved: unknown): ReadonlyMap<string, TorchTensor> {
  if (!(saved instanceof Map)) throw new Error("holds no state dict: save model.state_dict()");
  const named = [...chosen(saved)].filter((entry): entry is [unknown, TorchTensor] => isTorchTensor(entry[1]));
  const nameless = named.find(([name]) => typeof name !== "string");
  if (nameless !== undefined) throw new Error(`names a tensor ${shown(nameless[0])}, which is no text`);
  return new Map(namePrefixes.reduce(withoutPrefix, named as (readonly [string, TorchTensor])[]));
}

function chosen(saved: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
  const inside = [...saved].filter(([, value]) => holdsTensors(value));
  if (holdsTensors(saved)) {
    const [first] = inside;
    if (first !== undefined) throw new Error(`holds tensors of its own and more of them in ${shown(first[0])}`);
    return saved;
  }
  const found = wrappers.filter((name) => holdsTensors(saved.get(name)));
  if (found.length > 1) throw new Error(`holds tensors both in "state_dict" and in "model"`);
  const [name] = found;
  if (name !== undefined) return saved.get(name) as ReadonlyMap<unknown, unknown>;
  const elsewhere = inside.length === 0 ? "" : `; it has some in ${shown(inside[0]![0])}`;
  throw new Error(`holds no tensors, neither itself nor in "state_dict" or "model"${elsewhere}`);
}

function holdsTensors(value: unknown): boolean {
  return value instanceof Map && [...value.values()].some(isTorchTensor);
}

function withoutPrefix(
  named: readonly (readonly [string, TorchTensor])[],
  prefix: string,
): (readonly [string, TorchTensor])[] {
  const isEverywhere = named.every(([name]) => name.length > prefix.length && name.startsWith(prefix));
  return named.map(([name, tensor]) => [isEverywhere ? name.slice(prefix.length) : name, tensor]);
}
