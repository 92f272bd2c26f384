import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { startOwnServer } from "../support/contract-target.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { freePort } from "../support/free-port.js";
import { startHost } from "../support/image-host.js";
import { startObjectStore } from "../support/object-store.js";
import { platformEnvironment } from "../support/platform-environment.js";
import { runStygig } from "../support/run-stygig.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
let url = "";
let folder = "";
let image = "";
beforeAll(async () => {
  ({ url } = await startOwnServer());
  folder = await aFolder();
  image = join(folder, "look.png");
  await writeFile(image, picture);
});

/** An endpoint `looks` before this server, and the variables with which a command finds it. */
async function aPlatform(endpoints = { looks: { blue: url } }) {
  const store = await startObjectStore(["sagemaker-output", "pictures"]);
  const front = await startEndpointFront({ endpoints, store });
  return { front, store, env: platformEnvironment(front, store) };
}

function invoke(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runStygig(["invoke", ...parameters], "", { env, folder });
}

describe("stygig invoke sync", () => {
  it("shows an answer of a server as a table", async () => {
    const { exitCode, stdout } = await invoke(["sync", "--url", url, "--image", image, "--top-k", "2"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("RGB(200, 30, 40)");
    expect(stdout).toMatch(/│ 2 +│/);
    expect(stdout).not.toMatch(/│ 3 +│/);
    expect(stdout).toMatch(/#[0-9a-f]{6}/);
  });

  it("prints an endpoint's answer as JSON, five suggestions where nothing is said, as V4", async () => {
    const { env, front } = await aPlatform();
    const { exitCode, stdout } = await invoke(["sync", "--endpoint-name", "looks", "--image", image, "--json"], env);
    expect(exitCode).toBe(0);
    const reply = JSON.parse(stdout);
    expect(reply.query_item.dominant_color_rgb).toEqual([200, 30, 40]);
    expect(front.calls[0]!.headers).toMatchObject({ "x-amzn-sagemaker-custom-attributes": "top_k=5" });
  });

  it("takes a picture from S3, and the endpoint from the file that V4's scripts wrote", async () => {
    const { env, store } = await aPlatform();
    store.objects.set("pictures/a.png", { bytes: Buffer.from(picture), contentType: "image/png" });
    const own = await aFolder();
    await writeFile(join(own, "endpoint_info.json"), '{"endpoint_name":"looks"}');
    const parameters = ["invoke", "sync", "--s3-image", "s3://pictures/a.png", "--json"];
    const { exitCode, stdout } = await runStygig(parameters, "", { env, folder: own });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).query_item.dominant_color_rgb).toEqual([200, 30, 40]);
  });

  it("writes a page that needs nothing else, and the JSON beside it", async () => {
    const page = join(folder, "new/page.html");
    const { exitCode, stderr } = await invoke(["sync", "--url", url, "--image", image, "--save-visual", page]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`wrote ${page}`) });
    const html = await readFile(page, "utf8");
    const reply = JSON.parse(await readFile(page.replace(".html", ".json"), "utf8"));
    expect(html).toContain(Buffer.from(picture).toString("base64"));
    for (const row of reply.recommendations) expect(html).toContain(row.item_id);
    expect(html.match(/(src|href)="(?!data:)/g)).toBeNull();
  });

  it("names the page by the time where it is not named", async () => {
    const { exitCode, stderr } = await invoke(["sync", "--url", url, "--image", image, "--save-visual"]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/wrote test_results\/recommendations_\d{8}-\d{6}\.html/);
  });

  it.each([
    ["an error of the service", ["--image", "broken.png"], /^stygig: image_undecodable \(422\): /m],
    ["a file that is not there", ["--image", "none.png"], /^stygig: none\.png cannot be read \(ENOENT\)$/m],
  ])("fails with one line for %s", async (_what, parameters, line) => {
    await writeFile(join(folder, "broken.png"), "no picture");
    const { exitCode, stdout, stderr } = await invoke(["sync", "--url", url, ...parameters]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(line);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("fails where nobody listens, after as many tries as said", async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, stderr } = await invoke(["sync", "--url", address, "--image", image, "--attempts", "1"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: no_answer: .*ECONNREFUSED/);
  });

  it("unwraps what the model behind an endpoint says", async () => {
    const { env } = await aPlatform();
    const { exitCode, stderr } = await invoke(["sync", "--endpoint-name", "looks", "--item-id", "nobody"], env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: item_unknown \(422\): The catalog has no item with this id/m);
  });

  it("ends at Ctrl-C while it waits for the answer", async () => {
    const silent = await startHost(() => {});
    const parameters = ["invoke", "sync", "--url", `http://127.0.0.1:${silent.port}`, "--image", image];
    const running = runStygig(parameters, "", {
      onStart: async (child) => {
        await expect.poll(() => silent.seen.length).toBe(1);
        child.kill("SIGINT");
      },
    });
    expect(await running).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("interrupted") });
  });

  it.each([
    [["sync"], ["give --url or --endpoint-name", "give exactly one of --image, --s3-image and --item-id"]],
    [["sync", "--url", "localhost:8080", "--item-id", "a"], ["localhost:8080"]],
    [["sync", "--url", "http://a", "--endpoint-name", "b", "--item-id", "a"], ["give either --url or --endpoint-name"]],
    [["sync", "--endpoint-name", "a_b", "--item-id", "a"], ["neither http://host:port nor an endpoint's name"]],
    [["sync", "--endpoint-name", "http://a", "--item-id", "a"], ["is no endpoint's name"]],
    [["sync", "--url", "http://a", "--image", "b", "--item-id", "a"], ["give exactly one"]],
    [["sync", "--url", "http://a", "--s3-image", "b"], ["no s3://bucket/key"]],
    [["sync", "--url", "http://a", "--item-id", "a", "--variant", "b"], ["--variant goes with --endpoint-name"]],
    [["sync", "--url", "http://a", "--item-id", "a", "--top-k", "0"], ["whole number of at least 1"]],
    [["async", "--item-id", "a"], ["give --endpoint-name"]],
    [["async", "--endpoint-name", "a", "--item-id", "a", "--input-folder", "x"], ["no s3://bucket/folder"]],
    [["async", "--output-location", "x"], ["--output-location: x is no s3://bucket/key"]],
  ])("%j is a wrong use", async (parameters, lines) => {
    const { exitCode, stdout, stderr } = await invoke(parameters);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const line of lines) expect(stderr).toContain(line);
  });

  it("says that no region is named, and asks nobody", async () => {
    const env = { AWS_REGION: "", AWS_DEFAULT_REGION: "", AWS_CONFIG_FILE: join(folder, "none"), AWS_PROFILE: "" };
    const { exitCode, stderr } = await invoke(["sync", "--endpoint-name", "looks", "--item-id", "a"], env);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no region is named: give --region or set AWS_REGION");
  });
});

describe("stygig invoke async", () => {
  it("asks, waits and answers", async () => {
    const { env, store } = await aPlatform();
    const large = join(folder, "large.png");
    await writeFile(large, Buffer.concat([picture, Buffer.alloc(200_000)]));
    const flags = ["--input-folder", "s3://pictures/asked", "--top-k", "3", "--json"];
    const { exitCode, stdout } = await invoke(["async", "--endpoint-name", "looks", "--image", large, ...flags], env);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).recommendations).toHaveLength(3);
    expect([...store.objects.keys()].filter((key) => key.startsWith("pictures/asked/"))).toHaveLength(1);
  });

  it("leaves a picture where it lies in S3", async () => {
    const { env, front, store } = await aPlatform();
    store.objects.set("pictures/a.png", { bytes: Buffer.from(picture), contentType: "image/png" });
    const flags = ["--s3-image", "s3://pictures/a.png", "--json"];
    const { exitCode, stdout } = await invoke(["async", "--endpoint-name", "looks", ...flags], env);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).query_item.dominant_color_rgb).toEqual([200, 30, 40]);
    expect(front.calls).toMatchObject([{ bodyBytes: 0 }]);
  });

  it("hands a question in now and fetches its answer later", async () => {
    const { env } = await aPlatform();
    const flags = ["--endpoint-name", "looks", "--image", image, "--no-wait"];
    const asked = await invoke(["async", ...flags], env);
    expect(asked.exitCode).toBe(0);
    const { outputLocation, failureLocation } = JSON.parse(asked.stdout);
    const places = ["--output-location", outputLocation, "--failure-location", failureLocation];
    const { exitCode, stdout } = await invoke(["async", ...places, "--json"], env);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).query_item.dominant_color_rgb).toEqual([200, 30, 40]);
  });

  it("fails with the endpoint's own text", async () => {
    const { env } = await aPlatform();
    const { exitCode, stderr } = await invoke(["async", "--endpoint-name", "looks", "--item-id", "nobody"], env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: model_failed \(422\): .*item_unknown/m);
  });

  it("gives up at its deadline", async () => {
    const silent = await startHost(() => {});
    const { env } = await aPlatform({ looks: { blue: `http://127.0.0.1:${silent.port}` } });
    const flags = ["--endpoint-name", "looks", "--image", image, "--deadline-s", "1"];
    const { exitCode, stderr } = await invoke(["async", ...flags], env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/async_timed_out: no answer within 1 s; it may still come to s3:/);
  });
});
