import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { planEcs } from "../../deploy/watch/ecs.js";
import { parseEcsSpec } from "../../deploy/watch/ecs-spec.js";
import { freePort } from "../support/free-port.js";
import { startHost } from "../support/image-host.js";

/** What ECS would run in the container of a service that listens there. */
function healthCheckOf(port: number): readonly string[] {
  const role = "arn:aws:iam::123456789012:role/look";
  const flags = {
    ...{ "service-name": "look", region: "eu-west-1", "image-uri": "stygig", "artifact-in-image": true },
    ...{ "execution-role-arn": role, "task-role-arn": role, subnet: ["subnet-01234567"], env: [`PORT=${port}`] },
  };
  const spec = parseEcsSpec(flags, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  const task = planEcs(spec.value).find(({ operation }) => operation === "RegisterTaskDefinition")!;
  const [server] = task.input.containerDefinitions as readonly { healthCheck: { command: readonly string[] } }[];
  return server!.healthCheck.command;
}

async function checkedStatus(port: number): Promise<number | null> {
  const [kind, command, ...parameters] = healthCheckOf(port);
  expect(kind).toBe("CMD");
  // Beside this process, which has to answer meanwhile.
  const [exitCode] = await once(spawn(command!, parameters, { stdio: "ignore" }), "close");
  return exitCode;
}

describe("the health check of a service on ECS", () => {
  test.each([
    [200, 0],
    [503, 1],
  ])("takes /ping's %i for %i", async (status, exitCode) => {
    const host = await startHost((_, response) => void response.writeHead(status).end());
    expect(await checkedStatus(host.port)).toBe(exitCode);
    expect(host.seen).toEqual([`GET /ping 127.0.0.1:${host.port}`]);
  });

  test("takes nobody's answer for 1", async () => {
    expect(await checkedStatus(await freePort())).toBe(1);
  });
});
