// Runs Lighthouse over the main pages of a running Parley, signed in, and fails where a page scores less than it must.
// Usage: node run.mjs http://127.0.0.1:8080 email password
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as chromeLauncher from "chrome-launcher";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const least = { performance: 90, accessibility: 100, "best-practices": 95 };
const [base, email, password] = process.argv.slice(2);

const signIn = async () => {
  const answer = await fetch(`${base}/signin`, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: base, "Sec-Fetch-Site": "same-origin" },
    body: new URLSearchParams({ email, password }),
  });
  const cookies = answer.headers.getSetCookie().map((c) => c.split(";")[0].split("="));
  if (answer.status !== 303 || cookies.length === 0) throw new Error(`The sign-in was answered with ${answer.status}.`);
  return cookies.map(([name, ...value]) => ({ name, value: value.join("="), url: base }));
};

const cookies = await signIn();
const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROME_PATH,
  userDataDir: mkdtempSync(join(tmpdir(), "parley-lighthouse-")),
  chromeFlags: ["--headless=new", "--no-sandbox"],
});
const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}`, defaultViewport: null });
await (await browser.newPage()).setCookie(...cookies);
let failed = false;
for (const path of ["/", "/inbox", "/contacts", "/templates", "/templates/new", "/notifications", "/settings/users"]) {
  const { lhr } = await lighthouse(base + path, {
    port: chrome.port,
    output: "json",
    logLevel: "error",
    onlyCategories: Object.keys(least),
    disableStorageReset: true, // it would sign out
    formFactor: "desktop",
    screenEmulation: { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1, disabled: false },
    throttlingMethod: "provided",
    // The page's stream of events never ends: the page counts as loaded without it.
    maxWaitForLoad: 8000,
  });
  const scores = Object.entries(least).map(([name, min]) => {
    const score = Math.round((lhr.categories[name].score ?? 0) * 100);
    if (score < min) failed = true;
    return `${name} ${score}${score < min ? ` (at least ${min})` : ""}`;
  });
  console.log(`${path}: ${scores.join(", ")}`);
  for (const audit of Object.values(lhr.audits)) {
    const counts = lhr.categories.accessibility.auditRefs.concat(lhr.categories["best-practices"].auditRefs)
      .some((ref) => ref.id === audit.id && ref.weight > 0);
    if (counts && audit.score !== null && audit.score < 1) {
      const items = (audit.details?.items ?? []).slice(0, 3).map((item) => JSON.stringify(item).slice(0, 300));
      console.log([`  ${audit.id}: ${audit.title}`, ...items].join("\n    "));
    }
  }
}
await browser.disconnect();
await chrome.kill();
process.exit(failed ? 1 : 0);
