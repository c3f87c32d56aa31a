// Reads otpauth URIs, one a line, and answers {secret, code, remaining} of each as one line of JSON: an authenticator app.
import readline from "node:readline";
import otplib from "otplib";

const { authenticator } = otplib;
for await (const line of readline.createInterface({ input: process.stdin })) {
  const uri = new URL(line);
  const ask = uri.searchParams;
  authenticator.options = { digits: Number(ask.get("digits")), step: Number(ask.get("period")), algorithm: ask.get("algorithm").toLowerCase() };
  const secret = ask.get("secret");
  process.stdout.write(JSON.stringify({ secret, issuer: ask.get("issuer"), label: decodeURIComponent(uri.pathname.replace(/^\/+(totp\/)?/, "")),
    code: authenticator.generate(secret), remaining: authenticator.timeRemaining() }) + "\n");
}
