import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { projectFolder } from "../support/project-files.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";

const executablePath = process.env.CHROME_BIN ?? "/usr/bin/chromium";

/** Why there is no browser to look with, or null. */
export const browserProblem = existsSync(executablePath)
  ? null
  : `no browser at ${executablePath}; CHROME_BIN names one`;

/** Without a sandbox, which containers do not have, and without calls to its maker. */
const switches = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: switches });
}

/** `stygig serve` as somebody types it, over the demo's catalog, which is drawn where it is not there yet. */
export async function serveSamples(): Promise<Readonly<{ url: string; server: ServerProcess; picture: string }>> {
  const script = new URL(`file://${join(projectFolder, "scripts/sample-artifact.js")}`);
  const { provideSampleArtifact } = (await import(script.href)) as {
    provideSampleArtifact: () => Promise<{ artifact: string; picture: string }>;
  };
  const { artifact, picture } = await provideSampleArtifact();
  const parameters = ["--artifact", join(projectFolder, artifact)];
  const server = startProcess({}, { script: join(projectFolder, "bin/stygig"), parameters });
  const { port } = await server.until("server_listening");
  await server.until("server_ready");
  return { url: `http://127.0.0.1:${port}/`, server, picture: join(projectFolder, picture) };
}

type Looks = Readonly<{ width?: number; height?: number; colorScheme?: "light" | "dark"; reducedMotion?: "reduce" }>;

/** A page of its own and what went wrong on it: errors, messages of the console, breaches of its policy, calls elsewhere. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, ...looks }: Looks = {},
): Promise<Readonly<{ page: Page; problems: string[]; close: () => Promise<void> }>> {
  const context = await browser.newContext({ viewport: { width, height }, ...looks });
  const page = await context.newPage();
  // What a busy machine needs, and less than a test may take: it then says which step it was.
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "log" && message.type() !== "info") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) problems.push(`asks ${request.url()}`);
  });
  await page.addInitScript(`document.addEventListener("securitypolicyviolation", (event) => {
    console.error("the policy forbids " + event.violatedDirective + " " + event.blockedURI);
  })`);
  await page.goto(url);
  await page.waitForSelector(".sample");
  return { page, problems, close: () => context.close() };
}
