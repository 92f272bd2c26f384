export type Instruction = Readonly<{ keyword: string; text: string }>;
export type Stage = Readonly<{ name: string; base: string; instructions: readonly Instruction[] }>;

/** The stages of a Dockerfile in order: comments gone, continued lines joined, the ARGs before the first FROM filled in. */
export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const defaults = new Map<string, string>();
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, keyword, rest] = /^(\w+)\s+(.*)$/.exec(line.trim())!;
    if (keyword === "FROM") {
      const [, base, name] = /^(\S+) AS (\S+)$/.exec(rest!)!;
      const filled = base!.replace(/\$\{(\w+)\}/g, (_whole, argument: string) => defaults.get(argument)!);
      stages.push({ name: name!, base: filled, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push({ keyword: keyword!, text: rest! });
    else defaults.set(...(rest!.split("=") as [string, string]));
  }
  return stages;
}

/** What follows one keyword in a stage, in order. */
export function textsOf({ instructions }: Stage, keyword: string): readonly string[] {
  return instructions.filter((each) => each.keyword === keyword).map(({ text }) => text);
}

/** The variables that a stage sets. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    textsOf(stage, "ENV").flatMap((text) => text.split(/\s+/).map((pair) => pair.split("=") as [string, string])),
  );
}

/** What a stage copies, as `[source, target]`, from the build context or from another stage. */
export function copiesOf(stage: Stage): readonly Readonly<{ from: string | null; source: string; target: string }>[] {
  return textsOf(stage, "COPY").flatMap((text) => {
    const [, from, paths] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(text)!;
    const words = paths!.split(/\s+/);
    return words.slice(0, -1).map((source) => ({ from: from ?? null, source, target: words.at(-1)! }));
  });
}
