// What browser tests stand on: for all tests of a file one browser and the built page on loopback.
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launch } from "./chromium.ts";
import { type Site, serve } from "./server.ts";
import { Visit } from "./visit.ts";

interface Options extends BrowserContextOptions {
  /** What to open, the page's own address where nothing is said. */
  readonly at?: string;
  /** Whether the visitor stays for all tests of the file. */
  readonly stays?: boolean;
}

export interface Stage {
  /** Of the page; ends with a slash. Known once tests run. */
  readonly address: string;
  /** A new visitor, who leaves when the test ends unless asked to stay. */
  visit(options?: Options): Promise<Visit>;
}

/** Sets up the browser and the page for the tests of the file that calls it. */
export function setStage(): Stage {
  let browser: Browser | undefined;
  let site: Site | undefined;
  const visits: Visit[] = [];
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), serve()]);
  });
  afterEach(async () => {
    await Promise.all(visits.splice(0).map((visit) => visit.end()));
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  const ready = () => {
    if (!browser || !site) throw new Error("the stage is set when tests run, not before");
    return { browser, site };
  };
  return {
    get address() {
      return ready().site.address;
    },
    async visit({ at = ready().site.address, stays = false, ...options } = {}) {
      const visit = await Visit.begin(ready().browser, at, options);
      if (!stays) visits.push(visit);
      return visit;
    },
  };
}
