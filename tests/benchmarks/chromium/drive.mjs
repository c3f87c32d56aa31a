// Chromium as its users drive it, one browser process per session. A line of JSON in, a line of JSON out; times in seconds.
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

// As root Chromium runs without its sandbox only: less work than ours does.
const options = {
  executablePath: "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--window-size=1280,800"],
  defaultViewport: { width: 1280, height: 800 },
};
const held = [];

const timed = async (work) => {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
};

const open = async (url) => {
  const browser = await puppeteer.launch(options);
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: "load" });
  return { browser, page };
};

const commands = {
  // Start, look at a page, take a picture, end.
  async cycle({ url }) {
    return {
      seconds: await timed(async () => {
        const { browser, page } = await open(url);
        await page.screenshot({ type: "png" });
        await browser.close();
      }),
    };
  },
  async hold({ url }) {
    held.push(await open(url));
    return { process: held.at(-1).browser.process().pid };
  },
  async screenshot() {
    return { seconds: await timed(() => held.at(-1).page.screenshot({ type: "png" })) };
  },
  async click({ selector }) {
    return { seconds: await timed(() => held.at(-1).page.click(selector)) };
  },
  async end() {
    await Promise.all(held.splice(0).map(({ browser }) => browser.close()));
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(await commands[command](rest)));
}
