import { describe, expect, it } from "vitest";
import { createGenerations } from "../../../src/serving/generation.js";

/** Generations that are texts, and which of them have been closed, in order. */
function texts() {
  const closed: string[] = [];
  const generations = createGenerations<string>(async (service) => {
    if (service.startsWith("stuck")) throw new Error(`${service} cannot be closed`);
    closed.push(service);
  });
  return { generations, closed };
}

describe("generations", () => {
  it("begin with none", async () => {
    const { generations, closed } = texts();
    expect([generations.current(), generations.hold(), generations.open()]).toEqual([null, null, 0]);
    await generations.close();
    expect(closed).toEqual([]);
  });

  it("keep what is held open until it is let go, and give newcomers the next one", async () => {
    const { generations, closed } = texts();
    generations.replace("first");
    const [one, two] = [generations.hold()!, generations.hold()!];
    generations.replace("second");
    expect([one.service, generations.hold()?.service, generations.current()]).toEqual(["first", "second", "second"]);
    one.letGo();
    one.letGo();
    expect([closed, generations.open()]).toEqual([[], 2]);
    two.letGo();
    await expect.poll(generations.open).toBe(1);
    expect(closed).toEqual(["first"]);
  });

  it("close one that nobody holds as soon as it is replaced", async () => {
    const { generations, closed } = texts();
    generations.replace("first");
    generations.hold()?.letGo();
    expect(closed).toEqual([]);
    generations.replace("second");
    generations.replace("third");
    await expect.poll(generations.open).toBe(1);
    expect(closed).toEqual(["first", "second"]);
  });

  it("close everything at the end, what is held included, each once", async () => {
    const { generations, closed } = texts();
    generations.replace("first");
    const held = generations.hold()!;
    generations.replace("second");
    expect(generations.close()).toBe(generations.close());
    await generations.close();
    held.letGo();
    expect(closed.sort()).toEqual(["first", "second"]);
  });

  it("close one that comes after the end, and never serve it", async () => {
    const { generations, closed } = texts();
    generations.replace("first");
    await generations.close();
    generations.replace("late");
    await expect.poll(generations.open).toBe(0);
    expect([generations.current(), closed]).toEqual(["first", ["first", "late"]]);
  });

  it("say at the end that one could not be closed, and close the others all the same", async () => {
    const { generations, closed } = texts();
    generations.replace("stuck");
    generations.replace("second");
    await expect(generations.close()).rejects.toThrow("stuck cannot be closed");
    expect([closed, generations.open()]).toEqual([["second"], 0]);
  });
});
