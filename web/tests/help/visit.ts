// A visitor: opens the page, notes what it asks for and complains about, and reads it as people do. The
// page forbids code made from text, so everything here waits by locators and never by predicates.
import { readFile } from "node:fs/promises";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
} from "playwright-core";

/** A busy machine simulates slowly; nothing here measures time. */
const PATIENCE = 100_000;

export class Visit {
  /** Addresses of other places that were asked for. */
  readonly foreign: string[] = [];
  /** What the console said: errors, broken policy, failed loads. */
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    address: string,
  ) {
    const { origin } = new URL(address);
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) this.foreign.push(url);
    });
    page.on("console", (message) => {
      // Playwright's own word for `serviceWorkers: "block"`.
      if (message.text().includes("blocked by Playwright")) return;
      if (message.type() === "error" || message.type() === "warning")
        this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  static async begin(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      serviceWorkers: "block",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const visit = new Visit(context, page, address);
    await page.goto(address);
    return visit;
  }

  async end(): Promise<void> {
    await this.context.close();
  }

  get verdict(): Locator {
    return this.page.getByTestId("verdict");
  }

  get trouble(): Locator {
    return this.page.getByTestId("trouble");
  }

  async said(): Promise<string> {
    return (await this.verdict.textContent()) ?? "";
  }

  /** Waits until the page shows the sure answer to what the controls say. */
  async isFinal(): Promise<void> {
    await this.page.locator('[data-stage="final"]').waitFor();
  }

  /** Changes the plan and waits for the sure answer to it. An answer can come faster than a look from outside
   * could see that something moved, so the page itself is told to notice. */
  async change(action: () => Promise<unknown>): Promise<void> {
    const noticed = await this.page.evaluateHandle(() => {
      const moved = new Promise<void>((resolve) => {
        const watch = new MutationObserver(() => {
          if (document.querySelector('[data-stage="final"]')) return;
          watch.disconnect();
          resolve();
        });
        watch.observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      return { moved };
    });
    await action();
    await noticed.evaluate(({ moved }) => moved);
    await this.isFinal();
  }

  slider(name: string): Locator {
    return this.page.getByRole("slider", { name, exact: true });
  }

  async drop(...files: readonly { name: string; text: string }[]): Promise<void> {
    const given = files.map(({ name, text }) => ({
      name,
      mimeType: "text/plain",
      buffer: Buffer.from(text),
    }));
    await this.page.getByTestId("files").setInputFiles(given);
  }

  async openTab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name }).click();
    // What is behind it is loaded once it is wanted.
    const panel = this.page.getByRole("tabpanel", { name });
    await panel.locator("> :nth-child(2)").waitFor({ state: "attached" });
  }

  /** The file that a button hands out. */
  async savedBytes(button: string): Promise<Buffer> {
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.page.getByRole("button", { name: button, exact: true }).click(),
    ]);
    return readFile(await download.path());
  }

  /** The same as text. */
  async saved(button: string): Promise<string> {
    return (await this.savedBytes(button)).toString("utf8");
  }
}
