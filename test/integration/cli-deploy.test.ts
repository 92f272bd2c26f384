import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { startObjectStore, testIdentity } from "../support/object-store.js";
import { parseLines, runStygig } from "../support/run-stygig.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

// The commands as somebody types them: AWS over the wire, and behind the endpoint's name the built server itself.

let artifact: string;
let server: ServerProcess;
let serverUrl: string;
let aws: FakeAws;

beforeAll(async () => {
  artifact = await writeTinyArtifact(await aFolder(), {});
  server = startProcess({ STYGIG_MODEL_DIR: artifact });
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  serverUrl = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server.child.kill("SIGKILL");
  await Promise.all([server.ended, aws.close()]);
});
beforeEach(async () => {
  await aws?.close();
  aws = await startFakeAws();
  aws.world.images.set("stygig:0.1.0-cpu", `sha256:${"a".repeat(64)}`);
  aws.world.objects.set("models/look.tar.gz", "0123456789abcdef");
});

const stygig = async (...args: readonly string[]) => {
  const store = await startObjectStore(["sagemaker-output"]);
  const front = await startEndpointFront({ endpoints: { look: { AllTraffic: serverUrl } }, store });
  return runStygig(args, "", {
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: front.sdk.endpoint,
      AWS_ENDPOINT_URL_S3: store.sdk.endpoint,
      AWS_ACCESS_KEY_ID: testIdentity.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testIdentity.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      // Nothing of the machine's own settings.
      ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent", AWS_REGION: "us-east-1" },
      SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look",
    },
  });
};
const what = ["--endpoint-name", "look", "--model-uri", "s3://models/look.tar.gz", "--instance-type", "ml.c7i.xlarge"];
const sync = (...more: readonly string[]) => stygig("deploy", "sync", ...what, ...more);
const serving = () => aws.script({ status: "InService" });

describe("stygig deploy sync", () => {
  it("deploys, sees that the answers are the artifact's, and changes nothing the second time", async () => {
    serving();
    const first = await sync("--artifact", artifact);
    expect([first.exitCode, first.stdout]).toEqual([
      0,
      expect.stringMatching(/^look is in service on look-[0-9a-f]{8}: \d+ made, 0 changed, 0 as before\n$/),
    ]);
    expect(first.stderr).toContain("verified: 4 answers are those of the artifact\n");
    expect(first.stderr).toContain("stygig deploy teardown --endpoint-name look --region us-east-1\n");
    const changes = aws.changes().length;
    const second = await sync("--no-verify", "--json");
    expect(JSON.parse(second.stdout)).toMatchObject({ kind: "done", made: [], changed: [], differences: [] });
    expect(aws.changes()).toHaveLength(changes);
  });

  it("says where another artifact answers behind the endpoint", async () => {
    serving();
    const other = await writeTinyArtifact(await aFolder(), { preprocess: "clip-fast-56" });
    const { exitCode, stderr } = await sync("--artifact", other);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/another answer than the artifact's: item \S+: preprocess is /);
    expect(stderr).toContain("`stygig deploy rollback` goes back");
  });

  it("fails with AWS's reason and leaves nothing behind", async () => {
    aws.script({ status: "Failed", reason: "No capacity of ml.c7i.xlarge" });
    const { exitCode, stdout, stderr } = await sync();
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("stygig: failed at CreateEndpoint look look-");
    expect(stderr).toContain("No capacity of ml.c7i.xlarge; `stygig deploy logs`");
    expect([aws.world.models.size, aws.world.configs.size, aws.world.endpoints.size]).toEqual([0, 0, 0]);
  });

  it("is refused before anything is made when the image or the artifact is not there", async () => {
    aws.world.images.clear();
    const { exitCode, stderr } = await sync();
    expect([exitCode, aws.changes()]).toEqual([1, []]);
    expect(stderr).toMatch(/^stygig: --image-uri \S+ is not in the repository: `stygig deploy image`[^\n]*\n$/);
  });

  it("ends with 130 and nothing left when it is interrupted", async () => {
    aws.script(...Array(50).fill({ status: "Creating" }));
    const running = runStygigUntilCreating();
    expect((await running).exitCode).toBe(130);
    expect(aws.changes().filter((name) => name.startsWith("Delete")).length).toBeGreaterThan(0);
    expect([aws.world.models.size, aws.world.configs.size, aws.world.endpoints.size]).toEqual([0, 0, 0]);
  });

  function runStygigUntilCreating() {
    return runStygig(["deploy", "sync", ...what], "", {
      env: {
        ...{
          AWS_ENDPOINT_URL: aws.url,
          AWS_REGION: "us-east-1",
          SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look",
        },
        ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
      },
      onStart: async (child) => {
        await expect.poll(() => aws.world.endpoints.size, { timeout: 30_000 }).toBe(1);
        child.kill("SIGINT");
        // Putting things back waits until the endpoint rests.
        await expect.poll(() => aws.world.endpoints.get("look")?.moments.length ?? 0).toBeLessThan(50);
        aws.world.endpoints.get("look")?.moments.splice(0, 50, { status: "InService" });
      },
    });
  }

  it("says in one line that nobody is signed in", async () => {
    aws.fail("DescribeImages", { name: "ExpiredTokenException", message: "The security token is expired" });
    const { exitCode, stderr } = await sync();
    expect([exitCode, stderr]).toEqual([
      1,
      "stygig: ExpiredTokenException: The security token is expired; sign in, as with `aws sso login` or AWS_PROFILE\n",
    ]);
  });
});

it("stygig deploy async sees that the answers in S3 are the artifact's", async () => {
  serving();
  const { exitCode, stderr } = await stygig(
    ...["deploy", "async", ...what, "--s3-output-path", "s3://results/looks", "--artifact", artifact],
  );
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining("verified: 4 answers are those of the artifact\n")]);
});

describe("stygig deploy rollback and teardown", () => {
  it("go back, and take everything away", async () => {
    for (const level of ["info", "debug"]) {
      serving();
      expect((await sync("--no-verify", "--env", `STYGIG_LOG_LEVEL=${level}`)).exitCode).toBe(0);
    }
    serving();
    const back = await stygig("deploy", "rollback", "--endpoint-name", "look");
    expect([back.exitCode, back.stdout]).toEqual([
      0,
      expect.stringMatching(/^look is in service on look-[0-9a-f]{8}\n$/),
    ]);
    const shown = await stygig("deploy", "teardown", "--endpoint-name", "look", "--dry-run");
    expect(shown.stdout.trim().split("\n").at(-1)).toMatch(/^sagemaker DeleteModel look-/);
    expect(aws.changes().filter((name) => name.startsWith("Delete"))).toEqual([]);
    const gone = await stygig("deploy", "teardown", "--endpoint-name", "look");
    expect([gone.exitCode, gone.stdout]).toEqual([0, expect.stringMatching(/^\d+ things deleted, 0 left\n$/)]);
    expect(gone.stderr).toContain("kept: /aws/sagemaker/Endpoints/look: what the containers printed\n");
    const again = await stygig("deploy", "teardown", "--endpoint-name", "look", "--delete-logs", "--json");
    expect(parseLines(JSON.stringify(JSON.parse(again.stdout)))[0].left).toEqual([]);
  });

  it("say in one line what is missing", async () => {
    const { exitCode, stderr } = await stygig("deploy", "rollback", "--endpoint-name", "look");
    expect([exitCode, stderr]).toEqual([1, "stygig: there is no endpoint look\n"]);
    const usage = await stygig("deploy", "teardown", "--timeout-minutes", "0");
    expect(usage.exitCode).toBe(2);
    expect(usage.stderr).toContain("--endpoint-name is missing");
  });
});
